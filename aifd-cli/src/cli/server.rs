//! `aifd usage`, `aifd status`, and where both and `aifd keys` find the store.

use super::value;
use chrono::NaiveDate;
use clap::{Args, ValueEnum, ValueHint};
use std::path::PathBuf;

/// Where the store and the running server are.
#[derive(Args, Clone, Debug, Default)]
pub(crate) struct Place {
    /// Configuration file [default: $AIFD_CONFIG, ./aifd.yaml, ./openai-forward-config.yaml]
    #[arg(long, short, global = true, value_name = "FILE", value_hint = ValueHint::FilePath)]
    pub(crate) config: Option<PathBuf>,
    /// Folder of the store and of the control socket [default: data_dir of the configuration, ./.aifd]
    #[arg(long, global = true, alias = "data_dir", value_name = "DIR", value_hint = ValueHint::DirPath)]
    pub(crate) data_dir: Option<String>,
}

pub(super) const USAGE_HELP: &str = "Days are of UTC. `--json` prints an array of objects, `--csv` the same columns:\n  \
    day            2027-01-31; null where --by leaves it out, as are the next\n  \
    key, name      the key's id, and what it is called\n  \
    model          the model asked for; - where a request named none\n  \
    requests       requests that were let through to the upstream\n  \
    errors         of these, those with a status of 400 or more, or broken off\n  \
    prompt_tokens, completion_tokens, total_tokens\n  \
    without_usage  requests whose answers told no usage, so that their tokens are\n                 \
                   missing (UNKNOWN in the table)";

/// Flags of `aifd usage`.
#[derive(Args, Debug)]
pub(crate) struct Usage {
    #[command(flatten)]
    pub(crate) place: Place,
    /// First day, as a date or as how long ago: 2027-01-31, 7d
    #[arg(long, value_name = "DAY", value_parser = value::day)]
    pub(crate) since: Option<NaiveDate>,
    /// Last day
    #[arg(long, value_name = "DAY", value_parser = value::day)]
    pub(crate) until: Option<NaiveDate>,
    /// Of this key alone: its id or name
    #[arg(long, value_name = "KEY")]
    pub(crate) key: Option<String>,
    /// Of models that this pattern matches alone: gpt-4o*
    #[arg(long, value_name = "PATTERN")]
    pub(crate) model: Option<String>,
    /// What to sum by
    #[arg(long, value_name = "WHAT", value_enum, value_delimiter = ',', default_value = "key,model")]
    pub(crate) by: Vec<By>,
    /// Print JSON instead of a table
    #[arg(long)]
    pub(crate) json: bool,
    /// Print CSV instead of a table
    #[arg(long, conflicts_with = "json")]
    pub(crate) csv: bool,
}

/// What usage is summed by.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum By {
    /// Each day apart
    Day,
    /// Each key apart
    Key,
    /// Each model apart
    Model,
}

pub(super) const STATUS_HELP: &str = "Exits with 1 where no server runs. `--json` prints an object:\n  \
    running        whether a server runs; if not, only data_dir is beside it\n  \
    version, pid, address, started, uptime_s\n  \
    routes         array of route, base_url, requests\n  \
    requests       total, in_flight, streams, succeeded, client_errors,\n                 \
                   server_errors, cancelled\n  \
    refused        how often the gateway itself answered with an error, be it of a\n                 \
                   limit or another, by its code\n  \
    upstream_keys  array of key (masked), route, levels, set_aside_until, reason\n  \
    store          path, bytes, keys; null where the server runs without one";

/// Flags of `aifd status`.
#[derive(Args, Debug)]
pub(crate) struct Status {
    #[command(flatten)]
    pub(crate) place: Place,
    /// Print JSON instead of tables
    #[arg(long)]
    pub(crate) json: bool,
}
