//! The kinds of exchanges that are logged, each in a file of its own.

use std::{fmt, str::FromStr};

/// What an exchange was about.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Kind {
    /// Chat completions.
    Chat,
    /// Completions of a text.
    Completion,
    /// Embeddings.
    Embedding,
    /// Transcriptions and translations of speech.
    Whisper,
    /// OpenAI's Responses API.
    Responses,
    /// Anthropic's Messages API.
    Messages,
    /// Anything else that a general route passes on.
    General,
}

impl Kind {
    /// All of them.
    pub const ALL: [Kind; 7] = [
        Kind::Chat,
        Kind::Completion,
        Kind::Embedding,
        Kind::Whisper,
        Kind::Responses,
        Kind::Messages,
        Kind::General,
    ];

    /// Its name, which is also that of its folder and of its file without `.log`.
    pub fn name(self) -> &'static str {
        match self {
            Kind::Chat => "chat",
            Kind::Completion => "completion",
            Kind::Embedding => "embedding",
            Kind::Whisper => "whisper",
            Kind::Responses => "responses",
            Kind::Messages => "messages",
            Kind::General => "general",
        }
    }

    /// Bytes after which its file is set aside, as openai-forward does it.
    pub fn default_rotation(self) -> u64 {
        match self {
            Kind::Embedding => 100_000_000,
            Kind::Whisper => 30_000_000,
            _ => 50_000_000,
        }
    }
}

impl fmt::Display for Kind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

/// No kind has this name.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("no kind of log has this name")]
pub struct UnknownKind;

impl FromStr for Kind {
    type Err = UnknownKind;

    fn from_str(name: &str) -> Result<Self, UnknownKind> {
        Kind::ALL.into_iter().find(|kind| kind.name() == name).ok_or(UnknownKind)
    }
}
