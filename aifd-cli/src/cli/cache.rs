//! `aifd cache`: the clap types of its commands.

use super::{
    server::Place,
    value::{size, span},
};
use chrono::TimeDelta;
use clap::{Args, Subcommand, ValueHint};
use std::path::PathBuf;

pub(super) const CACHE_HELP: &str = "The running server is asked; where none runs, the cache on disk is opened.\n\
    An answer is named by its key, or as many of its first digits as no other one has.";

const STATS_HELP: &str = "`--json` prints an object:\n  \
    entries, bytes             what is kept, and what it takes on disk\n  \
    memory_entries, _bytes     what of it is in memory now\n  \
    hits, misses, hit_ratio    requests since the cache was made or emptied\n  \
    saved_prompt_tokens, saved_completion_tokens\n                             \
    what no upstream had to read or write, as the answers say\n  \
    saved_money                what that would have cost, by cache.prices\n  \
    stored, refused, evicted, expired, unwritten\n                             \
    since the server started: answers that were kept; were not whole; went\n                             \
    for others; had their time; could not be written\n  \
    by_model                   hits, misses and tokens by route and model";

const EXPORT_HELP: &str = "One JSON object a line: key, variant, stored, expires, route, method, path, kind, model, status, headers,\n\
    timing of a recorded stream (microseconds and bytes of each piece), request, and body (or body_base64).\n\
    The file can be read, reviewed and committed; `aifd cache import` puts it in again.";

/// `aifd cache`.
#[derive(Args, Debug)]
#[command(arg_required_else_help = true)]
pub(crate) struct Cache {
    #[command(flatten)]
    pub(crate) place: Place,
    #[command(subcommand)]
    pub(crate) command: CacheCommand,
}

/// Commands about the cache.
#[derive(Debug, Subcommand)]
pub(crate) enum CacheCommand {
    /// Show what the cache holds, and how much it saved
    #[command(after_long_help = STATS_HELP)]
    Stats(Output),
    /// List answers
    List(ListAnswers),
    /// Show one answer and its request
    Show(ShowAnswer),
    /// Forget answers: all of them, or those that the filters take
    Purge(Purge),
    /// Read every answer, and forget those that are damaged
    Verify(Output),
    /// Give back the room on disk that forgotten answers took
    Compact(Output),
    /// Write answers to a file
    #[command(after_long_help = EXPORT_HELP)]
    Export(ExportAnswers),
    /// Put answers in that were exported
    Import(ImportAnswers),
}

/// How a command prints.
#[derive(Args, Debug)]
pub(crate) struct Output {
    /// Print JSON
    #[arg(long)]
    pub(crate) json: bool,
}

/// Which answers are meant.
#[derive(Args, Debug, Default)]
#[command(next_help_heading = "Selection")]
pub(crate) struct Filter {
    /// Of this model alone: gpt-4o*
    #[arg(long, value_name = "PATTERN")]
    pub(crate) model: Option<String>,
    /// Of this route alone: its prefix
    #[arg(long, value_name = "PREFIX")]
    pub(crate) route: Option<String>,
    /// Stored at least so long ago: 7d
    #[arg(long, value_name = "SPAN", value_parser = span)]
    pub(crate) older_than: Option<TimeDelta>,
    /// Stored at most so long ago: 1h
    #[arg(long, value_name = "SPAN", value_parser = span)]
    pub(crate) newer_than: Option<TimeDelta>,
    /// Of so many bytes at least: 1MB
    #[arg(long, value_name = "SIZE", value_parser = size)]
    pub(crate) larger_than: Option<u64>,
    /// Of so many bytes at most
    #[arg(long, value_name = "SIZE", value_parser = size)]
    pub(crate) smaller_than: Option<u64>,
    /// With this text in the request or the answer
    #[arg(long, value_name = "TEXT")]
    pub(crate) contains: Option<String>,
}

/// Flags of `aifd cache list`.
#[derive(Args, Debug)]
pub(crate) struct ListAnswers {
    #[command(flatten)]
    pub(crate) filter: Filter,
    #[command(flatten)]
    pub(crate) output: Output,
}

/// Flags of `aifd cache show`.
#[derive(Args, Debug)]
pub(crate) struct ShowAnswer {
    /// Key of the answer, or its first digits
    pub(crate) key: String,
    #[command(flatten)]
    pub(crate) output: Output,
}

/// Flags of `aifd cache purge`.
#[derive(Args, Debug)]
pub(crate) struct Purge {
    /// Keys of answers, or their first digits; without any and without a filter, all
    #[arg(value_name = "KEY")]
    pub(crate) keys: Vec<String>,
    #[command(flatten)]
    pub(crate) filter: Filter,
    /// Only tell what would go
    #[arg(long)]
    pub(crate) dry_run: bool,
    #[command(flatten)]
    pub(crate) output: Output,
}

/// Flags of `aifd cache export`.
#[derive(Args, Debug)]
pub(crate) struct ExportAnswers {
    /// File to write; `-` is standard output
    #[arg(value_name = "FILE", value_hint = ValueHint::FilePath)]
    pub(crate) file: PathBuf,
    #[command(flatten)]
    pub(crate) filter: Filter,
    /// Replace an existing file
    #[arg(long, short)]
    pub(crate) force: bool,
}

/// Flags of `aifd cache import`.
#[derive(Args, Debug)]
pub(crate) struct ImportAnswers {
    /// File to read; `-` is standard input
    #[arg(value_name = "FILE", value_hint = ValueHint::FilePath)]
    pub(crate) file: PathBuf,
}
