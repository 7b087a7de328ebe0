//! The way to a gateway's keys and numbers: its running server, or else the store itself.

use crate::{cli::Place, report::Failure, settings};
use aifd_core::{
    config::{self, Config},
    control::{self, ControlError, CreatedKey, KeyName, KeyView, Request, Response},
};
use tokio::runtime::{Builder, Runtime};

/// Who is asked.
pub(super) struct Admin {
    config: Config,
    other: control::Admin,
    runtime: Runtime,
}

impl Admin {
    /// Reads the configuration, and reaches whoever holds the store that it names.
    pub(super) fn reach(place: &Place) -> Result<Self, Failure> {
        Admin::of(configuration(place)?)
    }

    /// The same, for who has read the configuration.
    pub(super) fn of(config: Config) -> Result<Self, Failure> {
        let runtime = Builder::new_current_thread().enable_all().build();
        let runtime = runtime.map_err(|source| Failure::System("start the event loop", source))?;
        let other = runtime.block_on(control::Admin::reach(&config))?;
        Ok(Admin { config, other, runtime })
    }

    /// The configuration.
    pub(super) fn config(&self) -> &Config {
        &self.config
    }

    /// Asks.
    pub(super) fn ask(&self, request: Request) -> Result<Response, Failure> {
        match self.try_ask(request) {
            Ok(response) => Ok(response),
            Err(error) => {
                let nearest = self.nearest(&error);
                Err(Failure::Control { error, nearest })
            }
        }
    }

    /// The same, for who makes something of the error.
    pub(super) fn try_ask(&self, request: Request) -> Result<Response, ControlError> {
        self.runtime.block_on(self.other.ask(request))
    }

    /// Asks what is answered with keys.
    pub(super) fn keys(&self, request: Request) -> Result<Vec<KeyView>, Failure> {
        match self.ask(request)? {
            Response::Keys(keys) => Ok(keys),
            _ => Err(Failure::OtherAnswer),
        }
    }

    /// Asks what is answered with one new secret.
    pub(super) fn created(&self, request: Request) -> Result<CreatedKey, Failure> {
        match self.ask(request)? {
            Response::Created(mut created) => created.pop().ok_or(Failure::OtherAnswer),
            _ => Err(Failure::OtherAnswer),
        }
    }

    /// What a name that no key has was most likely meant to be.
    fn nearest(&self, error: &ControlError) -> Option<String> {
        let ControlError::NoSuchKey { name } = error else { return None };
        match self.try_ask(Request::ListKeys) {
            Ok(Response::Keys(keys)) => nearest(name, keys.into_iter().flat_map(|key| [key.name, key.id.0])),
            _ => None,
        }
    }
}

/// The configuration that names the store.
pub(super) fn configuration(place: &Place) -> Result<Config, Failure> {
    Ok(config::load(&settings::of_place(place)?)?.config)
}

/// Names as they are asked for.
pub(super) fn names(keys: Vec<String>) -> Vec<KeyName> {
    keys.into_iter().map(KeyName).collect()
}

/// The nearest of some names, if any is near: every third character may be wrong.
pub(super) fn nearest(name: &str, known: impl IntoIterator<Item = String>) -> Option<String> {
    let near = known.into_iter().map(|known| (strsim::damerau_levenshtein(name, &known), known));
    let near = near.filter(|(distance, known)| *distance <= 1.max(known.chars().count() / 3));
    near.min_by_key(|(distance, _)| *distance).map(|(_, known)| known)
}

#[cfg(test)]
mod tests {
    use super::nearest;

    #[test]
    fn a_slip_finds_the_name_that_was_meant() {
        let known = || ["ci", "team-search", "key_0123456789abcdef"].map(str::to_owned);
        for (name, expected) in
            [("team-serach", Some("team-search")), ("cj", Some("ci")), ("production", None), ("", None)]
        {
            assert_eq!(nearest(name, known()).as_deref(), expected, "{name}");
        }
    }
}
