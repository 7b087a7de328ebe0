//! Command lines of the binary under test.

use crate::{Process, settings};
use std::{
    collections::BTreeMap,
    ffi::{OsStr, OsString},
    fmt,
    io::{self, Write},
    os::unix::process::CommandExt,
    path::{Path, PathBuf},
    process::{Command, Stdio},
};

/// One call of the binary, with a cleared environment.
#[derive(Clone, Debug)]
pub struct Aifd {
    directory: PathBuf,
    arguments: Vec<OsString>,
    environment: BTreeMap<OsString, OsString>,
    input: Option<Vec<u8>>,
}

impl Aifd {
    pub(crate) fn new<S: AsRef<OsStr>>(directory: &Path, arguments: impl IntoIterator<Item = S>) -> Self {
        let own = |(name, value): (&str, &Path)| (OsString::from(name), value.as_os_str().to_owned());
        Aifd {
            directory: directory.to_owned(),
            arguments: arguments.into_iter().map(|argument| argument.as_ref().to_owned()).collect(),
            environment: [("HOME", directory), ("TMPDIR", directory), ("XDG_RUNTIME_DIR", directory)]
                .map(own)
                .into(),
            input: None,
        }
    }

    /// Adds an argument.
    pub fn arg(mut self, argument: impl AsRef<OsStr>) -> Self {
        self.arguments.push(argument.as_ref().to_owned());
        self
    }

    /// Adds arguments.
    pub fn args<S: AsRef<OsStr>>(mut self, arguments: impl IntoIterator<Item = S>) -> Self {
        self.arguments.extend(arguments.into_iter().map(|argument| argument.as_ref().to_owned()));
        self
    }

    /// Sets a variable.
    pub fn env(mut self, name: impl AsRef<OsStr>, value: impl AsRef<OsStr>) -> Self {
        self.environment.insert(name.as_ref().to_owned(), value.as_ref().to_owned());
        self
    }

    /// Runs it in another directory.
    pub fn within(mut self, directory: impl Into<PathBuf>) -> Self {
        self.directory = directory.into();
        self
    }

    /// Gives it this to read through a pipe.
    ///
    /// # Panics
    /// When it is more than a pipe holds.
    pub fn input(mut self, text: impl Into<Vec<u8>>) -> Self {
        let text = text.into();
        assert!(text.len() <= 4096, "every pipe holds so much, and this is {} bytes", text.len());
        self.input = Some(text);
        self
    }

    /// Starts it and goes on.
    pub fn start(&self) -> Process {
        let mut command = Command::new(binary());
        // Usage lines name the program as it was called.
        command.arg0("aifd").args(&self.arguments).current_dir(&self.directory);
        command.env_clear().envs(&self.environment);
        let stdin = self.input.as_ref().map_or_else(Stdio::null, |text| {
            let (reader, mut writer) = io::pipe().expect("a pipe");
            writer.write_all(text).expect("room in the pipe");
            reader.into()
        });
        Process::start(command, stdin)
    }

    /// Runs it to its end.
    pub fn run(&self) -> Output {
        let (status, stdout, stderr) = self.start().finish();
        Output {
            status: status.code(),
            stdout: stdout.text(),
            stderr: stderr.text(),
            directory: self.directory.clone(),
        }
    }
}

/// What a command did.
#[derive(Clone, Debug)]
pub struct Output {
    /// The exit code; `None` after a signal.
    pub status: Option<i32>,
    /// What it printed.
    pub stdout: String,
    /// What it said.
    pub stderr: String,
    directory: PathBuf,
}

impl Output {
    /// Compares exit code and both outputs with the snapshot `name`, the sandbox's path replaced by `[DIR]`.
    #[track_caller]
    pub fn assert_snapshot(&self, name: &str) {
        let mut settings = settings();
        settings.set_snapshot_path("../it/snapshots");
        settings.bind(|| insta::assert_snapshot!(name, self));
    }
}

impl fmt::Display for Output {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let status = self.status.map_or_else(|| "signal".to_owned(), |status| status.to_string());
        let text = format!("exit: {status}\n--- stdout\n{}\n--- stderr\n{}", self.stdout, self.stderr);
        f.write_str(&text.replace(&*self.directory.to_string_lossy(), "[DIR]"))
    }
}

/// The binary under test: `AIFD_TEST_BINARY`, else the one that cargo built beside the running test.
pub fn binary() -> PathBuf {
    crate::told("AIFD_TEST_BINARY").map_or_else(
        || {
            let test = std::env::current_exe().expect("the path of the test");
            test.ancestors().nth(2).expect("the profile's folder").join("aifd-under-test")
        },
        PathBuf::from,
    )
}
