//! `aifd logs show`: all of one exchange.

use super::{
    page,
    places::{self, Stop},
};
use crate::{
    cli::ShowExchange,
    report::Failure,
    ui::{Ui, printable},
};
use aifd_log::{
    exchange::Exchange,
    pair::{Pair, Reading},
};

/// Exchanges whose uids begin as was asked for and that are told at most.
const MOST_CANDIDATES: usize = 20;

/// Prints it.
pub(super) fn show(arguments: &ShowExchange, ui: &Ui) -> Result<(), Failure> {
    let reading = places::reading(&arguments.place)?;
    let meant = meant(&arguments.uid, &reading).map_err(places::failure)?;
    let shown = match (meant.exact.as_slice(), meant.candidates.as_slice()) {
        ([], []) => {
            places::tell(&reading, ui);
            return Err(Failure::NoSuchExchange(arguments.uid.clone()));
        }
        ([], [only]) => std::slice::from_ref(only),
        ([], several) => {
            list(several, meant.more, ui);
            return Err(Failure::AmbiguousUid(arguments.uid.clone()));
        }
        // openai-forward may give several exchanges one uid.
        (exact, _) => exact,
    };
    for (at, candidate) in shown.iter().enumerate() {
        let exchange = whole(candidate, &reading).map_err(places::failure)?;
        if arguments.json {
            ui.json(&exchange.json())?;
        } else {
            let gap = if at > 0 { "\n" } else { "" };
            ui.data(format_args!("{gap}{}", page::page(&exchange, ui.paint())))?;
        }
    }
    Ok(())
}

/// Exchanges that may be meant.
#[derive(Default)]
struct Meant {
    /// Those that have this uid, or were given this id.
    exact: Vec<Candidate>,
    /// The first whose uids begin with it.
    candidates: Vec<Candidate>,
    /// How many more of these there are.
    more: u64,
}

/// One of those that may be meant.
struct Candidate {
    /// Where it is read; a request without an answer is held whole.
    number: Option<usize>,
    exchange: Exchange,
}

impl Meant {
    fn add(&mut self, candidate: Candidate, uid: &str, asked: &str) {
        let is_exact = candidate.exchange.uid == uid || candidate.exchange.request_id() == Some(asked);
        let among = if is_exact { &mut self.exact } else { &mut self.candidates };
        match among.len() {
            ..MOST_CANDIDATES => among.push(candidate),
            _ => self.more += 1,
        }
    }
}

/// Looks for it.
fn meant(asked: &str, reading: &Reading) -> Result<Meant, Stop> {
    // What an answer's request id shows is the uid, where the caller gave none.
    let uid = asked.strip_prefix("req_").unwrap_or(asked);
    let is_meant =
        |exchange: &Exchange| exchange.uid.starts_with(uid) || exchange.request_id() == Some(asked);
    let mut meant = Meant::default();
    reading.map(
        &(),
        &|pair: Pair<'_>| {
            let outline = pair.lines.outline(None)?;
            Ok::<_, Stop>(
                is_meant(&outline).then_some(Candidate { number: Some(pair.number), exchange: outline }),
            )
        },
        &mut |candidate| {
            candidate.into_iter().for_each(|candidate| meant.add(candidate, uid, asked));
            Ok(())
        },
    )?;
    reading.unanswered(&mut |request| {
        // One that is nested too deep to be shown does not keep others from it.
        let Ok(exchange) = request.unanswered() else { return Ok(()) };
        if is_meant(&exchange) {
            meant.add(Candidate { number: None, exchange }, uid, asked);
        }
        Ok::<_, Stop>(())
    })?;
    Ok(meant)
}

/// All of it.
fn whole(candidate: &Candidate, reading: &Reading) -> Result<Exchange, Stop> {
    let mut buffer = Vec::new();
    match candidate.number.map(|number| reading.read(number, &mut buffer)).transpose()?.flatten() {
        Some(pair) => Ok(pair.lines.exchange(None)?),
        None => Ok(candidate.exchange.clone()),
    }
}

/// Those that may be meant, on standard error: what was asked for is not among the data.
fn list(candidates: &[Candidate], more: u64, ui: &Ui) {
    for Candidate { exchange: outline, .. } in candidates {
        let told = [Some(outline.uid.as_str()), outline.datetime(), outline.model()];
        let told: Vec<_> = told.into_iter().flatten().map(printable).collect();
        ui.talk(told.join("  "));
    }
    if more > 0 {
        ui.talk(format_args!("{} and {more} more", ui.paint_talk().hint("note:")));
    }
}
