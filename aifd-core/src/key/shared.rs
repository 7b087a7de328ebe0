//! Rules that keys share: most keys of a store may do the same as many others.

use super::KeyRules;
use parking_lot::Mutex;
use std::{collections::HashSet, sync::Arc};

/// Rules before it is looked for the first time whether keys still have them.
const FIRST_SWEEP: usize = 1024;

/// Every set of rules that a key has, once. Those that none has any more are swept out as they double.
pub(super) struct SharedRules(Mutex<Shelf>);

struct Shelf {
    rules: HashSet<Arc<KeyRules>>,
    sweep_at: usize,
}

impl Default for SharedRules {
    fn default() -> Self {
        SharedRules(Mutex::new(Shelf { rules: HashSet::new(), sweep_at: FIRST_SWEEP }))
    }
}

impl SharedRules {
    pub(super) fn share(&self, rules: KeyRules) -> Arc<KeyRules> {
        let mut shelf = self.0.lock();
        if let Some(known) = shelf.rules.get(&rules) {
            return known.clone();
        }
        if shelf.rules.len() >= shelf.sweep_at {
            shelf.rules.retain(|rules| Arc::strong_count(rules) > 1);
            shelf.sweep_at = FIRST_SWEEP.max(2 * shelf.rules.len());
        }
        let rules = Arc::new(rules);
        shelf.rules.insert(rules.clone());
        rules
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{config::Level, key::KeyQuotas};

    #[test]
    fn equal_rules_are_one_and_unused_ones_do_not_pile_up() {
        let shared = SharedRules::default();
        let rules = |level| KeyRules {
            level: Level(level),
            models: Box::default(),
            routes: Box::default(),
            quotas: KeyQuotas::default(),
        };
        let kept = shared.share(rules(0));
        assert!(Arc::ptr_eq(&kept, &shared.share(rules(0))));
        (1..10_000).for_each(|level| drop(shared.share(rules(level))));
        assert!(shared.0.lock().rules.len() <= FIRST_SWEEP);
        assert!(Arc::ptr_eq(&kept, &shared.share(rules(0))), "one that is used stays");
    }
}
