//! Chat logs of aifd: where they lie and how their lines look.

mod folder;

pub use folder::{FolderName, folder_name};

use std::path::PathBuf;

/// What is logged of chats, and where.
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
}

/// How a line of a chat log looks.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum LineFormat {
    /// Python literals, as openai-forward writes them.
    #[default]
    Python,
    /// One JSON object a line.
    Json,
}
