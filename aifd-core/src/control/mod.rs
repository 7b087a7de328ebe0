//! What an administrator can ask of a gateway, running or not: one set of requests and answers, and one `apply`.
//!
//! A running server answers on its control socket (`server`, `client`); without one the store is opened (`reach`).

mod administration;
mod apply;
mod cache;
mod client;
mod flusher;
mod keys;
mod reach;
mod server;
mod socket;
#[cfg(test)]
mod tests;
mod usage;

pub use crate::cache::{CacheEntry, CacheFilter, Counted, EntryFault};
pub(crate) use administration::Administration;
pub(crate) use apply::apply;
pub use cache::{
    CacheAnswer, CacheFreed, CacheModelStats, CacheRequest, CacheRow, CacheStats, CacheVerified,
};
pub(crate) use flusher::Flusher;
pub use reach::{Admin, ReachError};
pub(crate) use server::ControlServer;
pub use server::ControlStartError;

use crate::{
    config::Level,
    key::{ForwardKey, KeyChange, KeyDraft, KeyHash, KeyId, KeyQuotas, KeySource, KeyState, Masked},
    secret::Secret,
};
use chrono::{DateTime, NaiveDate, Utc};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// The form of requests and answers; a command and a server that differ in it refuse each other.
pub const PROTOCOL: u32 = 1;

/// How a key is named: by its id or, where it has one, its name.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct KeyName(pub String);

/// What is asked.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(tag = "ask", rename_all = "snake_case")]
pub enum Request {
    /// Every key, those of the configuration included, oldest first.
    ListKeys,
    /// One key.
    ShowKey {
        /// Which.
        key: KeyName,
    },
    /// New keys: all of them, or none.
    CreateKeys {
        /// What they shall be.
        drafts: Vec<KeyDraft>,
    },
    /// Keys that were exported with their hashes: all of them, or none.
    RestoreKeys {
        /// What was exported.
        export: KeyExport,
    },
    /// A change to keys: to all of them, or none.
    ChangeKeys {
        /// Which.
        keys: Vec<KeyName>,
        /// What shall change.
        change: KeyChange,
    },
    /// A new secret for a key.
    RotateKey {
        /// Which.
        key: KeyName,
        /// How long the old secret stays good, in seconds; 0: it ends at once.
        grace_s: u64,
        /// The new secret; `None`: a random one is made.
        secret: Option<Secret>,
    },
    /// Keys to be forgotten: all of them, or none.
    DeleteKeys {
        /// Which.
        keys: Vec<KeyName>,
    },
    /// Every key of the store, with what it takes to restore them.
    ExportKeys,
    /// Requests and tokens of keys.
    Usage {
        /// The first day (UTC).
        since: Option<NaiveDate>,
        /// The last day (UTC).
        until: Option<NaiveDate>,
        /// Of this key alone.
        key: Option<KeyName>,
        /// Of models that this pattern matches alone.
        model: Option<String>,
    },
    /// How the server does.
    Status,
    /// Something of the cache.
    Cache(CacheRequest),
}

/// What is answered.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(tag = "answer", content = "value", rename_all = "snake_case")]
pub enum Response {
    /// To [`Request::ListKeys`], [`Request::ShowKey`], [`Request::ChangeKeys`], [`Request::DeleteKeys`] and
    /// [`Request::RestoreKeys`]: the keys as they are now, or were when they were deleted.
    Keys(Vec<KeyView>),
    /// To [`Request::CreateKeys`] and [`Request::RotateKey`]: the only time that a secret is shown.
    Created(Vec<CreatedKey>),
    /// To [`Request::ExportKeys`].
    Export(KeyExport),
    /// To [`Request::Usage`], by day, key and model.
    Usage(Vec<UsageRow>),
    /// To [`Request::Status`].
    Status(Box<Status>),
    /// To [`Request::Cache`].
    Cache(CacheAnswer),
}

/// What goes over the control socket in answer.
#[derive(Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
enum Answer {
    /// It was done.
    Ok(Response),
    /// It was not.
    Error(ControlError),
}

impl From<Result<Response, ControlError>> for Answer {
    fn from(done: Result<Response, ControlError>) -> Self {
        done.map_or_else(Answer::Error, Answer::Ok)
    }
}

impl From<Answer> for Result<Response, ControlError> {
    fn from(answer: Answer) -> Self {
        match answer {
            Answer::Ok(response) => Ok(response),
            Answer::Error(error) => Err(error),
        }
    }
}

/// A key as it is shown.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct KeyView {
    /// Its id.
    pub id: KeyId,
    /// Its name.
    pub name: String,
    /// Its secret, masked.
    pub key: Masked,
    /// Where it was made.
    pub source: KeySource,
    /// Whether it can be used now.
    pub state: KeyState,
    /// Its level.
    pub level: Level,
    /// Model patterns; empty: what the level allows.
    pub models: Vec<String>,
    /// Route prefixes; empty: all.
    pub routes: Vec<String>,
    /// Its own quotas.
    pub quotas: KeyQuotas,
    /// When it ends.
    pub expires: Option<DateTime<Utc>>,
    /// Whether it is switched on.
    pub enabled: bool,
    /// Whatever was noted of it.
    pub metadata: BTreeMap<String, String>,
    /// When it was made; `None` for one of the configuration.
    pub created: Option<DateTime<Utc>>,
    /// When it was last used.
    pub last_used: Option<DateTime<Utc>>,
    /// Until when the secret before the last rotation is good.
    pub previous_until: Option<DateTime<Utc>>,
}

/// A key that was made or rotated, with its secret.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct CreatedKey {
    /// The key.
    pub key: KeyView,
    /// Its secret, shown this once.
    pub secret: Secret,
}

/// Every key of a store, and the keys of their hashes: what it takes to restore them elsewhere.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct KeyExport {
    /// The form of this export; 1.
    pub version: u32,
    /// The key under which the secrets are hashed.
    pub hash_key: KeyHash,
    /// Further keys under which secrets are hashed: those of stores that keys were restored from.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub other_hash_keys: Vec<KeyHash>,
    /// The keys.
    pub keys: Vec<ForwardKey>,
}

/// What a key used of a model on a day.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct UsageRow {
    /// The day (UTC).
    pub day: NaiveDate,
    /// The key's id.
    pub key: KeyId,
    /// The key's name; its id where it is gone.
    pub name: String,
    /// The model as it was asked for; `-` where a request named none.
    pub model: String,
    /// Requests that were let through to the upstream.
    pub requests: u64,
    /// Of these, those that ended with a status of 400 or more, or broke off.
    pub errors: u64,
    /// Tokens of prompts.
    pub prompt_tokens: u64,
    /// Tokens of answers.
    pub completion_tokens: u64,
    /// Both.
    pub total_tokens: u64,
    /// Requests whose answers told no usage, so that their tokens are not among these.
    pub without_usage: u64,
}

/// How a running server does.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Status {
    /// The server's version.
    pub version: String,
    /// Its process.
    pub pid: u32,
    /// Where it listens.
    pub address: String,
    /// When it started.
    pub started: DateTime<Utc>,
    /// Seconds since then.
    pub uptime_s: u64,
    /// Its routes, in the order of the configuration.
    pub routes: Vec<RouteStatus>,
    /// Requests since the start.
    pub requests: RequestCounts,
    /// How often the gateway itself answered with an error, be it a limit's or another, by its code.
    pub refused: BTreeMap<String, u64>,
    /// The upstream keys.
    pub upstream_keys: Vec<UpstreamKeyStatus>,
    /// The chat logs; `None` where nothing is logged.
    #[serde(default)]
    pub logs: Option<LogStatus>,
    /// The store; `None` where the server runs without one.
    pub store: Option<StoreStatus>,
}

/// The chat logs of a running server.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct LogStatus {
    /// Their folder.
    pub dir: String,
    /// Lines written since the start.
    pub lines: u64,
    /// Lines lost since the start, since they could not be written for too long.
    pub lost: u64,
    /// Events of streams that could not be read since the start: what they said is missing in the lines of their exchanges.
    #[serde(default)]
    pub unread_events: u64,
    /// Bytes that wait to be made lines of.
    pub waiting_bytes: u64,
    /// Files that cannot be written now.
    pub failing: Vec<FailingLog>,
}

/// A chat log that cannot be written.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct FailingLog {
    /// Its path.
    pub path: String,
    /// Since when.
    pub since: DateTime<Utc>,
    /// What the system says.
    pub why: String,
    /// Bytes of lines that are kept until it can be written again.
    pub held_bytes: u64,
}

/// A route of a running server.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct RouteStatus {
    /// Its prefix.
    pub route: String,
    /// Where it leads.
    pub base_url: String,
    /// Requests since the start.
    pub requests: u64,
}

/// Requests since the start.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct RequestCounts {
    /// All, those under way included.
    pub total: u64,
    /// Under way.
    pub in_flight: u64,
    /// Streamed answers among those under way.
    pub streams: u64,
    /// Ended with a status below 400.
    pub succeeded: u64,
    /// Ended with a status of 400 to 499.
    pub client_errors: u64,
    /// Ended with a status of 500 or more, or broke off.
    pub server_errors: u64,
    /// The caller left before the end.
    pub cancelled: u64,
}

/// An upstream key of a running server.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct UpstreamKeyStatus {
    /// The key, masked.
    pub key: Masked,
    /// The route that it is for alone; `None`: for all without keys of their own.
    pub route: Option<String>,
    /// The levels that it serves.
    pub levels: Vec<Level>,
    /// Until when it is set aside; `None`: it serves.
    pub set_aside_until: Option<DateTime<Utc>>,
    /// Why it is set aside.
    pub reason: Option<String>,
}

/// The store of a running server.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct StoreStatus {
    /// Its folder.
    pub path: String,
    /// Bytes on disk.
    pub bytes: u64,
    /// Keys in it.
    pub keys: u64,
}

/// Why a request was not done.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, thiserror::Error)]
#[serde(tag = "error", rename_all = "snake_case")]
pub enum ControlError {
    /// No key has this id or name.
    #[error("no key is called `{name}`")]
    NoSuchKey {
        /// The name.
        name: String,
    },
    /// The key is one of the configuration.
    #[error("the key `{name}` stands in the configuration, which alone can change it")]
    Configured {
        /// The name.
        name: String,
    },
    /// A name is taken.
    #[error("another key is called `{name}`{}", At(.index))]
    NameTaken {
        /// The name.
        name: String,
        /// Which draft, from 0, where there are several.
        index: Option<usize>,
    },
    /// A secret is another key's already.
    #[error("this secret is that of another key (`{name}`){}", At(.index))]
    SecretTaken {
        /// The other key's name.
        name: String,
        /// Which draft, from 0, where there are several.
        index: Option<usize>,
    },
    /// A value is out of its bounds.
    #[error("{field}: {why}{}", At(.index))]
    Invalid {
        /// The field.
        field: String,
        /// What is wrong with it.
        why: String,
        /// Which draft, from 0, where there are several.
        index: Option<usize>,
    },
    /// The store cannot be read or written.
    #[error("the store {path}: {why}")]
    Store {
        /// Its folder.
        path: String,
        /// What is wrong with it.
        why: String,
    },
    /// The server runs without a store.
    #[error("the server runs without a store, so it has no keys but those of the configuration")]
    NoStore,
    /// The other side speaks another form.
    #[error(
        "the server is version {server} and speaks another control protocol ({theirs}; this command: {ours})"
    )]
    Version {
        /// The server's version.
        server: String,
        /// The server's protocol.
        theirs: u32,
        /// The command's protocol.
        ours: u32,
    },
    /// The server is there, and did not answer.
    #[error("the server on {path} did not answer: {why}")]
    Unanswered {
        /// The folder of the store.
        path: String,
        /// What happened instead.
        why: String,
    },
    /// Only a running server can answer.
    #[error("no server is running on {path}")]
    NotRunning {
        /// The folder of the store.
        path: String,
    },
}

struct At<'a>(&'a Option<usize>);

impl std::fmt::Display for At<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        self.0.map_or(Ok(()), |index| write!(f, " (entry {})", index + 1))
    }
}
