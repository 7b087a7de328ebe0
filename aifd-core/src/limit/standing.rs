//! How a caller stands with its limits: what a success tells, and what a refusal tells.

use super::quota::Quota;
use std::{sync::Arc, time::Duration};

/// How a quota stands after what was counted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Standing {
    /// What the quota allows in its period.
    pub limit: u64,
    /// What is left of it.
    pub remaining: u64,
    /// Until it stands better: the window ends, or its oldest event leaves it.
    pub reset: Duration,
}

impl Standing {
    /// The one with less remaining, then with the later reset.
    pub(super) fn tightest(one: Option<Standing>, other: Option<Standing>) -> Option<Standing> {
        let (Some(a), Some(b)) = (one, other) else { return one.or(other) };
        let looser = b.remaining > a.remaining || (b.remaining == a.remaining && b.reset <= a.reset);
        Some(if looser { a } else { b })
    }
}

/// Why one list of quotas refused.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Refusal {
    pub(super) quota: Quota,
    pub(super) standing: Standing,
    pub(super) retry_after: Duration,
    pub(super) never: bool,
}

/// A quota that refused a request.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("Rate limit exceeded: {}", quota.sentence())]
pub struct Exceeded {
    /// The quota.
    pub quota: Quota,
    /// What it counts.
    pub counted: Counted,
    /// Whose it is.
    pub whose: Whose,
    /// How it stands. For requests nothing remains; of tokens there may be some, but fewer than were asked for.
    pub standing: Standing,
    /// How long until as much as was asked for would pass: at least a millisecond.
    pub retry_after: Duration,
    /// More was asked for than the whole quota, or it allows nothing: waiting does not help, and `retry_after` is the
    /// period.
    pub never: bool,
}

impl Exceeded {
    pub(super) fn new(counted: Counted, whose: Whose, refusal: Refusal) -> Self {
        let Refusal { quota, standing, retry_after, never } = refusal;
        Exceeded { quota, counted, whose, standing, retry_after, never }
    }
}

/// What a quota counts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Counted {
    /// Requests.
    Requests,
    /// Tokens of prompts and answers.
    Tokens,
}

/// Whose limit it is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Whose {
    /// That of the entry for this path, as it stands in the configuration.
    Route(Arc<str>),
    /// That of all paths without one of their own, or of all callers together.
    Global,
    /// The forward key's own.
    Key,
}

/// Too many requests are under way.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("Too many requests at once: {limit} are allowed")]
pub struct Crowded {
    /// How many may be under way at once.
    pub limit: u32,
    /// Whose bound it is.
    pub whose: Whose,
}
