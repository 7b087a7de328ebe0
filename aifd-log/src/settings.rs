//! What is logged of exchanges, where, and what becomes of old files.

use crate::{
    Kind,
    redact::Redactions,
    rotation::{Keep, Packing},
};
use std::path::PathBuf;

/// What is logged, and where.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LogSettings {
    /// Chats, completions and embeddings of OpenAI-style routes are logged.
    pub openai: bool,
    /// Requests of general routes are logged.
    pub general: bool,
    /// Chats are also printed for people to read.
    pub print_chat: bool,
    /// Folder that holds one folder per route.
    pub dir: PathBuf,
    /// How a line looks.
    pub format: LineFormat,
    /// What becomes of images and sound within messages.
    pub media: Media,
    /// Bytes of a body that are logged at most; what a longer one has beyond is left out, and said so.
    pub max_body: usize,
    /// The size before which a file is set aside.
    pub rotate_size: RotationSize,
    /// Whether a file is set aside with the first line of each day, in the time zone of the log.
    pub rotate_daily: bool,
    /// Which rotated files are kept.
    pub keep: Keep,
    /// How rotated files are compressed.
    pub packing: Packing,
    /// What is cut out before anything is written.
    pub redact: Redactions,
}

/// How a line of a chat log looks.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum LineFormat {
    /// Python literals, as openai-forward writes them: a line for the request and one for the answer.
    #[default]
    Python,
    /// One JSON object for each exchange.
    Json,
}

/// What becomes of images, sound and files that a message holds in base64.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Media {
    /// They are logged as they are.
    #[default]
    Keep,
    /// Their digest and size are logged in their place.
    Digest,
}

/// The size after which a file is set aside.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum RotationSize {
    /// That of openai-forward for the kind of log: [`Kind::default_rotation`].
    #[default]
    OfKind,
    /// This many bytes.
    Bytes(u64),
    /// Never.
    Unbounded,
}

impl RotationSize {
    /// In bytes for one kind of log; `None`: unbounded.
    pub fn bytes(self, kind: Kind) -> Option<u64> {
        match self {
            RotationSize::OfKind => Some(kind.default_rotation()),
            RotationSize::Bytes(bytes) => Some(bytes),
            RotationSize::Unbounded => None,
        }
    }
}
