//! `aifd logs`: the clap types of its commands.

use super::facts::Facts;
use aifd_log::{Kind, stats::Label};
use clap::{Args, Subcommand, ValueEnum, ValueHint};
use std::path::PathBuf;

pub(super) const LOGS_HELP: &str = "Without PATH, the logs of all routes and kinds below log.dir are read (./Log). A folder means all logs below it,\n\
    rotated and compressed ones too; `-` is standard input. Logs of openai-forward are understood as well: they tell less.\n\
    Times are those of the log, UIDs may be cut short, and the request id of an answer (req_…) names its exchange too.";

const STATS_HELP: &str = "`--json` prints an array of objects, `--csv` the same columns:\n  \
    day, key, model, route, status\n                    \
                      null where --by leaves it out; - or null where the log does not tell it\n  \
    exchanges         requests and what came of them\n  \
    failed            of these, those with a status of 400 or more, or broken off\n  \
    cancelled         those whose callers left before the end\n  \
    prompt_tokens, completion_tokens, total_tokens\n  \
    without_usage     exchanges of which the log tells no tokens (UNKNOWN in the table)\n  \
    latency_ms, latency_p50_ms, latency_p95_ms\n                    \
                      to the end of the answer: average, median and the time that 95 % stay\n                    \
                      within, both to 1 %\n  \
    ttft_ms, ttft_p50_ms, ttft_p95_ms\n                    \
                      the same to its first byte";

const GREP_HELP: &str = "The texts of messages, answers, reasoning, tool calls and errors are searched line by line, as they were said: not\n\
    as the log escapes them. Exits with 1 where nothing matches.\n\
    `--json` prints a line for each line that matches: uid, datetime, role, line, and matches, an array of\n\
    the first byte of each match and the one behind it.";

/// `aifd logs`.
#[derive(Args, Debug)]
#[command(arg_required_else_help = true)]
pub(crate) struct Logs {
    #[command(subcommand)]
    pub(crate) command: LogsCommand,
}

/// Commands about chat logs.
#[derive(Debug, Subcommand)]
pub(crate) enum LogsCommand {
    /// Show the newest exchanges, a line each, and those to come
    Tail(Tail),
    /// Show all of one exchange
    Show(ShowExchange),
    /// Count exchanges, failures, tokens and times
    #[command(after_long_help = STATS_HELP)]
    Stats(Stats),
    /// Search what was said
    #[command(after_long_help = GREP_HELP)]
    Grep(Grep),
}

/// Which logs are read.
#[derive(Args, Debug, Default)]
pub(crate) struct Where {
    /// Logs, or folders of them [default: log.dir of the configuration]
    #[arg(value_name = "PATH", value_hint = ValueHint::AnyPath)]
    pub(crate) paths: Vec<PathBuf>,
    /// Configuration file [default: $AIFD_CONFIG, ./aifd.yaml, ./openai-forward-config.yaml]
    #[arg(long, value_name = "FILE", value_hint = ValueHint::FilePath)]
    pub(crate) config: Option<PathBuf>,
}

/// Which exchanges are meant.
#[derive(Args, Debug, Default)]
#[command(next_help_heading = "Selection")]
pub(crate) struct Choice {
    #[command(flatten)]
    pub(crate) facts: Facts,
    /// Of these kinds alone: chat, completion, embedding, whisper, responses, messages, general
    #[arg(long, value_name = "KIND", value_delimiter = ',')]
    pub(crate) kind: Vec<Kind>,
}

/// Flags of `aifd logs tail`.
#[derive(Args, Debug)]
pub(crate) struct Tail {
    #[command(flatten)]
    pub(crate) place: Where,
    /// How many exchanges
    #[arg(long, short = 'n', value_name = "COUNT", default_value_t = 10)]
    pub(crate) number: usize,
    /// Go on with those to come, also when files are rotated, deleted or made, until Ctrl-C
    #[arg(long, short)]
    pub(crate) follow: bool,
    /// Print each exchange whole, as a line of JSON
    #[arg(long)]
    pub(crate) json: bool,
    #[command(flatten)]
    pub(crate) choice: Choice,
}

/// Flags of `aifd logs show`.
#[derive(Args, Debug)]
pub(crate) struct ShowExchange {
    /// Its uid, the first digits of that, or its request id (req_…)
    #[arg(value_name = "UID", value_hint = ValueHint::Other)]
    pub(crate) uid: String,
    #[command(flatten)]
    pub(crate) place: Where,
    /// Print JSON
    #[arg(long)]
    pub(crate) json: bool,
}

/// Flags of `aifd logs stats`.
#[derive(Args, Debug)]
pub(crate) struct Stats {
    #[command(flatten)]
    pub(crate) place: Where,
    /// What to sum by
    #[arg(long, value_name = "WHAT", value_enum, value_delimiter = ',', default_value = "key,model")]
    pub(crate) by: Vec<StatsBy>,
    /// Print JSON instead of a table
    #[arg(long)]
    pub(crate) json: bool,
    /// Print CSV instead of a table
    #[arg(long, conflicts_with = "json")]
    pub(crate) csv: bool,
    #[command(flatten)]
    pub(crate) choice: Choice,
}

/// What exchanges are summed by.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum StatsBy {
    /// Each day apart
    Day,
    /// Each key apart
    Key,
    /// Each model apart
    Model,
    /// Each route apart
    Route,
    /// Each status apart
    Status,
}

impl StatsBy {
    pub(crate) fn label(self) -> Label {
        match self {
            StatsBy::Day => Label::Day,
            StatsBy::Key => Label::Key,
            StatsBy::Model => Label::Model,
            StatsBy::Route => Label::Route,
            StatsBy::Status => Label::Status,
        }
    }
}

/// Flags of `aifd logs grep`.
#[derive(Args, Debug)]
pub(crate) struct Grep {
    /// Regular expression that is looked for, as Rust's regex crate understands it
    #[arg(value_name = "PATTERN", value_hint = ValueHint::Other)]
    pub(crate) pattern: String,
    #[command(flatten)]
    pub(crate) place: Where,
    /// Capitals and small letters are the same
    #[arg(long, short)]
    pub(crate) ignore_case: bool,
    /// The pattern is a text
    #[arg(long, short = 'F')]
    pub(crate) fixed_strings: bool,
    /// In what these said alone
    #[arg(long, value_name = "ROLE", value_enum, value_delimiter = ',')]
    pub(crate) role: Vec<SaidBy>,
    /// Print only how many exchanges match
    #[arg(long, short, conflicts_with_all = ["uids", "json"])]
    pub(crate) count: bool,
    /// Print only the uids of the exchanges that match
    #[arg(long, short = 'l', conflicts_with = "json")]
    pub(crate) uids: bool,
    /// Print JSON lines
    #[arg(long)]
    pub(crate) json: bool,
    #[command(flatten)]
    pub(crate) choice: Choice,
}

/// Who said something.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum SaidBy {
    /// Who asks; also what was sent that is no conversation
    User,
    /// The model
    Assistant,
    /// Instructions, also those of the role `developer`
    System,
    /// Results of tools
    Tool,
    /// Errors that were answered
    Error,
}

impl SaidBy {
    pub(crate) fn name(self) -> &'static str {
        match self {
            SaidBy::User => "user",
            SaidBy::Assistant => "assistant",
            SaidBy::System => "system",
            SaidBy::Tool => "tool",
            SaidBy::Error => "error",
        }
    }
}

#[cfg(test)]
mod tests {
    use crate::cli::{Cli, Command};
    use clap::Parser;

    fn logs(line: &str) -> Option<String> {
        let line = ["aifd", "logs"].into_iter().chain(line.split_whitespace());
        match Cli::try_parse_from(line).ok()?.command {
            Some(Command::Logs(arguments)) => Some(format!("{arguments:?}")),
            _ => None,
        }
    }

    #[test]
    fn what_makes_no_sense_is_refused() {
        for line in [
            "tail -n 3 -f a b --kind chat,messages --json",
            "grep -ciF x a",
            "stats --by day --csv",
            "show u a",
        ] {
            assert!(logs(line).is_some(), "{line}");
        }
        for line in [
            "",
            "tail -n x",
            "tail --kind chats",
            "show",
            "stats --by week",
            "stats --json --csv",
            "grep",
            "grep x -cl",
            "grep x --role nobody",
            "tail --since soon",
        ] {
            assert_eq!(logs(line), None, "{line}");
        }
    }
}
