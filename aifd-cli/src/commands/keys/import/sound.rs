//! What can be told of drafts before any of them is made, so that all faults are told at once.

use super::{
    Draft,
    fault::{Fault, What},
};
use aifd_core::control::{ControlError, KeyView};
use std::collections::{HashMap, HashSet};

/// Names and secrets that two drafts have, and names that are taken.
pub(super) fn faults(drafts: &[Draft], keys: &[KeyView]) -> Vec<Fault> {
    let taken: HashSet<&str> = keys.iter().map(|key| key.name.as_str()).collect();
    let mut names: HashMap<&str, Option<u64>> = HashMap::new();
    let mut secrets: HashMap<&str, Option<u64>> = HashMap::new();
    let mut faults = Vec::new();
    for draft in drafts {
        let mut fault = |what| faults.push(Fault { line: draft.line, what });
        if let Some(name) = draft.entry.name.as_deref().filter(|name| !name.is_empty()) {
            if let Some(first) = names.get(name) {
                fault(What::Twice { field: "name", first: *first });
            } else if taken.contains(name) {
                fault(What::Refused(ControlError::NameTaken { name: name.to_owned(), index: None }));
            }
            names.entry(name).or_insert(draft.line);
        }
        if let Some(secret) = draft.entry.secret.as_ref().map(|secret| secret.expose()) {
            if let Some(first) = secrets.get(secret) {
                fault(What::Twice { field: "secret", first: *first });
            }
            secrets.entry(secret).or_insert(draft.line);
        }
    }
    faults
}

#[cfg(test)]
mod tests {
    use super::{super::table, faults};
    use crate::commands::keys::view::tests::key;

    #[test]
    fn what_two_drafts_claim_is_told_at_the_second() {
        let drafts = table::read("name,secret\na,s1\nb,s1\na,s2\nci,\n,\n,\n").unwrap();
        let found = faults(&drafts, &[key("ci")]);
        let told: Vec<String> =
            found.iter().map(|fault| format!("{}: {}", fault.line.unwrap(), fault.what)).collect();
        let expected = [
            "3: the same secret as in line 2",
            "4: the same name as in line 2",
            "5: another key is called `ci`",
        ];
        assert_eq!(told, expected);
    }
}
