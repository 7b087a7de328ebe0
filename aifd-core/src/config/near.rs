//! The known name that an unknown one was most likely meant to be.

use super::table::KEYS;
use std::iter;

/// The nearest of some names, if any is near: every third character may be wrong.
pub(super) fn nearest<'a>(name: &str, known: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    let name = fold(name);
    // Longer than any name, so near none: the distance costs the product of both lengths.
    if name.len() > 100 {
        return None;
    }
    let near = known.into_iter().map(|k| (strsim::damerau_levenshtein(&name, &fold(k)), k));
    let near = near.filter(|(distance, k)| *distance <= 1.max(k.len() / 3));
    near.min_by_key(|(distance, _)| *distance).map(|(_, k)| k)
}

fn fold(name: &str) -> String {
    name.to_lowercase().replace('-', "_")
}

/// The key meant by an unknown path: its variable's name in a file, the right name at another place, or a slip.
pub(super) fn key(path: &str) -> Option<&'static str> {
    let last = path.rsplit('.').next().unwrap_or(path);
    let by_variable = KEYS.iter().find(|key| key.env.iter().any(|env| fold(env) == fold(last)));
    let elsewhere = || KEYS.iter().find(|key| key.path.rsplit('.').next() == Some(fold(last).as_str()));
    by_variable.or_else(elsewhere).map(|key| key.path).or_else(|| slip(path, last))
}

fn slip(path: &str, last: &str) -> Option<&'static str> {
    let paths = || KEYS.iter().flat_map(super::keys::Key::paths).chain(sections());
    nearest(path, paths()).or_else(|| {
        let names = KEYS.iter().map(|key| (key.path.rsplit('.').next().unwrap_or(key.path), key.path));
        let name = nearest(last, names.clone().map(|(name, _)| name))?;
        names.into_iter().find(|(n, _)| *n == name).map(|(_, path)| path)
    })
}

/// Every section of the file.
pub(super) fn sections() -> impl Iterator<Item = &'static str> {
    let mut last = "";
    KEYS.iter().filter_map(|key| key.path.split_once('.')).map(|(section, _)| section).filter(
        move |section| {
            let new = *section != last;
            last = section;
            new
        },
    )
}

/// The variable meant by an unknown one.
pub(super) fn variable(name: &str) -> Option<&'static str> {
    let known = KEYS.iter().flat_map(|key| key.env.iter().copied()).chain(iter::once(super::sources::CONFIG));
    nearest(name, known.filter(|known| known.starts_with("AIFD_")))
}
