//! `aifd keys`: the clap types of its commands.

use super::{
    server::Place,
    value::{expiry, level, pair, span},
};
use aifd_core::{config::Level, limit::quota::Quotas};
use chrono::{DateTime, TimeDelta, Utc};
use clap::{Args, Subcommand, ValueEnum, ValueHint};
use std::path::PathBuf;

pub(super) const KEYS_HELP: &str = "A key is named by its id or its name. What is changed is in effect at once, also on a running server.\n\
    A command that names several keys changes all of them, or none.";

/// The fields of a key, which several commands print.
macro_rules! key_fields {
    ($form:literal) => {
        concat!(
            $form,
            "\n  \
            id, name            both name the key; the id is the name where none was given\n  \
            key                 the secret, masked\n  \
            source              store; or configuration, which alone changes its keys\n  \
            state               active, disabled or expired\n  \
            level               decides on upstream keys and models\n  \
            models, routes      what it may use; empty: all that its level may, all routes\n  \
            quotas              requests, tokens (inf: unlimited), concurrent (null: as\n                      \
                                many as it wants)\n  \
            expires             null: never\n  \
            enabled, metadata   whether it is switched on; what was noted of it\n  \
            created, last_used  null: not known, and never\n  \
            previous_until      until when the secret before the last rotation is good"
        )
    };
}

const CREATED_HELP: &str = concat!(
    key_fields!("`--json` prints an object of `secret`, which is shown this once, and `key`:"),
    "\n\nFor a script: KEY=$(aifd keys create --name ci --quiet)"
);
const LISTED_HELP: &str = key_fields!("`--json` prints an array of objects:");
const SHOWN_HELP: &str = key_fields!("`--json` prints an object:");

/// `aifd keys`.
#[derive(Args, Debug)]
#[command(arg_required_else_help = true)]
pub(crate) struct Keys {
    #[command(flatten)]
    pub(crate) place: Place,
    #[command(subcommand)]
    pub(crate) command: KeysCommand,
}

/// Commands about keys.
#[derive(Debug, Subcommand)]
pub(crate) enum KeysCommand {
    /// Make a key, and print its secret, which is shown this once
    #[command(after_long_help = CREATED_HELP)]
    Create(Create),
    /// List keys, those of the configuration included
    #[command(after_long_help = LISTED_HELP)]
    List(List),
    /// Show all that is known of a key
    #[command(after_long_help = SHOWN_HELP)]
    Show(Show),
    /// Change what keys may do
    #[command(after_long_help = LISTED_HELP)]
    Update(Box<Update>),
    /// Switch keys off: they are refused until they are enabled again
    #[command(after_long_help = LISTED_HELP)]
    Disable(Named),
    /// Switch keys on again
    #[command(after_long_help = LISTED_HELP)]
    Enable(Named),
    /// Give a key a new secret, and print it, which is shown this once
    #[command(after_long_help = CREATED_HELP)]
    Rotate(Rotate),
    /// Delete keys for good
    #[command(after_long_help = LISTED_HELP)]
    Delete(Delete),
    /// Make keys from a file: openai-forward's configuration, JSON or CSV
    #[command(after_long_help = IMPORT_HELP)]
    Import(Import),
    /// Print the keys of the store, to be imported elsewhere
    #[command(after_long_help = EXPORT_HELP)]
    Export(Export),
}

/// What a key may be given.
#[derive(Args, Clone, Debug, Default)]
pub(crate) struct Fields {
    /// What it is called
    #[arg(long, value_name = "NAME")]
    pub(crate) name: Option<String>,
    /// Its level, which decides on its upstream keys and models; 0 may use every model [default: 0]
    #[arg(long, value_name = "LEVEL", value_parser = level)]
    pub(crate) level: Option<Level>,
    /// Models that it may use, if its level may: gpt-4o*; several, or separated by commas
    #[arg(long = "model", value_name = "PATTERN", value_delimiter = ',')]
    pub(crate) models: Vec<String>,
    /// Routes that it may use, as they stand in the configuration: /anthropic
    #[arg(long = "route", value_name = "PREFIX", value_delimiter = ',')]
    pub(crate) routes: Vec<String>,
    /// Requests that it may make: 100/2minutes;600/hour
    #[arg(long, value_name = "QUOTA")]
    pub(crate) requests: Option<Quotas>,
    /// Tokens that it may use, prompts and answers together: 1000000/day
    #[arg(long, value_name = "QUOTA")]
    pub(crate) tokens: Option<Quotas>,
    /// Requests that it may have under way at once
    #[arg(long, value_name = "COUNT")]
    pub(crate) concurrent: Option<u32>,
    /// When it ends: 30d, 2027-01-31 (to its end, UTC), 2027-01-31T12:00:00Z
    #[arg(long, value_name = "WHEN", value_parser = expiry)]
    pub(crate) expires: Option<DateTime<Utc>>,
    /// Something to remember of it: team=search
    #[arg(long, value_name = "NAME=VALUE", value_parser = pair)]
    pub(crate) metadata: Vec<(String, String)>,
}

/// Flags of `aifd keys create`.
#[derive(Args, Debug)]
pub(crate) struct Create {
    #[command(flatten)]
    pub(crate) fields: Fields,
    /// Make it switched off
    #[arg(long)]
    pub(crate) disabled: bool,
    /// Read the secret from standard input instead of making a random one
    #[arg(long)]
    pub(crate) secret_stdin: bool,
    /// Print JSON
    #[arg(long)]
    pub(crate) json: bool,
}

/// Flags of `aifd keys list`.
#[derive(Args, Debug, Default)]
pub(crate) struct List {
    /// Those in this state alone
    #[arg(long, value_enum, value_name = "STATE")]
    pub(crate) state: Option<State>,
    /// Those of this level alone
    #[arg(long, value_name = "LEVEL", value_parser = level)]
    pub(crate) level: Option<Level>,
    /// Those that may use this model alone
    #[arg(long, value_name = "MODEL")]
    pub(crate) model: Option<String>,
    /// Those whose name this pattern matches alone: team-*
    #[arg(long, value_name = "PATTERN")]
    pub(crate) name: Option<String>,
    /// Those that were not used for so long alone: 30d
    #[arg(long, value_name = "SPAN", value_parser = span)]
    pub(crate) unused_for: Option<TimeDelta>,
    /// Print JSON instead of a table
    #[arg(long)]
    pub(crate) json: bool,
}

/// Whether a key can be used now.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum State {
    /// It can
    Active,
    /// It was switched off
    Disabled,
    /// Its time is over
    Expired,
}

/// Flags of `aifd keys show`.
#[derive(Args, Debug)]
pub(crate) struct Show {
    /// The key's id or name
    #[arg(value_name = "KEY")]
    pub(crate) key: String,
    /// Print JSON
    #[arg(long)]
    pub(crate) json: bool,
}

/// What a key may be freed of.
#[derive(Args, Clone, Copy, Debug, Default)]
pub(crate) struct Clear {
    /// Let it never end
    #[arg(long, conflicts_with = "expires")]
    pub(crate) no_expiry: bool,
    /// Let it make as many requests as it wants
    #[arg(long, conflicts_with = "requests")]
    pub(crate) no_requests: bool,
    /// Let it use as many tokens as it wants
    #[arg(long, conflicts_with = "tokens")]
    pub(crate) no_tokens: bool,
    /// Let it have as many requests under way as it wants
    #[arg(long, conflicts_with = "concurrent")]
    pub(crate) no_concurrent: bool,
    /// Let it use every model that its level may
    #[arg(long, conflicts_with = "models")]
    pub(crate) any_model: bool,
    /// Let it use every route
    #[arg(long, conflicts_with = "routes")]
    pub(crate) any_route: bool,
}

/// Flags of `aifd keys update`.
#[derive(Args, Debug)]
pub(crate) struct Update {
    /// Ids or names of keys
    #[arg(value_name = "KEY", required = true)]
    pub(crate) keys: Vec<String>,
    #[command(flatten)]
    pub(crate) fields: Fields,
    #[command(flatten)]
    pub(crate) clear: Clear,
    /// Print JSON instead of a table
    #[arg(long)]
    pub(crate) json: bool,
}

/// Flags of `aifd keys disable` and `enable`.
#[derive(Args, Debug)]
pub(crate) struct Named {
    /// Ids or names of keys
    #[arg(value_name = "KEY", required = true)]
    pub(crate) keys: Vec<String>,
    /// Print JSON instead of a table
    #[arg(long)]
    pub(crate) json: bool,
}

/// Flags of `aifd keys rotate`.
#[derive(Args, Debug)]
pub(crate) struct Rotate {
    /// The key's id or name
    #[arg(value_name = "KEY")]
    pub(crate) key: String,
    /// How long the old secret stays good: 24h [default: it ends at once]
    #[arg(long, value_name = "SPAN", value_parser = span)]
    pub(crate) grace: Option<TimeDelta>,
    /// Read the new secret from standard input instead of making a random one
    #[arg(long)]
    pub(crate) secret_stdin: bool,
    /// Do not ask, although the old secret ends at once
    #[arg(long, short)]
    pub(crate) yes: bool,
    /// Print JSON
    #[arg(long)]
    pub(crate) json: bool,
}

/// Flags of `aifd keys delete`.
#[derive(Args, Debug)]
pub(crate) struct Delete {
    /// Ids or names of keys
    #[arg(value_name = "KEY", required = true)]
    pub(crate) keys: Vec<String>,
    /// Do not ask
    #[arg(long, short)]
    pub(crate) yes: bool,
    /// Print JSON instead of a table
    #[arg(long)]
    pub(crate) json: bool,
}

const IMPORT_HELP: &str = "All keys are made, or none: every faulty line is told, and nothing is stored.\n\
    \n  \
    env, yaml  openai-forward's configuration: FORWARD_KEY_CONFIG or\n             \
               api_key.forward_key, in both spellings. `aifd config check` must find\n             \
               no error in it. Variables of the environment do not count.\n  \
    json       an array of objects with any of name, secret, level, models,\n             \
               routes, requests, tokens, concurrent, expires, enabled, metadata; or\n             \
               what `aifd keys export` printed\n  \
    csv        a first line that names columns, as above. Models and routes\n             \
               are separated by `;`, metadata is a=b;c=d. A backslash takes the\n             \
               meaning of a `;` away.\n\
    \n\
    Keys without a secret get a random one, which is shown this once.\n\
    `--json` prints an array of objects: `key`, as `aifd keys show --json` has it,\n\
    and `secret`, null where it was given; with `--dry-run`, what would be made.\n\
    `--quiet` prints ids.";

/// Flags of `aifd keys import`.
#[derive(Args, Debug)]
pub(crate) struct Import {
    /// File to read; `-` is standard input
    #[arg(value_name = "FILE", default_value = "-", value_hint = ValueHint::FilePath)]
    pub(crate) file: PathBuf,
    /// What the file is
    #[arg(long, value_enum, value_name = "FORMAT", default_value = "auto")]
    pub(crate) format: ImportFormat,
    /// Level of the keys that name none
    #[arg(long, value_name = "LEVEL", value_parser = level, default_value = "0")]
    pub(crate) level: Level,
    /// Check all of it, and store nothing
    #[arg(long)]
    pub(crate) dry_run: bool,
    /// Print JSON instead of a table
    #[arg(long)]
    pub(crate) json: bool,
}

/// What a file to import is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum ImportFormat {
    /// What its name or its first line says
    Auto,
    /// A JSON array of keys, or an export
    Json,
    /// A table with a first line that names its columns
    Csv,
    /// A .env file of openai-forward
    Env,
    /// A configuration file of openai-forward
    Yaml,
}

const EXPORT_HELP: &str = "Without --with-hashes it is the settings of keys: imported, each gets a new\n\
    secret. With it, what is imported elsewhere keeps its secrets good. Secrets\n\
    themselves are not kept, and so are in neither.\n\
    Keys of the configuration are not exported.\n\
    A file is readable by its owner alone.";

/// Flags of `aifd keys export`.
#[derive(Args, Debug)]
pub(crate) struct Export {
    /// File to write; `-` is standard output
    #[arg(value_name = "FILE", default_value = "-", value_hint = ValueHint::FilePath)]
    pub(crate) file: PathBuf,
    /// Form of the export
    #[arg(long, value_enum, value_name = "FORMAT", default_value = "json")]
    pub(crate) format: ExportFormat,
    /// Export the hashes of the secrets too, so that they stay good (JSON only)
    #[arg(long)]
    pub(crate) with_hashes: bool,
    /// Replace an existing file
    #[arg(long, short)]
    pub(crate) force: bool,
}

/// Form of an export.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum ExportFormat {
    /// A JSON array, or an object with hashes
    Json,
    /// A table with a first line that names its columns
    Csv,
}
