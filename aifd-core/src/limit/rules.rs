//! Which entry of a list by route and level holds for a request.

use crate::{
    config::{Level, RouteLimit},
    plain_path::{lies_below, plain},
};
use std::sync::Arc;

/// What holds for each configured path, in the order of the configuration.
#[derive(Debug)]
pub(super) struct Rules<T>(Vec<Rule<T>>);

/// What holds for one path.
#[derive(Debug)]
pub(super) struct Rule<T> {
    /// Without a slash at its end.
    route: String,
    levels: Vec<(Option<Level>, T)>,
}

impl<T> Rules<T> {
    /// Makes what holds out of each entry's path and limit.
    pub(super) fn new(
        limits: &[RouteLimit],
        mut make: impl FnMut(&Arc<str>, &crate::limit::quota::Quotas) -> T,
    ) -> Self {
        let rule = |limit: &RouteLimit| {
            let path: Arc<str> = limit.route.as_str().into();
            let levels = limit.limits.iter().map(|of| (of.level, make(&path, &of.quotas))).collect();
            Rule { route: trimmed(&plain(&limit.route)).to_owned(), levels }
        };
        Rules(limits.iter().map(rule).collect())
    }

    /// Whether there is none.
    pub(super) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// The first entry whose path this one is or lies below.
    pub(super) fn covering(&self, path: &str) -> Option<&Rule<T>> {
        let covers = |rule: &&Rule<T>| lies_below(path, &rule.route);
        self.0.iter().find(covers)
    }

    /// The first entry of exactly this path.
    pub(super) fn of(&self, path: &str) -> Option<&Rule<T>> {
        self.0.iter().find(|rule| rule.route == trimmed(path))
    }
}

impl<T> Rule<T> {
    /// What holds for a level: its own entry, else the one for every level.
    pub(super) fn at(&self, level: Level) -> Option<&T> {
        let of = |which: Option<Level>| self.levels.iter().find(|(at, _)| *at == which).map(|(_, of)| of);
        of(Some(level)).or_else(|| of(None))
    }
}

/// A path without the one slash that it may end in.
pub(super) fn trimmed(path: &str) -> &str {
    path.strip_suffix('/').unwrap_or(path)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::LevelLimit;

    fn rules(routes: &[(&str, &[Option<u32>])]) -> Rules<String> {
        let limits: Vec<_> = routes
            .iter()
            .map(|(route, levels)| RouteLimit {
                route: (*route).to_owned(),
                limits: levels
                    .iter()
                    .enumerate()
                    .map(|(i, level)| LevelLimit {
                        level: level.map(Level),
                        quotas: format!("{}/day", i + 1).parse().unwrap(),
                    })
                    .collect(),
            })
            .collect();
        Rules::new(&limits, |route, quotas| format!("{route} {quotas}"))
    }

    #[test]
    fn an_entry_covers_its_path_and_what_lies_below_it() {
        let rules = rules(&[("/v1/chat/completions", &[None]), ("/v1/", &[None]), ("/v1/chat", &[None])]);
        let cases = [
            ("/v1/chat/completions", Some("/v1/chat/completions 1/day")),
            ("/v1/chat/completions/", Some("/v1/chat/completions 1/day")),
            ("/v1/chat/completions/xyz", Some("/v1/chat/completions 1/day")),
            ("/v1/chat/completionsx", Some("/v1/ 1/day")),
            ("/v1/chat", Some("/v1/ 1/day")),
            ("/v1", Some("/v1/ 1/day")),
            ("/v10", None),
            ("/", None),
            ("/V1/chat", None),
        ];
        for (path, found) in cases {
            let rule = rules.covering(path).and_then(|rule| rule.at(Level(0)));
            assert_eq!(rule.map(String::as_str), found, "{path}");
        }
        let all = super::tests::rules(&[("/", &[None])]);
        assert!(all.covering("/").is_some() && all.covering("/v1/models").is_some());
    }

    #[test]
    fn an_exact_entry_is_its_path_alone() {
        let rules = rules(&[("/v1/chat/completions/", &[None])]);
        let cases = [
            ("/v1/chat/completions", true),
            ("/v1/chat/completions/", true),
            ("/v1/chat/completions/xyz", false),
            ("/v1/chat", false),
        ];
        for (path, found) in cases {
            assert_eq!(rules.of(path).is_some(), found, "{path}");
        }
    }

    #[test]
    fn a_level_has_its_own_entry_or_that_for_all() {
        let rules = rules(&[("/a", &[Some(1), None, Some(2)]), ("/b", &[Some(1)])]);
        let at = |path: &str, level| rules.of(path).unwrap().at(Level(level)).map(String::as_str);
        assert_eq!(at("/a", 0), Some("/a 2/day"));
        assert_eq!(at("/a", 1), Some("/a 1/day"));
        assert_eq!(at("/a", 2), Some("/a 3/day"));
        assert_eq!(at("/b", 0), None);
    }
}
