//! `aifd cache export` and `import`: answers as readable JSON lines.

use super::{answers, ask, filter};
use crate::{
    cli::{ExportAnswers, ImportAnswers},
    commands::{admin::Admin, write},
    report::Failure,
    ui::Ui,
};
use aifd_core::control::{CacheAnswer, CacheEntry, CacheRequest};
use std::{
    fs::File,
    io::{self, BufRead, BufReader},
    path::Path,
};

/// Bytes of lines that are put in at once, about.
const AT_ONCE: usize = 4 << 20;

pub(super) fn export(admin: &Admin, arguments: &ExportAnswers, ui: &Ui) -> Result<(), Failure> {
    let filter = filter(&arguments.filter);
    let (mut text, mut count, mut from) = (String::new(), 0_u64, Some(0));
    while let Some(at) = from {
        let request = CacheRequest::Export { filter: filter.clone(), from: at };
        let CacheAnswer::Exported { entries, next } = ask(admin, request)? else {
            return Err(Failure::OtherAnswer);
        };
        for entry in &entries {
            text.push_str(&serde_json::to_string(entry).map_err(io::Error::from)?);
            text.push('\n');
        }
        count += entries.len() as u64;
        from = next;
    }
    if arguments.file == Path::new("-") {
        return Ok(ui.data(text)?);
    }
    write::private(&arguments.file, arguments.force.into(), &text)?;
    ui.talk(format_args!("exported {} to {}", answers(count), arguments.file.display()));
    Ok(())
}

pub(super) fn import(admin: &Admin, arguments: &ImportAnswers, ui: &Ui) -> Result<(), Failure> {
    let path = &arguments.file;
    let failed = |source| Failure::Read { path: path.clone(), source };
    let reader: Box<dyn BufRead> = match path == Path::new("-") {
        true => Box::new(io::stdin().lock()),
        false => Box::new(BufReader::new(File::open(path).map_err(failed)?)),
    };
    let (mut entries, mut bytes, mut imported) = (Vec::new(), 0, 0);
    for (number, line) in reader.lines().enumerate() {
        let line = line.map_err(failed)?;
        if line.trim().is_empty() {
            continue;
        }
        let entry: CacheEntry = serde_json::from_str(&line).map_err(|error| Failure::Line {
            path: path.clone(),
            line: number + 1,
            why: error.to_string(),
        })?;
        bytes += line.len();
        entries.push(entry);
        if bytes >= AT_ONCE {
            imported += put(admin, std::mem::take(&mut entries))?;
            bytes = 0;
        }
    }
    imported += put(admin, entries)?;
    ui.talk(format_args!("imported {}", answers(imported)));
    Ok(())
}

fn put(admin: &Admin, entries: Vec<CacheEntry>) -> Result<u64, Failure> {
    if entries.is_empty() {
        return Ok(0);
    }
    match ask(admin, CacheRequest::Import { entries })? {
        CacheAnswer::Imported(count) => Ok(count),
        _ => Err(Failure::OtherAnswer),
    }
}
