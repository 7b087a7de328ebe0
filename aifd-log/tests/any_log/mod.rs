//! What holds for any bytes as a log: a fuzz target and a test share it.

use aifd_log::{
    convert::{
        ConvertError, Format, Logs, Order, Watch, convert,
        openai::Weight,
        write::{Manner, Place, Row, SHARD_BYTES},
    },
    literal::{self, Dialect, FaultKind},
    pair::{Kinds, Options, Pair, ReadError, Reading},
    search::{Manner as Search, Search as Pattern, said},
    select::Criteria,
    source::Input,
};
use std::{
    fs::File,
    io::{self, Write},
    path::{Path, PathBuf},
    sync::{Arc, Mutex},
};

/// What was written.
#[derive(Clone, Default)]
struct Written(Arc<Mutex<Vec<u8>>>);

impl Write for Written {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.lock().unwrap().write(bytes)
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

fn manner(format: Format) -> Manner {
    Manner { format, weight: Weight::Last, shard_bytes: SHARD_BYTES }
}

fn order(format: Format) -> Order {
    Order {
        criteria: Criteria::default(),
        dedupe: None,
        sample: None,
        split: None,
        redactor: None,
        strict: false,
        manner: manner(format),
    }
}

/// Nothing panics, all that can be read is converted into every format, and what was found is what is told.
pub(crate) fn check(log: &[u8]) {
    let mut file = tempfile::tempfile().unwrap();
    file.write_all(log).unwrap();
    let spool = std::env::temp_dir();
    paired(&file, &spool);
    let watch = Watch::default();
    let open = |compat| Logs::open(inputs(&file), &spool, Kinds::All, compat, &watch);
    for format in Format::ALL.into_iter().filter(|format| *format != Format::Parquet) {
        let out = Written::default();
        let mut logs = open(false).unwrap();
        let report = convert(&mut logs, stream(&out), &order(format), &watch).unwrap();
        let left_out: u64 = report.unfit.values().sum();
        assert_eq!(report.read.exchanges, report.written + left_out, "{format}");
        assert!(std::str::from_utf8(&out.0.lock().unwrap()).is_ok(), "{format}");
    }
    let straight = Written::default();
    open(false).unwrap().direct(stream(&straight), &order(Format::OpenaiForward)).unwrap();
    // What stood at the deepest place of a line stands deeper in the array.
    let read = literal::items(&straight.0.lock().unwrap(), Dialect::Json, &mut |_| {});
    assert!(read.is_ok() || read.is_err_and(|fault| fault.what == FaultKind::TooDeep), "{read:?}");
    // openai-forward's converter dies of many lines.
    if let Ok(mut logs) = open(true) {
        let ended = logs.direct(stream(&Written::default()), &order(Format::OpenaiForward));
        assert!(!matches!(ended, Err(ConvertError::Changed { .. })), "{ended:?}");
    }
}

fn stream(out: &Written) -> Place {
    Place::Stream(Box::new(out.clone()))
}

fn inputs(file: &File) -> Vec<Input> {
    vec![Input::Open { shown: PathBuf::from("chat.log"), file: file.try_clone().unwrap() }]
}

/// What `aifd logs` does with a log.
fn paired(file: &File, spool: &Path) {
    let options = Options { kinds: Kinds::All, ..Options::default() };
    let reading = Reading::open(inputs(file), spool, options, &()).unwrap();
    let search = Pattern::new("a+", Search { ignore_case: true, fixed: false }, Vec::new()).unwrap();
    let mut exchanges = 0;
    let mut each = |pair: Pair<'_>| -> Result<(), ReadError> {
        exchanges += 1;
        pair.lines.outline(None).unwrap();
        // It may be nested too deep for a tree.
        if let Ok(exchange) = pair.lines.exchange(None) {
            let _ = (said(&exchange), search.hits(&exchange), exchange.json(), exchange.lines());
            let _ = Row::of(&exchange, &manner(Format::Parquet)).map(drop);
        }
        Ok(())
    };
    reading.for_each(&(), &mut each).unwrap();
    reading
        .unanswered(&mut |line| {
            let _ = line.unanswered();
            Ok::<(), ReadError>(())
        })
        .unwrap();
    let report = reading.report();
    assert_eq!(report.exchanges, exchanges);
    assert!(report.faults.len() as u64 <= report.malformed && report.malformed <= report.lines);
}
