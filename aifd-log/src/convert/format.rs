//! The formats of datasets.

use std::{fmt, path::Path, str::FromStr};

/// A form that conversations are kept in.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum Format {
    /// The JSON array of openai-forward's own converter.
    #[default]
    OpenaiForward,
    /// One JSON object for each exchange, with all that is known of it: the lines of `log.format: jsonl`.
    Jsonl,
    /// Fine-tuning files of OpenAI.
    Openai,
    /// The sharegpt format of LLaMA-Factory.
    Sharegpt,
    /// The alpaca format of LLaMA-Factory.
    Alpaca,
    /// A table.
    Csv,
    /// Parquet files in the layout of the Hugging Face hub.
    Parquet,
    /// The lines of openai-forward's logs.
    Log,
}

/// No format has this name.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("no format has this name")]
pub struct UnknownFormat;

impl Format {
    /// All of them.
    pub const ALL: [Format; 8] = [
        Format::OpenaiForward,
        Format::Jsonl,
        Format::Openai,
        Format::Sharegpt,
        Format::Alpaca,
        Format::Csv,
        Format::Parquet,
        Format::Log,
    ];

    /// Its name.
    pub fn name(self) -> &'static str {
        match self {
            Format::OpenaiForward => "openai-forward",
            Format::Jsonl => "jsonl",
            Format::Openai => "openai",
            Format::Sharegpt => "sharegpt",
            Format::Alpaca => "alpaca",
            Format::Csv => "csv",
            Format::Parquet => "parquet",
            Format::Log => "log",
        }
    }

    /// How the name of its file ends; `None`: it is a folder of files.
    pub fn extension(self) -> Option<&'static str> {
        match self {
            Format::OpenaiForward | Format::Sharegpt | Format::Alpaca => Some("json"),
            Format::Jsonl | Format::Openai => Some("jsonl"),
            Format::Csv => Some("csv"),
            Format::Log => Some("log"),
            Format::Parquet => None,
        }
    }

    /// Whether it is made to learn from: what has no whole answer is left out of it, unless it is asked for.
    pub fn trains(self) -> bool {
        matches!(self, Format::Openai | Format::Sharegpt | Format::Alpaca | Format::Csv | Format::Parquet)
    }

    /// What a file is by its name, if that tells.
    pub fn by_name(path: &Path) -> Option<Self> {
        let extension = path.extension()?.to_str()?.to_ascii_lowercase();
        match extension.as_str() {
            "csv" => Some(Format::Csv),
            "parquet" => Some(Format::Parquet),
            _ => None,
        }
    }
}

impl fmt::Display for Format {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

impl FromStr for Format {
    type Err = UnknownFormat;

    fn from_str(name: &str) -> Result<Self, UnknownFormat> {
        Format::ALL.into_iter().find(|format| format.name() == name).ok_or(UnknownFormat)
    }
}
