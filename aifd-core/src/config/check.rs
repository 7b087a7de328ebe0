//! Checks that take more than one key.

use super::{
    Config, RouteKind,
    problem::{Problem, What},
    reader::Reader,
    routes,
};
use std::collections::BTreeMap;

/// Reports what does not fit together.
pub(super) fn across(reader: &mut Reader<'_>, config: &Config) {
    if config.logs.openai {
        shared_log_folders(reader, config);
    }
}

/// Two openai routes of one log folder, such as `/` and `/openai`, would have their chats mixed.
fn shared_log_folders(reader: &mut Reader<'_>, config: &Config) {
    let mut folders = BTreeMap::new();
    let openai = config.routes.iter().filter(|route| route.kind == RouteKind::OpenAi);
    for route in openai {
        let folder = aifd_log::folder_name(&route.prefix);
        let prefix = routes::shown(&route.prefix);
        if let Some(other) = folders.insert(folder.clone(), prefix) {
            let what = What::SharedLogFolder { folder: folder.to_string(), other: other.to_owned() };
            let origin = reader.origin("forward");
            reader.problems.push(Problem::warning(&origin, format!("forward {prefix}"), what));
        }
    }
}
