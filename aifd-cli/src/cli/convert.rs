//! `aifd convert`: its clap types.

use super::{facts::Facts, value};
use aifd_log::{
    convert::{Format as Dataset, openai},
    exchange,
    pattern::Pattern,
    select::{self, Split},
};
use clap::{Args, ValueEnum, ValueHint};
use std::path::PathBuf;

pub(super) const CONVERT_HELP: &str = "Without PATH, the chats of every OpenAI-style route of the configuration are converted: LOG_DIR/PREFIX/chat\n\
    to LOG_DIR/chat_PREFIX.json, as openai-forward does it. Two PATHs without --output are a folder and the\n\
    file to write. A file takes its place only when it is whole; folders on the way are made.\n\
    \n\
    Formats:\n  \
    openai-forward  openai-forward's array of its eight fields, with tool calls, contents and\n                  \
                    nulls as JSON, and what it loses added (--compat: as it wrote them)\n  \
    jsonl           a line for each exchange, with all that is known; the lines of log.format: jsonl\n  \
    openai          fine-tuning: messages with the answer last, tools, weight; weights that\n                  \
                    such a file gives stay as they are\n  \
    sharegpt        LLaMA-Factory's conversations, with function_call and observation\n  \
    alpaca          LLaMA-Factory's instruction, output and history; texts alone\n  \
    csv             a table; messages and tools as JSON\n  \
    parquet         a folder as the Hugging Face hub has it: data/train-00000-of-00001.parquet,\n                  \
                    zstd, and a dataset card\n  \
    log             openai-forward's log lines, for the way back\n\
    From openai to parquet, what has no whole answer is left out unless --end says otherwise.\n\
    \n\
    `--json` prints an array, with an object for each conversion:\n  \
    from, to           paths; to is an array of path, part (of a split) and exchanges\n  \
    read, written      exchanges\n  \
    unpaired_requests, unpaired_answers, other (lines that are no chats), malformed,\n  \
    unfinished         lines; faults is an array of file, line and reason of 100 at most\n  \
    not_selected, duplicates, not_sampled\n  \
    left_out, lost     objects: exchanges that the format cannot hold, and of how many it\n                     \
                       cannot hold all, by what";

/// Flags of `aifd convert`; the spellings of openai-forward (`--log_folder`, `--target_path`) are understood too.
#[derive(Args, Debug)]
pub(crate) struct Convert {
    /// Logs or datasets, folders of them, or `-` for standard input
    #[arg(value_name = "PATH", value_hint = ValueHint::AnyPath)]
    pub(crate) paths: Vec<PathBuf>,
    /// File to write, or folder for parquet; `-` is standard output
    #[arg(long, short, visible_alias = "target-path", alias = "target_path", value_name = "PATH")]
    #[arg(value_hint = ValueHint::AnyPath)]
    pub(crate) output: Option<PathBuf>,
    /// Folder of the logs, as openai-forward names it
    #[arg(long, alias = "log_folder", value_name = "DIR", value_hint = ValueHint::DirPath, conflicts_with = "paths")]
    pub(crate) log_folder: Option<PathBuf>,
    #[command(flatten)]
    pub(crate) file: super::File,
    /// What is written
    #[arg(long, short, value_enum, value_name = "FORMAT", default_value = "openai-forward")]
    pub(crate) format: Format,
    /// What is read
    #[arg(long, value_enum, value_name = "FORMAT", default_value = "auto")]
    pub(crate) from: From,
    /// Write what openai-forward writes, byte for byte, with what it loses lost
    #[arg(long)]
    pub(crate) compat: bool,
    /// Which answers of logs fine-tuning files give weight to: the last of each conversation, or all
    #[arg(long, value_enum, value_name = "WHICH", default_value = "last")]
    pub(crate) weight: Weight,
    /// Size at which a further Parquet file begins: 500MB
    #[arg(long, value_name = "SIZE", value_parser = value::size, default_value = "500MB")]
    pub(crate) shard_size: u64,
    /// Malformed lines are an error: nothing is written
    #[arg(long)]
    pub(crate) strict: bool,
    /// Print the report as JSON
    #[arg(long)]
    pub(crate) json: bool,
    #[command(flatten)]
    pub(crate) selection: Selection,
}

/// Which exchanges are taken.
#[derive(Args, Debug)]
#[command(next_help_heading = "Selection")]
pub(crate) struct Selection {
    #[command(flatten)]
    pub(crate) facts: Facts,
    /// That the model ended for these reasons alone: stop, tool_calls
    #[arg(long, value_name = "REASON", value_delimiter = ',')]
    pub(crate) finish_reason: Vec<Pattern>,
    /// That ended so alone; an answer of status 400 and above failed, however whole it came
    #[arg(long, value_enum, value_name = "END", value_delimiter = ',')]
    pub(crate) end: Vec<End>,
    /// With that many messages of the user at least
    #[arg(long, value_name = "COUNT", default_value_t = 0, hide_default_value = true)]
    pub(crate) min_turns: usize,
    /// That had tools, or called one
    #[arg(long)]
    pub(crate) has_tools: bool,
    /// With that many tokens at most: as the provider counted, else a quarter of the bytes of the texts
    #[arg(long, value_name = "COUNT")]
    pub(crate) max_tokens: Option<u64>,
    /// Drop what is the same: all of it, the prompt, or the earlier turns of a conversation that goes on
    #[arg(long, value_enum, value_name = "WHAT")]
    pub(crate) dedupe: Option<Dedupe>,
    /// Draw that many, the same ones each time
    #[arg(long, value_name = "COUNT")]
    pub(crate) sample: Option<usize>,
    /// Draw others
    #[arg(long, value_name = "NUMBER", default_value_t = 0, requires = "sample")]
    pub(crate) seed: u64,
    /// Write parts: train=0.9,test=0.1; a conversation stays in its part when data is added
    #[arg(long, value_name = "PARTS")]
    pub(crate) split: Option<Split>,
    /// Cut out what looks like these: api_keys, bearer_tokens, emails, cards, phones or all [default: all]
    #[arg(long, value_name = "WHAT", value_delimiter = ',', num_args = 0..=1, require_equals = true)]
    #[arg(default_missing_value = "all")]
    pub(crate) redact: Vec<String>,
    /// Cut out what this regular expression matches
    #[arg(long, value_name = "REGEX")]
    pub(crate) redact_pattern: Vec<String>,
}

/// What is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum Format {
    /// openai-forward's JSON array
    OpenaiForward,
    /// A line for each exchange, with all that is known
    Jsonl,
    /// OpenAI's fine-tuning files
    Openai,
    /// LLaMA-Factory's sharegpt format
    Sharegpt,
    /// LLaMA-Factory's alpaca format
    Alpaca,
    /// A table
    Csv,
    /// Parquet files as the Hugging Face hub has them
    Parquet,
    /// openai-forward's log lines
    Log,
}

impl Format {
    pub(crate) fn dataset(self) -> Dataset {
        match self {
            Format::OpenaiForward => Dataset::OpenaiForward,
            Format::Jsonl => Dataset::Jsonl,
            Format::Openai => Dataset::Openai,
            Format::Sharegpt => Dataset::Sharegpt,
            Format::Alpaca => Dataset::Alpaca,
            Format::Csv => Dataset::Csv,
            Format::Parquet => Dataset::Parquet,
            Format::Log => Dataset::Log,
        }
    }
}

/// What is read.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum From {
    /// What the first file says
    Auto,
    /// Logs, of both forms
    Log,
    /// Exchanges a line
    Jsonl,
    /// openai-forward's JSON array
    OpenaiForward,
    /// OpenAI's fine-tuning files
    Openai,
    /// LLaMA-Factory's sharegpt format
    Sharegpt,
    /// LLaMA-Factory's alpaca format
    Alpaca,
    /// A table
    Csv,
    /// Parquet files
    Parquet,
}

impl From {
    /// The format, if one is named.
    pub(crate) fn dataset(self) -> Option<Dataset> {
        Some(match self {
            From::Auto => return None,
            From::Log => Dataset::Log,
            From::Jsonl => Dataset::Jsonl,
            From::OpenaiForward => Dataset::OpenaiForward,
            From::Openai => Dataset::Openai,
            From::Sharegpt => Dataset::Sharegpt,
            From::Alpaca => Dataset::Alpaca,
            From::Csv => Dataset::Csv,
            From::Parquet => Dataset::Parquet,
        })
    }
}

/// Which answers get weight.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum Weight {
    /// The last: earlier ones get weight 0, they are the last of exchanges of their own
    Last,
    /// All
    All,
}

impl Weight {
    pub(crate) fn answers(self) -> openai::Weight {
        match self {
            Weight::Last => openai::Weight::Last,
            Weight::All => openai::Weight::All,
        }
    }
}

/// How an exchange ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum End {
    /// The whole answer came, and is no error
    Complete,
    /// It was an error (status 400 and above), or broke off
    Failed,
    /// The caller went away
    Cancelled,
}

impl End {
    pub(crate) fn logged(self) -> exchange::End {
        match self {
            End::Complete => exchange::End::Complete,
            End::Failed => exchange::End::Failed,
            End::Cancelled => exchange::End::Cancelled,
        }
    }
}

/// What counts as the same.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum Dedupe {
    /// Messages, tools and answer: the first is kept
    Exact,
    /// Messages and tools: the first is kept
    Prompt,
    /// What another conversation goes on with: the longest is kept
    Prefix,
}

impl Dedupe {
    pub(crate) fn selected(self) -> select::Dedupe {
        match self {
            Dedupe::Exact => select::Dedupe::Exact,
            Dedupe::Prompt => select::Dedupe::Prompt,
            Dedupe::Prefix => select::Dedupe::Prefix,
        }
    }
}

#[cfg(test)]
mod tests {
    use crate::cli::{Cli, Command};
    use clap::Parser;

    fn convert(line: &str) -> Option<String> {
        let line = ["aifd", "convert"].into_iter().chain(line.split_whitespace());
        match Cli::try_parse_from(line).ok()?.command {
            Some(Command::Convert(arguments)) => Some(format!("{arguments:?}")),
            _ => None,
        }
    }

    #[test]
    fn flags_are_understood_in_both_spellings() {
        for (ours, theirs) in [
            ("--log-folder a --output b", "--log_folder=a --target_path=b"),
            ("--log-folder a -o b", "--log_folder a --target-path b"),
            ("--model a --model b", "--model a,b"),
            ("--redact", "--redact=all"),
        ] {
            assert!(convert(ours).is_some() && convert(ours) == convert(theirs), "{ours} and {theirs}");
        }
    }

    #[test]
    fn what_makes_no_sense_is_refused() {
        for line in [
            "a --log-folder b",
            "--seed 1",
            "--split train",
            "--status abc",
            "--since soon",
            "--shard-size x",
            "--end never",
            "--format xml",
        ] {
            assert_eq!(convert(line), None, "{line}");
        }
    }
}
