//! Patterns of names: `*` stands for any run of characters, everything else for itself.

use memchr::memmem;
use std::{convert::Infallible, str::FromStr};

/// Whether a pattern matches a text, upper and lower case told apart. Takes time in proportion to both lengths: a
/// part between two stars is looked for once, from where the one before it ended.
pub fn matches(pattern: &str, text: &str) -> bool {
    let mut parts = pattern.split('*');
    let first = parts.next().unwrap_or_default();
    let Some(last) = parts.next_back() else { return pattern == text };
    let Some(rest) = text.strip_prefix(first).and_then(|rest| rest.strip_suffix(last)) else { return false };
    let mut rest = rest.as_bytes();
    for part in parts {
        let Some(at) = memmem::find(rest, part.as_bytes()) else { return false };
        rest = &rest[at + part.len()..];
    }
    true
}

/// A name, or a pattern of names.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Pattern(String);

impl Pattern {
    /// Whether a name is meant; see [`matches()`].
    pub fn matches(&self, name: &str) -> bool {
        matches(&self.0, name)
    }
}

impl FromStr for Pattern {
    type Err = Infallible;

    fn from_str(text: &str) -> Result<Self, Infallible> {
        Ok(Pattern(text.to_owned()))
    }
}

#[cfg(test)]
mod tests {
    use super::matches;

    #[test]
    fn a_star_is_any_run_and_the_rest_is_exact() {
        for (pattern, text, hit) in [
            ("gpt-4o", "gpt-4o", true),
            ("gpt-4o", "gpt-4o-mini", false),
            ("gpt-4o", "GPT-4o", false),
            ("gpt-4o*", "gpt-4o", true),
            ("gpt-4o*", "gpt-4o-mini", true),
            ("gpt-4o*", "my-gpt-4o", false),
            ("*-mini", "gpt-4o-mini", true),
            ("*-mini", "gpt-4o-mini-2", false),
            ("*", "", true),
            ("*", "anything/at:all", true),
            ("**", "x", true),
            ("", "", true),
            ("", "x", false),
            ("a*a", "a", false),
            ("a*a", "aa", true),
            ("a*b*c", "a-b-b-c", true),
            ("a*b*c", "acb", false),
            ("*b*b*", "ab", false),
            ("*b*b*", "abb", true),
            ("ab*ba", "aba", false),
            ("gpt?4", "gpt-4", false),
            ("é*ü", "éxü", true),
        ] {
            assert_eq!(matches(pattern, text), hit, "{pattern:?} on {text:?}");
        }
    }

    #[test]
    fn many_stars_do_not_multiply_the_work() {
        // A backtracking matcher would not return from this.
        let pattern = "a*".repeat(100_000) + "b";
        assert!(!matches(&pattern, &"a".repeat(200_000)));
    }

    proptest::proptest! {
        #[test]
        fn as_a_table_of_all_prefixes_says(pattern in "[ab*]{0,8}", text in "[ab]{0,8}") {
            let (p, t): (Vec<_>, Vec<_>) = (pattern.chars().collect(), text.chars().collect());
            let mut hit = vec![vec![false; t.len() + 1]; p.len() + 1];
            hit[0][0] = true;
            for i in 1..=p.len() {
                for j in 0..=t.len() {
                    hit[i][j] = if p[i - 1] == '*' {
                        hit[i - 1][j] || j > 0 && hit[i][j - 1]
                    } else {
                        j > 0 && hit[i - 1][j - 1] && p[i - 1] == t[j - 1]
                    };
                }
            }
            proptest::prop_assert_eq!(matches(&pattern, &text), hit[p.len()][t.len()]);
        }
    }
}
