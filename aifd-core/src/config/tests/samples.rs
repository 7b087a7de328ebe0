//! Files as users of openai-forward have them load and mean what they say.

use crate::config::{Environment, Loaded, Problems, Sources, load};
use std::path::PathBuf;

pub(super) fn samples() -> PathBuf {
    PathBuf::from(concat!(env!("CARGO_MANIFEST_DIR"), "/../tests/fixtures/config-samples"))
}

pub(super) fn from_dotenv(text: &str) -> Result<Loaded, Problems> {
    let environment = Environment::default().with_dotenv(text);
    load(&Sources { environment, directory: "/nonexistent".into(), ..Sources::default() })
}

#[test]
fn every_sample_loads() {
    for entry in std::fs::read_dir(samples()).unwrap() {
        let path = entry.unwrap().path();
        let loaded = match path.extension().is_some_and(|e| e == "yaml") {
            true => load(&Sources { config_flag: Some(path.clone()), ..Sources::default() }),
            false => from_dotenv(&std::fs::read_to_string(&path).unwrap()),
        };
        let loaded = loaded.unwrap_or_else(|problems| panic!("{}: {problems}", path.display()));
        assert!(loaded.warnings.is_empty(), "{:?}", loaded.warnings);
    }
}
