//! A child process whose output is read line by line, and which does not outlive the test.

use crate::wait::PATIENCE;
use parking_lot::{Condvar, Mutex};
use rustix::process::{Pid, PidfdFlags, Signal, pidfd_open, pidfd_send_signal};
use std::{
    fmt,
    io::{BufRead, BufReader, Read},
    os::fd::OwnedFd,
    process::{Command, ExitStatus, Stdio},
    sync::Arc,
    thread::JoinHandle,
};
use tokio::sync::Notify;

/// A running child process. Dropping it kills it and waits for its end.
pub struct Process {
    pid: u32,
    handle: OwnedFd,
    exit: Arc<Exit>,
    stdout: Lines,
    stderr: Lines,
    threads: Vec<JoinHandle<()>>,
}

#[derive(Default)]
struct Exit {
    status: Mutex<Option<ExitStatus>>,
    ended: Condvar,
    notify: Notify,
}

impl Process {
    /// Starts a command with its output piped.
    pub fn start(mut command: Command, stdin: Stdio) -> Self {
        command.stdin(stdin).stdout(Stdio::piped()).stderr(Stdio::piped());
        let mut child = command.spawn().unwrap_or_else(|error| panic!("cannot start {command:?}: {error}"));
        // The child is not reaped before this handle exists, so a signal never reaches a stranger.
        let pid = Pid::from_child(&child);
        let handle = pidfd_open(pid, PidfdFlags::empty()).expect("a handle of the child");
        let (stdout, stderr) = (Lines::default(), Lines::default());
        let mut threads = vec![
            stdout.read_from(child.stdout.take().expect("stdout is piped")),
            stderr.read_from(child.stderr.take().expect("stderr is piped")),
        ];
        let exit = Arc::new(Exit::default());
        let ended = exit.clone();
        let pid = child.id();
        threads.push(std::thread::spawn(move || {
            let status = child.wait().expect("the child's status");
            *ended.status.lock() = Some(status);
            ended.ended.notify_all();
            ended.notify.notify_waiters();
        }));
        Process { pid, handle, exit, stdout, stderr, threads }
    }

    /// Its process id.
    pub fn pid(&self) -> u32 {
        self.pid
    }

    /// What it printed.
    pub fn stdout(&self) -> &Lines {
        &self.stdout
    }

    /// What it said.
    pub fn stderr(&self) -> &Lines {
        &self.stderr
    }

    /// Sends SIGTERM.
    pub fn terminate(&self) {
        self.signal(Signal::TERM);
    }

    /// Sends SIGINT.
    pub fn interrupt(&self) {
        self.signal(Signal::INT);
    }

    fn signal(&self, signal: Signal) {
        // The only failure is that it has ended already.
        let _ = pidfd_send_signal(&self.handle, signal);
    }

    /// Whether it still runs.
    pub fn running(&self) -> bool {
        self.exit.status.lock().is_none()
    }

    /// Waits for its end and that of its output.
    pub async fn ended(&self) -> ExitStatus {
        let status = self.exited().await;
        for lines in [&self.stdout, &self.stderr] {
            lines.find("the end of the output", |_| None::<()>).await;
        }
        status
    }

    async fn exited(&self) -> ExitStatus {
        crate::within("the process to end", async {
            loop {
                let notified = self.exit.notify.notified();
                tokio::pin!(notified);
                notified.as_mut().enable();
                if let Some(status) = *self.exit.status.lock() {
                    return status;
                }
                notified.await;
            }
        })
        .await
    }

    /// Waits for its end and that of its output, blocking.
    pub(crate) fn finish(mut self) -> (ExitStatus, Lines, Lines) {
        let mut status = self.exit.status.lock();
        if status.is_none() && self.exit.ended.wait_for(&mut status, PATIENCE).timed_out() {
            drop(status);
            panic!("the command did not end; it said:\n{}", self.stderr);
        }
        let status = status.expect("it has ended");
        for thread in std::mem::take(&mut self.threads) {
            thread.join().expect("a reader of the child's output");
        }
        (status, self.stdout.clone(), self.stderr.clone())
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        if self.running() {
            self.signal(Signal::KILL);
        }
        for thread in std::mem::take(&mut self.threads) {
            drop(thread.join());
        }
    }
}

/// Lines of output as they come. Clones share them.
#[derive(Clone, Default)]
pub struct Lines(Arc<Shared>);

#[derive(Default)]
struct Shared {
    state: Mutex<State>,
    changed: Notify,
}

#[derive(Default)]
struct State {
    text: String,
    closed: bool,
}

impl Lines {
    fn read_from(&self, source: impl Read + Send + 'static) -> JoinHandle<()> {
        let lines = self.clone();
        std::thread::spawn(move || {
            let mut source = BufReader::new(source);
            let mut line = Vec::new();
            while source.read_until(b'\n', &mut line).is_ok_and(|read| read > 0) {
                lines.0.state.lock().text.push_str(&String::from_utf8_lossy(&line));
                lines.0.changed.notify_waiters();
                line.clear();
            }
            lines.0.state.lock().closed = true;
            lines.0.changed.notify_waiters();
        })
    }

    /// All of it so far.
    pub fn text(&self) -> String {
        self.0.state.lock().text.clone()
    }

    /// The first complete line, past or to come, in which `find` finds something; `None` when the output ends first.
    pub async fn find<T>(&self, what: &str, find: impl Fn(&str) -> Option<T>) -> Option<T> {
        crate::within(what, async {
            loop {
                let notified = self.0.changed.notified();
                tokio::pin!(notified);
                notified.as_mut().enable();
                let (found, closed) = {
                    let state = self.0.state.lock();
                    let complete = state.text.rfind('\n').map_or("", |end| &state.text[..end]);
                    (complete.lines().find_map(&find), state.closed)
                };
                if found.is_some() || closed {
                    return found;
                }
                notified.await;
            }
        })
        .await
    }

    /// Waits for a line that contains `text`.
    ///
    /// # Panics
    /// When none comes.
    pub async fn line_with(&self, text: &str) -> String {
        let what = format!("a line with `{text}`");
        let found = self.find(&what, |line| line.contains(text).then(|| line.to_owned())).await;
        found.unwrap_or_else(|| panic!("no line with `{text}` in:\n{self}"))
    }
}

impl fmt::Display for Lines {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0.state.lock().text)
    }
}
