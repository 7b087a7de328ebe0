//! `aifd gen-config`: openai-forward's way to a configuration file.

use super::write;
use crate::{cli::GenConfig, report::Failure, ui::Ui};

/// The name that openai-forward and aifd both look for.
const FILE: &str = "openai-forward-config.yaml";

/// Writes the file.
pub(super) fn gen_config(arguments: &GenConfig, ui: &Ui) -> Result<(), Failure> {
    write::sample(&arguments.dir.join(FILE), arguments.force.into(), ui)
}
