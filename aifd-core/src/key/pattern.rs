//! Which models a key may use, by patterns of their names.

use crate::config::Level;
pub use aifd_log::pattern::matches;

/// Whether one of these patterns matches a text.
pub fn any_matches(patterns: &[String], text: &str) -> bool {
    patterns.iter().any(|pattern| matches(pattern, text))
}

/// Whether a key may use a model. `listed` are the models of its level, `None` where the configuration has no list for
/// it; `own` those of the key, none of which means what the level allows. Level 0 may use all; where another level has
/// no list, its keys may use what they list themselves.
pub fn may_use(level: Level, listed: Option<&[String]>, own: &[String], model: &str) -> bool {
    let by_level = match listed {
        _ if level == Level(0) => true,
        Some(listed) => any_matches(listed, model),
        None => !own.is_empty(),
    };
    by_level && (own.is_empty() || any_matches(own, model))
}

#[cfg(test)]
mod tests {
    use super::may_use;
    use crate::config::Level;

    #[test]
    fn level_and_key_must_both_allow_a_model() {
        let list = |models: &[&str]| models.iter().map(|model| (*model).to_owned()).collect::<Vec<_>>();
        for (level, listed, own, may) in [
            (0, None, &[][..], true),
            (0, Some(&["b"][..]), &[], true),
            (0, None, &["b"], false),
            (1, Some(&["a"]), &[], true),
            (1, Some(&["b"]), &[], false),
            (1, Some(&["a"]), &["b"], false),
            (1, Some(&["b"]), &["a"], false),
            (1, Some(&[]), &["a"], false),
            (1, None, &[], false),
            (1, None, &["a"], true),
            (1, None, &["b"], false),
        ] {
            let listed = listed.map(list);
            assert_eq!(
                may_use(Level(level), listed.as_deref(), &list(own), "a"),
                may,
                "{level} {listed:?} {own:?}"
            );
        }
    }
}
