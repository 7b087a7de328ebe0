//! Chat logs of aifd: what their lines say, how they are written, and where they lie.

pub mod convert;
pub mod exchange;
mod folder;
pub mod follow;
mod kind;
pub mod line;
pub mod literal;
pub mod media;
pub mod pair;
pub mod pattern;
pub mod record;
pub mod redact;
pub mod rotation;
pub mod search;
pub mod select;
mod settings;
pub mod source;
pub mod stats;
pub mod writer;

pub use folder::{FolderName, folder_name};
pub use kind::{Kind, UnknownKind};
pub use settings::{LineFormat, LogSettings, Media, RotationSize};
