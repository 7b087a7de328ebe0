//! What is promised of administration, with a running server and without.

mod keys;
mod live;
mod many;
mod reaching;

use super::*;
use crate::{
    config::{self, Config, Environment, Sources},
    store::StoreError,
};
use std::{path::Path, sync::Arc, time::Duration};

/// Long enough for a store that was just dropped to be free.
const WAIT: Duration = Duration::from_secs(10);

/// A data folder, and the configuration that names it.
struct Place {
    folder: tempfile::TempDir,
    config: Config,
}

impl Place {
    fn new() -> Self {
        Self::with_data_dir("data")
    }

    fn with_data_dir(name: &str) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let data_dir = folder.path().join(name).display().to_string();
        let environment = Environment::of([
            ("AIFD_DATA_DIR", data_dir.as_str()),
            ("FORWARD_KEY_CONFIG", r#"{"1": ["fk-configured"], "2": ["fk-x"]}"#),
        ]);
        let sources = Sources {
            config_flag: None,
            flags: Vec::new(),
            directory: folder.path().to_owned(),
            environment,
        };
        let config = config::load(&sources).unwrap().config;
        Place { folder, config }
    }

    fn data_dir(&self) -> &Path {
        &self.config.data_dir.path
    }

    fn open(&self) -> Arc<Administration> {
        Arc::new(Administration::open(&self.config, WAIT).unwrap())
    }

    async fn admin(&self) -> Admin {
        Admin::reach(&self.config).await.unwrap()
    }
}

fn draft(name: &str, secret: &str) -> crate::key::KeyDraft {
    let secret = (!secret.is_empty()).then(|| crate::secret::Secret::new(secret));
    crate::key::KeyDraft { name: Some(name.to_owned()), secret, ..Default::default() }
}

fn create(drafts: impl IntoIterator<Item = crate::key::KeyDraft>) -> Request {
    Request::CreateKeys { drafts: drafts.into_iter().collect() }
}

fn name(name: &str) -> KeyName {
    KeyName(name.to_owned())
}

fn views(response: Response) -> Vec<KeyView> {
    match response {
        Response::Keys(keys) => keys,
        Response::Created(created) => created.into_iter().map(|created| created.key).collect(),
        other => panic!("{other:?}"),
    }
}

fn names(on: &Administration) -> Vec<String> {
    views(apply(on, Request::ListKeys).unwrap()).into_iter().map(|key| key.name).collect()
}

/// The names of the keys of the store.
fn stored_names(on: &Administration) -> Vec<String> {
    names(on).into_iter().filter(|name| !name.starts_with("cfg_")).collect()
}

fn status() -> Status {
    Status {
        version: "1".into(),
        pid: 1,
        address: "http://127.0.0.1:1".into(),
        started: crate::clock::utc(),
        uptime_s: 1,
        routes: Vec::new(),
        requests: RequestCounts::default(),
        refused: BTreeMap::new(),
        logs: None,
        upstream_keys: Vec::new(),
        store: None,
    }
}
