//! `aifd logs grep`: searches what was said.

use super::{
    choice::Chosen,
    places::{self, Stop},
};
use crate::{
    cli::Grep,
    report::{Failure, usage},
    ui::{Paint, Ui, grouped, printable},
};
use aifd_log::{
    exchange::Exchange,
    pair::Pair,
    search::{Hit, Manner, Search},
};
use serde_json::json;
use std::{
    fmt::Write,
    sync::atomic::{AtomicU64, Ordering::Relaxed},
};

/// An exchange that matches.
struct Found {
    uid: String,
    datetime: String,
    hits: Vec<Hit>,
}

/// Prints what matches.
pub(super) fn grep(arguments: &Grep, ui: &Ui) -> Result<(), Failure> {
    let chosen = Chosen::of(&arguments.choice, "logs grep")?;
    let manner = Manner { ignore_case: arguments.ignore_case, fixed: arguments.fixed_strings };
    let roles = arguments.role.iter().map(|role| role.name().to_owned()).collect();
    let search = Search::new(&arguments.pattern, manner, roles)
        .map_err(|error| usage("logs grep", &error.to_string()))?;
    let reading = places::reading(&arguments.place)?;
    let mut count = 0_u64;
    // What was looked through is a literal, and may be nested deeper than a tree can be.
    let too_deep = AtomicU64::new(0);
    let searched = reading.map(
        &(),
        &|pair: Pair<'_>| {
            let exchange = pair.lines.exchange(None);
            too_deep.fetch_add(u64::from(exchange.is_err()), Relaxed);
            Ok::<_, Stop>(exchange.ok().and_then(|exchange| found(&exchange, &search, &chosen)))
        },
        &mut |found| {
            let Some(found) = found else { return Ok(()) };
            count += 1;
            if arguments.count {
                Ok(())
            } else {
                ui.data(text(&found, arguments, ui.paint())).map_err(Stop::Output)
            }
        },
    );
    searched.map_err(places::failure)?;
    if arguments.count {
        ui.data(format_args!("{count}\n"))?;
    }
    places::tell(&reading, ui);
    if let count @ 1.. = too_deep.into_inner() {
        let mark = ui.paint_talk().warning("warning:");
        ui.talk(format_args!("{mark} not searched, since nested too deep: {} exchanges", grouped(count)));
    }
    if count == 0 { Err(Failure::NoMatch) } else { Ok(()) }
}

fn found(exchange: &Exchange, search: &Search, chosen: &Chosen) -> Option<Found> {
    if !chosen.accepts(exchange) {
        return None;
    }
    let hits = search.hits(exchange);
    let datetime = || exchange.datetime().unwrap_or("-").to_owned();
    (!hits.is_empty()).then(|| Found { uid: exchange.uid.clone(), datetime: datetime(), hits })
}

/// As it is printed.
fn text(found: &Found, arguments: &Grep, paint: Paint) -> String {
    let (uid, datetime) = (printable(&found.uid), printable(&found.datetime));
    if arguments.uids {
        return format!("{uid}\n");
    }
    let mut text = String::new();
    for hit in &found.hits {
        let _ = if arguments.json {
            let matches: Vec<[usize; 2]> = hit.matches.iter().map(|it| [it.start, it.end]).collect();
            let line = json!({"uid": found.uid, "datetime": found.datetime, "role": hit.role, "line": hit.line,
                "matches": matches});
            writeln!(text, "{line}")
        } else {
            let role = printable(&hit.role);
            writeln!(text, "{}  {datetime}  {}: {}", paint.hint(&uid), paint.head(&role), marked(hit, paint))
        };
    }
    text
}

/// The line with its matches in colour.
fn marked(hit: &Hit, paint: Paint) -> String {
    let (mut text, mut end) = (String::new(), 0);
    for found in &hit.matches {
        text.push_str(&printable(&hit.line[end..found.start]));
        // An empty match has nothing that could be coloured.
        if !found.is_empty() {
            text.push_str(&paint.error(&printable(&hit.line[found.clone()])));
        }
        end = found.end;
    }
    text.push_str(&printable(&hit.line[end..]));
    text
}
