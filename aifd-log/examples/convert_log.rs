//! Converts logs to openai-forward's format and says how long both passes took: `convert_log [--compat] OUT LOG…`.

use aifd_log::{
    convert::direct,
    pair::{Options, Reading},
    source::Input,
};
use std::{
    error::Error,
    fs::File,
    io::{Write, stderr},
    path::{Path, PathBuf},
};

#[allow(clippy::disallowed_methods, reason = "an example measures for itself")]
fn main() -> Result<(), Box<dyn Error>> {
    let mut arguments: Vec<String> = std::env::args().skip(1).collect();
    let compat = arguments.first().is_some_and(|first| first == "--compat");
    arguments.drain(..usize::from(compat));
    let (out, logs) = arguments.split_first().ok_or("no output")?;
    let begin = std::time::Instant::now();
    let inputs = logs.iter().map(|log| Input::Path(PathBuf::from(log))).collect();
    let spool = Path::new(out).parent().filter(|folder| folder.is_dir()).unwrap_or(Path::new("."));
    let reading = Reading::open(inputs, spool, Options { compat, ..Options::default() }, &())?;
    let first = begin.elapsed();
    let mut file = File::create(out)?;
    let written = direct::write(&reading, &(), &mut file, &|_| true)?;
    let all = begin.elapsed();
    let rate = reading.bytes() as f64 / all.as_secs_f64() / 1e6;
    writeln!(stderr(), "{written} exchanges, first pass {first:?}, all {all:?}, {rate:.0} MB/s")?;
    writeln!(stderr(), "{:#?}", reading.report())?;
    Ok(())
}
