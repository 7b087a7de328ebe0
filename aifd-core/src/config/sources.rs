//! Where the configuration is read from, and which source wins for each key.

use super::{
    env::{self, Environment},
    json,
    keys::{Key, Kind},
    layout, near,
    node::Node,
    origin::Origin,
    problem::{Checked, Problem, What},
    reader,
    table::KEYS,
    yaml,
};
use std::{
    collections::BTreeMap,
    fs::File,
    io::{self, Read},
    path::{Path, PathBuf},
    sync::Arc,
};

/// The variable that names the configuration file.
pub(super) const CONFIG: &str = "AIFD_CONFIG";
/// Files looked for in the working directory when none is named.
const FILES: [&str; 2] = ["aifd.yaml", "openai-forward-config.yaml"];
/// Bytes of a configuration file that are read at most.
pub(super) const MAX_FILE: u64 = 4 << 20;

/// Where the configuration is read from: flags win over the environment, that over the file.
#[derive(Clone, Debug, Default)]
pub struct Sources {
    /// The file that `--config` names.
    pub config_flag: Option<PathBuf>,
    /// Key path, flag name, and value of every flag given.
    pub flags: Vec<(&'static str, &'static str, String)>,
    /// The working directory, which relative paths begin at.
    pub directory: PathBuf,
    /// The variables.
    pub environment: Environment,
}

/// The winning value of each key, by path.
pub(super) type Given = BTreeMap<&'static str, Node>;

/// What the sources hold.
pub(super) struct Gathered {
    pub(super) given: Given,
    pub(super) file: Option<PathBuf>,
    pub(super) problems: Vec<Problem>,
}

/// Reads all sources.
pub(super) fn gather(sources: &Sources) -> Gathered {
    let mut problems = sources.environment.problems().to_vec();
    let named = file_named(sources, &mut problems);
    let given = match &named {
        Some((path, origin)) => read_file(&sources.directory, path, origin).unwrap_or_else(|problem| {
            problems.push(*problem);
            Node::null(Origin::Default)
        }),
        None => Node::null(Origin::Default),
    };
    let mut given = layout::settings(given, &sources.environment, &mut problems);
    from_environment(&sources.environment, &mut given, &mut problems);
    from_flags(&sources.flags, &mut given, &mut problems);
    unknown_variables(&sources.environment, &mut problems);
    Gathered { given, file: named.map(|(path, _)| path), problems }
}

/// The file to read, and who named it.
fn file_named(sources: &Sources, problems: &mut Vec<Problem>) -> Option<(PathBuf, Origin)> {
    if let Some(path) = &sources.config_flag {
        return Some((path.clone(), Origin::Flag("--config")));
    }
    match sources.environment.node(CONFIG) {
        Ok(Some(node)) => return node.text().map(|path| (PathBuf::from(path), node.origin.clone())),
        Ok(None) => {}
        Err(problem) => problems.push(*problem),
    }
    // A link to nowhere is somebody's configuration too: reading it says what is wrong.
    let there = |name: &&str| sources.directory.join(name).symlink_metadata().is_ok();
    let found = FILES.into_iter().find(there);
    found.map(|name| (PathBuf::from(name), Origin::whole(name)))
}

fn read_file(directory: &Path, path: &Path, named_by: &Origin) -> Checked<Node> {
    let unreadable = |error: io::Error| {
        let what = What::Unreadable { file: path.to_owned(), kind: error.kind() };
        Problem::error(named_by, "", what)
    };
    let mut bytes = Vec::new();
    let file = File::open(directory.join(path)).map_err(unreadable)?;
    file.take(MAX_FILE + 1).read_to_end(&mut bytes).map_err(unreadable)?;
    let name: Arc<str> = path.to_string_lossy().into();
    if bytes.len() as u64 > MAX_FILE {
        return Err(Problem::error(&Origin::whole(&name), "", What::TooBig).into());
    }
    yaml::read(&env::utf8(bytes, &name)?, &name)
}

fn from_environment(environment: &Environment, given: &mut Given, problems: &mut Vec<Problem>) {
    for key in KEYS {
        for name in key.env {
            let node = match environment.node(name) {
                Ok(Some(node)) if !set_by_kubernetes(name, node.text()) => decode(key, node),
                Ok(_) => continue,
                Err(problem) => Err(problem),
            };
            match node {
                Ok(node) => {
                    given.insert(key.path, node);
                }
                Err(problem) => problems.push(Problem { key: key.path.to_owned(), ..*problem }),
            }
            break;
        }
    }
}

fn from_flags(
    flags: &[(&'static str, &'static str, String)],
    given: &mut Given,
    problems: &mut Vec<Problem>,
) {
    for (path, flag, value) in flags {
        let origin = Origin::Flag(flag);
        let Some(key) = Key::find(path) else {
            problems.push(Problem::error(&origin, *path, What::UnknownKey { nearest: None }));
            continue;
        };
        match decode(key, Node::plain(value, origin)) {
            // An empty variable is an unset one; an empty flag is a slip, such as `--host "$HOST"` without a HOST.
            Ok(node) if node.is_empty() => {
                problems.push(Problem::error(&node.origin, key.path, reader::wrong(&key.kind, &node)));
            }
            Ok(node) => {
                given.insert(key.path, node);
            }
            Err(problem) => problems.push(Problem { key: key.path.to_owned(), ..*problem }),
        }
    }
}

/// Text of a variable, a flag or a default as the value of a key: JSON where the value has parts.
pub(super) fn decode(key: &Key, node: Node) -> Checked<Node> {
    let Some(text) = node.text().filter(|text| !text.is_empty()) else { return Ok(node) };
    let list = matches!(key.kind, Kind::Texts | Kind::Origins | Kind::IpList | Kind::Statuses);
    if key.kind.has_parts() || (list && text.starts_with('[')) {
        return json::read(text, &node.origin)
            .map_err(|what| Problem::error(&node.origin, key.path, what).into());
    }
    Ok(node)
}

fn unknown_variables(environment: &Environment, problems: &mut Vec<Problem>) {
    let known = |name: &str| name == CONFIG || KEYS.iter().any(|key| key.env.contains(&name));
    for name in environment.names("AIFD_") {
        if !known(name) && !set_by_kubernetes(name, environment.raw(name).map(|raw| raw.text)) {
            let what = What::UnknownVariable { nearest: near::variable(name) };
            problems.push(Problem::error(&environment.origin(name), "", what));
        }
    }
}

/// Kubernetes sets `AIFD_PORT=tcp://10.0.0.1:80` and `AIFD_SERVICE_HOST` beside a service that is named `aifd`.
fn set_by_kubernetes(name: &str, value: Option<&str>) -> bool {
    let address = || value.is_some_and(|v| v.starts_with("tcp://") || v.starts_with("udp://"));
    name.starts_with("AIFD_SERVICE_") || name.starts_with("AIFD_PORT_") || (name == "AIFD_PORT" && address())
}
