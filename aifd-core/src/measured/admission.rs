//! What it takes to let a request in.

use crate::{
    access::{Access, Asking, credential},
    client::Callers,
    clock,
    config::{
        AccessConfig, CredentialPlace, ForwardKeyConfig, Level, LevelLimit, LimitsConfig, RouteConfig,
        RouteKind, RouteLimit, Strategy,
    },
    key::{Hasher, KeyBook},
    limit::{Asked, Limiter},
    secret::Secret,
};
use http::{HeaderMap, HeaderValue, header::AUTHORIZATION};
use std::{collections::BTreeMap, sync::Arc, time::Duration};

/// Keys, a model list and a limit, as a gateway has them.
pub struct Admission {
    access: Access,
    limiter: Limiter,
    headers: Vec<HeaderMap>,
}

impl Admission {
    /// So many forward keys of one level. `None`: the system gives no random bytes.
    pub fn new(keys: usize) -> Option<Self> {
        let secrets: Vec<String> = (0..keys).map(|number| format!("fk-{number:045}")).collect();
        let forward =
            |secret: &String| ForwardKeyConfig { key: Secret::new(secret.as_str()), level: Level(1) };
        let config = AccessConfig {
            forward_keys: secrets.iter().map(forward).collect(),
            level_models: BTreeMap::from([(Level(1), vec!["gpt-4o*".to_owned()])]),
            key_cooldown: Duration::from_secs(60),
            ..AccessConfig::default()
        };
        let route = RouteConfig {
            prefix: String::new(),
            base_url: http::Uri::from_static("http://upstream.example"),
            kind: RouteKind::OpenAi,
            upstream_auth: CredentialPlace::Same,
            require_forward_key: Some(true),
            log: None,
            cache: None,
            cache_ttl: None,
            upstream_keys: Vec::new(),
        };
        let quotas = "1000000000/minute".parse().ok()?;
        let limit = RouteLimit {
            route: "/v1/chat/completions".to_owned(),
            limits: vec![LevelLimit { level: Some(Level(1)), quotas }],
        };
        let limits = LimitsConfig { requests: vec![limit], ..LimitsConfig::default() };
        let book = KeyBook::new(Hasher::random().ok()?, &config.forward_keys, Strategy::FixedWindow);
        let header = |secret: &String| {
            let value = HeaderValue::from_str(&format!("Bearer {secret}")).ok()?;
            Some(HeaderMap::from_iter([(AUTHORIZATION, value)]))
        };
        Some(Admission {
            access: Access::new(&config, &[route], Arc::new(book), Some(Callers::default())),
            limiter: Limiter::new(&limits),
            headers: secrets.iter().map(header).collect::<Option<_>>()?,
        })
    }

    /// Identifies and authorises the caller with this key, counts its request and checks its model; whether it may.
    pub fn admit(&self, key: usize) -> bool {
        let path = "/v1/chat/completions";
        let credentials = credential::all(&self.headers[key % self.headers.len()], None);
        let grant = self.access.authorize(&Asking {
            route: 0,
            route_name: "/",
            path,
            credentials: &credentials,
            client: None,
        });
        let Ok(grant) = grant else { return false };
        let asked = Asked { path, level: grant.level, caller: grant.caller, key: None };
        self.limiter.admit(&asked, clock::now()).is_ok() && grant.check_model(["gpt-4o-mini"], true).is_ok()
    }
}

#[cfg(test)]
mod tests {
    #[test]
    fn what_is_measured_is_admitted() {
        let admission = super::Admission::new(3).unwrap();
        assert!((0..6).all(|key| admission.admit(key)));
    }
}
