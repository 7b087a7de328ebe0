//! `aifd keys import`: keys from a file, all of them or none.

mod fault;
mod format;
mod json;
mod made;
mod openai_forward;
mod sound;
mod table;

pub(crate) use fault::{Fault, Faults};

use super::{admin::Admin, entry::Entry, view};
use crate::{
    cli::{Import, ImportFormat, Place},
    report::Failure,
    ui::{self, Ui},
};
use aifd_core::{
    control::{KeyExport, Request, Response},
    key::KeyDraft,
};
use fault::{What, refused};
use std::{fs::File, path::Path};

/// Bytes of a file that are read at most: some hundred thousand keys.
const MOST_BYTES: u64 = 64 << 20;

/// A key to be made, and where it stands.
#[derive(Debug)]
struct Draft {
    /// Its line, from 1, where it is known.
    line: Option<u64>,
    entry: Entry,
}

/// What a file holds.
#[derive(Debug)]
enum Content {
    /// Keys to be made.
    Drafts(Vec<Draft>),
    /// Keys to be restored, with the hashes of their secrets.
    Export(KeyExport),
}

/// Reads, checks and makes them.
pub(super) fn import(place: &Place, arguments: &Import, ui: &Ui) -> Result<(), Failure> {
    let file = fault::shown(&arguments.file);
    let faulty = |faults| Failure::Import(Faults { file: file.clone(), faults });
    let content = read(arguments, ui)?.map_err(faulty)?;
    let admin = Admin::reach(place)?;
    let drafts = match content {
        Content::Export(export) if arguments.dry_run => {
            return made::would_restore(&export, arguments.json, ui);
        }
        Content::Export(export) => {
            return made::restored(&admin.keys(Request::RestoreKeys { export })?, arguments.json, ui);
        }
        Content::Drafts(drafts) => drafts,
    };
    let faults = sound::faults(&drafts, &admin.keys(Request::ListKeys)?);
    if !faults.is_empty() {
        return Err(faulty(faults));
    }
    if arguments.dry_run {
        return made::would_be(drafts, arguments, ui);
    }
    let generated = drafts.iter().filter(|draft| draft.entry.secret.is_none()).count();
    if ui.quiet() && !arguments.json && generated > 0 {
        return Err(Failure::Unseen(generated));
    }
    let lines: Vec<Option<u64>> = drafts.iter().map(|draft| draft.line).collect();
    let drafts: Vec<KeyDraft> = drafts.into_iter().map(|draft| draft.entry.draft(arguments.level)).collect();
    let given: Vec<bool> = drafts.iter().map(|draft| draft.secret.is_some()).collect();
    match admin.try_ask(Request::CreateKeys { drafts }) {
        Ok(Response::Created(created)) => made::imported(&created, &given, arguments.json, ui),
        Ok(_) => Err(Failure::OtherAnswer),
        Err(error) => Err(match refused(error, &lines) {
            Ok(fault) => faulty(vec![fault]),
            Err(error) => Failure::Control { error, nearest: None },
        }),
    }
}

/// The outer failure is that nothing can be read, the inner one what is wrong with what was.
fn read(arguments: &Import, ui: &Ui) -> Result<Result<Content, Vec<Fault>>, Failure> {
    let stdin = arguments.file == Path::new("-");
    let format = match arguments.format {
        ImportFormat::Auto => format::by_name(&arguments.file),
        given => given,
    };
    if format == ImportFormat::Yaml {
        let path = if stdin { Path::new("/dev/stdin") } else { &arguments.file };
        return openai_forward::yaml(path, ui);
    }
    let text = match stdin {
        true => ui.input(MOST_BYTES),
        false => File::open(&arguments.file).and_then(|file| ui::bounded(file, MOST_BYTES)),
    };
    let text = text.map_err(|source| Failure::Read { path: arguments.file.clone(), source })?;
    let text = text.strip_prefix('\u{feff}').unwrap_or(&text);
    match if format == ImportFormat::Auto { format::by_content(text) } else { format } {
        ImportFormat::Json => Ok(json::read(text)),
        ImportFormat::Csv => Ok(table::read(text).map(Content::Drafts)),
        ImportFormat::Env => openai_forward::env(text, ui),
        _ if stdin => Ok(Err(vec![Fault { line: None, what: What::Unknown }])),
        _ => openai_forward::yaml(&arguments.file, ui),
    }
}
