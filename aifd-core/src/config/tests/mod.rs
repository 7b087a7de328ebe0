//! What the configuration promises, by tables.

mod access;
mod garbage;
mod problems;
mod samples;
mod sources;
mod table;
mod values;

use super::{Environment, Loaded, Problem, Problems, Sources, load};

/// A working directory with some files, and an environment.
struct Place {
    directory: tempfile::TempDir,
    sources: Sources,
}

impl Place {
    fn new() -> Self {
        let directory = tempfile::tempdir().unwrap();
        let sources = Sources { directory: directory.path().into(), ..Sources::default() };
        Place { directory, sources }
    }

    fn file(self, name: &str, bytes: impl AsRef<[u8]>) -> Self {
        std::fs::write(self.directory.path().join(name), bytes).unwrap();
        self
    }

    fn environment(mut self, environment: Environment) -> Self {
        self.sources.environment = environment;
        self
    }

    fn flag(mut self, key: &'static str, flag: &'static str, value: &str) -> Self {
        self.sources.flags.push((key, flag, value.to_owned()));
        self
    }

    fn load(&self) -> Result<Loaded, Problems> {
        load(&self.sources)
    }

    fn loaded(&self) -> Loaded {
        self.load().unwrap_or_else(|problems| panic!("{problems}"))
    }

    fn problems(&self) -> Vec<Problem> {
        self.load().map(|loaded| panic!("loaded: {:?}", loaded.config)).unwrap_err().0
    }
}

/// What a file of this text, alone, means.
fn yaml(text: &str) -> Loaded {
    Place::new().file("aifd.yaml", text).loaded()
}

/// What these variables, alone, mean.
fn variables(pairs: &[(&str, &str)]) -> Loaded {
    Place::new().environment(Environment::of(pairs.iter().copied())).loaded()
}
