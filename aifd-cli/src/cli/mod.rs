//! What can be written on the command line: clap types, and nothing that acts on them.

mod cache;
mod convert;
mod facts;
mod keys;
mod logs;
mod server;
mod value;

pub(crate) use self::{
    cache::{
        Cache, CacheCommand, ExportAnswers, Filter, ImportAnswers, ListAnswers, Output, Purge, ShowAnswer,
    },
    convert::{Convert, Dedupe, Format as DatasetFormat, Selection},
    facts::Facts,
    keys::{
        Clear, Create, Delete, Export, ExportFormat, Fields, Import, ImportFormat, Keys, KeysCommand, List,
        Named, Rotate, Show, State, Update,
    },
    logs::{Choice, Grep, Logs, LogsCommand, ShowExchange, Stats, Tail, Where},
    server::{By, Place, Status, Usage},
};

use cache::CACHE_HELP;
use clap::{ArgAction, Args, Parser, Subcommand, ValueEnum, ValueHint, builder::BoolishValueParser};
use convert::CONVERT_HELP;
use keys::KEYS_HELP;
use logs::LOGS_HELP;
use server::{STATUS_HELP, USAGE_HELP};
use std::path::PathBuf;

/// LLM forwarding gateway: one static binary in front of OpenAI-style APIs.
#[derive(Debug, Parser)]
#[command(name = "aifd", bin_name = "aifd", version, propagate_version = true, max_term_width = 100, after_help = ROOT_HELP)]
pub(crate) struct Cli {
    /// Print data and errors only: no boxes, no progress, no colours
    #[arg(long, short, global = true)]
    pub(crate) quiet: bool,
    /// What to do
    #[command(subcommand)]
    pub(crate) command: Option<Command>,
}

const ROOT_HELP: &str = "Exit codes: 0 done, 1 failed, 2 usage or configuration, 130 interrupted.\n\
    Standard output is data, standard error is talk.";

/// The commands.
#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// Forward requests until told to stop
    #[command(after_help = RUN_HELP)]
    Run(Run),
    /// Make, list, change and remove forward keys: what callers hold in the place of the upstream's keys
    #[command(after_help = KEYS_HELP)]
    Keys(Keys),
    /// Show, list, empty, export and fill the cache of answers
    #[command(after_help = CACHE_HELP)]
    Cache(Cache),
    /// Turn chat logs into datasets, and datasets into each other and back
    #[command(after_long_help = CONVERT_HELP)]
    Convert(Box<Convert>),
    /// Show the requests and tokens of keys
    #[command(after_long_help = USAGE_HELP)]
    Usage(Usage),
    /// Follow, show, count and search chat logs
    #[command(after_help = LOGS_HELP)]
    Logs(Logs),
    /// Show how the running server does
    #[command(after_long_help = STATUS_HELP)]
    Status(Status),
    /// Check, show and explain the configuration
    #[command(subcommand, arg_required_else_help = true)]
    Config(Config),
    /// Write a commented openai-forward-config.yaml
    #[command(name = "gen-config", alias = "gen_config")]
    GenConfig(GenConfig),
    /// Print the completion script of a shell
    Completions(Completions),
    /// Print a manual page, or write all of them into a directory
    Man(Man),
}

const RUN_HELP: &str = "Without any configuration, https://api.openai.com is forwarded at http://0.0.0.0:8000/.\n\
    A flag wins over the environment (with .env of the working directory), that over the file.\n\
    SIGTERM and SIGINT let running requests finish within shutdown_grace; a second one cuts them.\n\
    --quiet leaves the log to --log-level: with --log-level=error, only errors are told.";

/// Flags of `aifd run`; the spellings of openai-forward (`--ui_port`, `--webui=True`) are understood too.
#[derive(Args, Debug, Default)]
pub(crate) struct Run {
    #[command(flatten)]
    pub(crate) file: File,
    /// Address to listen on [default: 0.0.0.0]
    #[arg(long, value_name = "ADDRESS", value_hint = ValueHint::Hostname)]
    pub(crate) host: Option<String>,
    /// Port to listen on; 0 lets the system choose [default: 8000]
    #[arg(long, value_name = "PORT")]
    pub(crate) port: Option<String>,
    /// Worker threads, one event loop each [default: one a core]
    #[arg(long, value_name = "COUNT")]
    pub(crate) workers: Option<String>,
    /// Serve the web console as well
    #[arg(long, value_name = "BOOL", num_args = 0..=1, default_missing_value = "true", action = ArgAction::Set)]
    #[arg(value_parser = BoolishValueParser::new())]
    pub(crate) webui: Option<bool>,
    /// Port of the web console [default: 8001]
    #[arg(long, alias = "ui_port", value_name = "PORT")]
    pub(crate) ui_port: Option<String>,
    /// Whether openai-forward's web console opens; `False` is the same as no `--webui`
    #[arg(long, alias = "start_ui", value_name = "BOOL", num_args = 0..=1, default_missing_value = "true")]
    #[arg(hide = true, action = ArgAction::Set, value_parser = BoolishValueParser::new())]
    pub(crate) start_ui: Option<bool>,
    /// Least level written to standard error: error, warn, info, debug, trace, or directives such as
    /// `aifd_core=debug,warn` [default: info]
    #[arg(long, alias = "log_level", value_name = "LEVEL")]
    pub(crate) log_level: Option<String>,
    /// Form of the lines on standard error [default: text]
    #[arg(long, alias = "log_format", value_name = "FORMAT", value_enum)]
    pub(crate) log_format: Option<LogFormat>,
    /// Add /benchmark/v1/chat/completions, which answers by itself
    #[arg(long, alias = "benchmark-mode", alias = "benchmark_mode", value_name = "BOOL", num_args = 0..=1)]
    #[arg(default_missing_value = "true", action = ArgAction::Set, value_parser = BoolishValueParser::new())]
    pub(crate) benchmark: Option<bool>,
    /// How the cache is used: normal, record, replay, refresh or off [default: normal]
    #[arg(long, alias = "cache_mode", value_name = "MODE")]
    pub(crate) cache_mode: Option<String>,
    /// Whether recorded streams are replayed at once (fast) or in the time that they took (real) [default: fast]
    #[arg(long, alias = "cache_timing", value_name = "TIMING")]
    pub(crate) cache_timing: Option<String>,
    /// Folder of the store and of the control socket [default: ./.aifd]
    #[arg(long, alias = "data_dir", value_name = "DIR", value_hint = ValueHint::DirPath)]
    pub(crate) data_dir: Option<String>,
}

/// Which configuration file is meant.
#[derive(Args, Debug, Default)]
pub(crate) struct File {
    /// Configuration file [default: $AIFD_CONFIG, ./aifd.yaml, ./openai-forward-config.yaml]
    #[arg(long, short, value_name = "FILE", value_hint = ValueHint::FilePath)]
    pub(crate) config: Option<PathBuf>,
}

/// Form of the lines on standard error.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum LogFormat {
    /// For people
    Text,
    /// One JSON object a line
    Json,
}

/// Commands about the configuration.
#[derive(Debug, Subcommand)]
pub(crate) enum Config {
    /// List every problem of the configuration, and what is not yet in effect
    Check(Listing),
    /// Show what holds and where each value came from, secrets masked
    Show(Listing),
    /// Write a commented configuration file
    Init(Init),
    /// Print the JSON Schema of the configuration file, for editors
    Schema,
    /// List every environment variable: its meaning, default and key
    Env(Env),
}

/// A command that reads the configuration and prints a table.
#[derive(Args, Debug)]
pub(crate) struct Listing {
    #[command(flatten)]
    pub(crate) file: File,
    /// Print JSON instead of a table
    #[arg(long)]
    pub(crate) json: bool,
}

/// Flags of `aifd config init`.
#[derive(Args, Debug)]
pub(crate) struct Init {
    /// File to write; `-` is standard output
    #[arg(default_value = "aifd.yaml", value_name = "FILE", value_hint = ValueHint::FilePath)]
    pub(crate) target: PathBuf,
    /// Replace an existing file
    #[arg(long, short)]
    pub(crate) force: bool,
}

/// Flags of `aifd config env`.
#[derive(Args, Debug)]
pub(crate) struct Env {
    /// Print JSON instead of a table
    #[arg(long)]
    pub(crate) json: bool,
    /// Print a Markdown table, as the README has it
    #[arg(long, conflicts_with = "json")]
    pub(crate) markdown: bool,
}

/// Flags of `aifd gen-config`.
#[derive(Args, Debug)]
pub(crate) struct GenConfig {
    /// Directory to write into
    #[arg(long, default_value = ".", value_name = "DIR", value_hint = ValueHint::DirPath)]
    pub(crate) dir: PathBuf,
    /// Replace an existing file
    #[arg(long, short)]
    pub(crate) force: bool,
}

/// Flags of `aifd completions`.
#[derive(Args, Debug)]
pub(crate) struct Completions {
    /// Shell that will read the script
    #[arg(value_enum)]
    pub(crate) shell: clap_complete::Shell,
}

/// Flags of `aifd man`.
#[derive(Args, Debug)]
pub(crate) struct Man {
    /// Command the page is about, such as `config check` [default: aifd itself]
    #[arg(value_name = "COMMAND", conflicts_with = "dir")]
    pub(crate) command: Vec<String>,
    /// Write the page of every command into this directory
    #[arg(long, value_name = "DIR", value_hint = ValueHint::DirPath)]
    pub(crate) dir: Option<PathBuf>,
}

#[cfg(test)]
mod tests {
    use super::{Cli, Command, Run};
    use clap::{CommandFactory, Parser};

    fn run(flags: &str) -> Run {
        let line = ["aifd", "run"].into_iter().chain(flags.split_whitespace());
        match Cli::try_parse_from(line).unwrap().command {
            Some(Command::Run(run)) => run,
            other => panic!("{flags}: {other:?}"),
        }
    }

    #[test]
    fn the_definitions_are_consistent() {
        Cli::command().debug_assert();
    }

    #[test]
    fn flags_are_understood_in_both_spellings() {
        for (ours, theirs) in [
            ("--port 8000", "--port=8000"),
            ("--ui-port 8001", "--ui_port=8001"),
            ("--log-level debug", "--log_level=debug"),
            ("--log-format json", "--log_format=json"),
            ("--webui", "--webui=True"),
            ("--webui", "--webui True"),
            ("--webui", "--webui=true"),
            ("--webui=false", "--webui=False"),
            ("--webui --port 80", "--port=80 --webui=True"),
            ("--start-ui=false", "--start_ui=False"),
            ("--benchmark", "--benchmark_mode=True"),
        ] {
            assert_eq!(format!("{:?}", run(ours)), format!("{:?}", run(theirs)), "{ours} and {theirs}");
        }
    }

    #[test]
    fn a_flag_that_is_not_given_decides_nothing() {
        assert_eq!(format!("{:?}", run("")), format!("{:?}", Run::default()));
    }

    #[test]
    fn gen_config_is_understood_in_both_spellings() {
        for name in ["gen-config", "gen_config"] {
            let parsed = Cli::try_parse_from(["aifd", name, "--dir=/tmp"]).unwrap();
            assert!(matches!(parsed.command, Some(Command::GenConfig(_))), "{name}");
        }
    }

    #[test]
    fn the_name_it_is_called_by_makes_no_difference() {
        for name in ["aifd", "openai-forward", "openai_forward", "/opt/aifd-1.0"] {
            assert!(Cli::try_parse_from([name, "run", "--port=0"]).is_ok(), "{name}");
        }
    }
}
