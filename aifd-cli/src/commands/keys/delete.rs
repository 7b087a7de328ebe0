//! `aifd keys delete`: keys that are gone for good.

use super::{
    admin::{self, Admin},
    confirm, counted, view,
};
use crate::{
    cli::{Delete, Place},
    report::Failure,
    ui::Ui,
};
use aifd_core::control::Request;

/// Names that a question lists at most.
const MOST_NAMES: usize = 5;

/// Asks, and deletes them.
pub(super) fn delete(place: &Place, arguments: Delete, ui: &Ui) -> Result<(), Failure> {
    if !arguments.yes {
        confirm(&question(&arguments.keys), ui)?;
    }
    let admin = Admin::reach(place)?;
    let keys = admin.keys(Request::DeleteKeys { keys: admin::names(arguments.keys) })?;
    view::keys(&keys, arguments.json, ui)?;
    ui.talk(format_args!("deleted {}", counted(keys.len())));
    Ok(())
}

fn question(keys: &[String]) -> String {
    let listed = keys.iter().take(MOST_NAMES).map(String::as_str).collect::<Vec<_>>().join(", ");
    let more = match keys.len().checked_sub(MOST_NAMES) {
        Some(more @ 1..) => format!(" and {more} more"),
        _ => String::new(),
    };
    format!("Delete {} for good: {listed}{more}?", counted(keys.len()))
}

#[cfg(test)]
mod tests {
    use super::question;

    #[test]
    fn the_question_names_what_will_go() {
        let keys: Vec<String> = (1..=7).map(|n| format!("k{n}")).collect();
        assert_eq!(question(&keys[..1]), "Delete 1 key for good: k1?");
        assert_eq!(question(&keys[..5]), "Delete 5 keys for good: k1, k2, k3, k4, k5?");
        assert_eq!(question(&keys), "Delete 7 keys for good: k1, k2, k3, k4, k5 and 2 more?");
    }
}
