//! Chats on standard output (`print_chat`), by a thread of their own: a reader that does not read must not hold up logs.

use std::{
    io::{self, Write},
    sync::mpsc::{Receiver, Sender, SyncSender, channel, sync_channel},
    time::Duration,
};

/// Batches of chats that wait for the reader; further ones are not shown.
const MAX_WAITING: usize = 64;

/// How long a stop waits for the reader.
const PATIENCE: Duration = Duration::from_secs(1);

/// The running thread. Dropped, it shows what is left, if that is read soon.
pub(crate) struct Chats {
    queue: Option<SyncSender<String>>,
    ended: Receiver<()>,
}

impl Chats {
    /// # Errors
    /// The system has no thread left.
    pub(crate) fn start() -> io::Result<Self> {
        let (queue, waiting) = sync_channel(MAX_WAITING);
        let (end, ended) = channel();
        aifd_core::tasks::thread("aifd-chats", move || show(&waiting, end))?;
        Ok(Chats { queue: Some(queue), ended })
    }

    /// What shows a chat.
    pub(crate) fn printer(&self) -> impl FnMut(&str) + Send + 'static {
        let queue = self.queue.clone();
        move |chats| {
            // Full: nobody reads. They are in the log, if there is one.
            if let Some(queue) = &queue {
                let _ = queue.try_send(chats.to_owned());
            }
        }
    }
}

impl Drop for Chats {
    fn drop(&mut self) {
        drop(self.queue.take());
        // Whether it ended or is stuck, this is all that is waited.
        let _ = self.ended.recv_timeout(PATIENCE);
    }
}

/// Dropping the sender tells that this has ended.
fn show(waiting: &Receiver<String>, _end: Sender<()>) {
    while let Ok(chats) = waiting.recv() {
        let mut out = io::stdout().lock();
        if out.write_all(chats.as_bytes()).and_then(|()| out.flush()).is_err() {
            return;
        }
    }
}
