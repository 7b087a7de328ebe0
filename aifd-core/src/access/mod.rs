//! Who may ask for what: addresses, forward keys, routes and models.

pub(crate) mod credential;
pub(crate) mod ip;
pub(crate) mod pool;

use crate::{
    client::{CallerId, Callers},
    clock,
    config::{AccessConfig, CredentialPlace, Level, RouteConfig},
    error::ForwardError,
    key::{ActiveKey, Found, KeyBook, KeyState, pattern},
    plain_path::lies_below,
};
use credential::{Credential, Place};
use http::{HeaderMap, header::AUTHORIZATION, uri::PathAndQuery};
use ip::IpRules;
use pool::{Cycle, UpstreamKeys};
use std::{
    collections::{BTreeMap, HashMap},
    net::IpAddr,
    sync::Arc,
    time::Duration,
};

/// Who may ask for what.
pub(crate) struct Access {
    ip: IpRules,
    pub(crate) book: Arc<KeyBook>,
    levels: HashMap<Level, Arc<[String]>>,
    /// In the order of the configured routes.
    routes: Vec<RouteAccess>,
    require_forward_key: bool,
    /// `None`: nobody counts callers apart.
    callers: Option<Callers>,
    /// How long an upstream key that the provider refused is set aside.
    pub(crate) key_cooldown: Duration,
}

/// What is particular to a route.
struct RouteAccess {
    require_forward_key: bool,
    upstream_auth: CredentialPlace,
    keys: Arc<UpstreamKeys>,
    has_own_keys: bool,
}

/// What is known of a request when it is decided on.
pub(crate) struct Asking<'a> {
    /// Position of its route among the configured ones.
    pub(crate) route: usize,
    /// The route's prefix as shown.
    pub(crate) route_name: &'a str,
    /// The whole path.
    pub(crate) path: &'a str,
    /// Every credential that it holds, the one that counts first.
    pub(crate) credentials: &'a [Credential<'a>],
    pub(crate) client: Option<IpAddr>,
}

/// What a request may do.
pub(crate) struct Grant {
    pub(crate) level: Level,
    /// Who it counts for where limits are kept by caller.
    pub(crate) caller: CallerId,
    /// The forward key, and where it was.
    pub(crate) key: Option<(Arc<ActiveKey>, Place)>,
    /// The request holds no other credential than that key.
    pub(crate) alone: bool,
    /// The models of its level; `None`: there is no list.
    listed: Option<Arc<[String]>>,
}

impl Access {
    /// `callers` says whether callers are counted apart.
    pub(crate) fn new(
        config: &AccessConfig,
        routes: &[RouteConfig],
        book: Arc<KeyBook>,
        callers: Option<Callers>,
    ) -> Self {
        let shared = Arc::new(UpstreamKeys::new(&config.upstream_keys));
        let own = |route: &RouteConfig| match route.upstream_keys.as_slice() {
            [] => shared.clone(),
            keys => Arc::new(UpstreamKeys::new(keys)),
        };
        let route = |route: &RouteConfig| RouteAccess {
            require_forward_key: route.require_forward_key.unwrap_or(config.require_forward_key),
            upstream_auth: route.upstream_auth.clone(),
            keys: own(route),
            has_own_keys: !route.upstream_keys.is_empty(),
        };
        let levels: &BTreeMap<Level, Vec<String>> = &config.level_models;
        Access {
            ip: IpRules::new(&config.ip_allow, &config.ip_deny),
            book,
            levels: levels.iter().map(|(level, models)| (*level, models.as_slice().into())).collect(),
            routes: routes.iter().map(route).collect(),
            require_forward_key: config.require_forward_key,
            callers,
            key_cooldown: config.key_cooldown,
        }
    }

    /// Whether a caller's address may call at all; asked before it is told anything, such as which routes there are.
    ///
    /// # Errors
    /// It may not.
    pub(crate) fn admit_address(&self, client: Option<IpAddr>) -> Result<(), ForwardError> {
        if self.ip.allows(client) { Ok(()) } else { Err(ForwardError::IpForbidden { client }) }
    }

    /// The first half of the decision: key and route. The model follows with [`Grant::check_model`].
    ///
    /// # Errors
    /// What the request may not.
    pub(crate) fn authorize(&self, asking: &Asking<'_>) -> Result<Grant, ForwardError> {
        let required = self.routes[asking.route].require_forward_key;
        let grant = self.identify(asking.credentials, asking.client, required)?;
        if let Some((key, _)) = &grant.key {
            may_use_route(key, asking)?;
        }
        Ok(grant)
    }

    /// The same for an endpoint of the gateway's own, which is on no route.
    ///
    /// # Errors
    /// What the request may not.
    pub(crate) fn authorize_here(
        &self,
        headers: &HeaderMap,
        query: Option<&str>,
        client: Option<IpAddr>,
    ) -> Result<Grant, ForwardError> {
        self.admit_address(client)?;
        self.identify(&credential::all(headers, query), client, self.require_forward_key)
    }

    fn identify(
        &self,
        credentials: &[Credential<'_>],
        client: Option<IpAddr>,
        required: bool,
    ) -> Result<Grant, ForwardError> {
        let known = credentials.iter().find_map(|(place, text)| Some((self.book.find(text)?, place)));
        if let Some((found, place)) = known {
            return self.of_key(found, place.clone(), credentials.len() == 1);
        }
        let caller = match credentials.first() {
            None if required => return Err(ForwardError::KeyMissing),
            Some(_) if required => return Err(ForwardError::KeyUnknown),
            Some((_, text)) => self.caller(|callers| callers.of_credential(text)),
            None => self.caller(|callers| callers.of_address(client)),
        };
        // As in openai-forward, what is no forward key passes on, with the limits of level 0.
        Ok(Grant { level: Level(0), caller, key: None, alone: false, listed: None })
    }

    fn caller(&self, of: impl FnOnce(&Callers) -> CallerId) -> CallerId {
        self.callers.as_ref().map_or(CallerId(0), of)
    }

    fn of_key(&self, found: Found, place: Place, alone: bool) -> Result<Grant, ForwardError> {
        let key = usable(found)?;
        let level = key.level();
        let listed = self.levels.get(&level).cloned();
        let caller = self.caller(|callers| callers.of_key(key.id()));
        Ok(Grant { level, caller, key: Some((key, place)), alone, listed })
    }

    /// The upstream keys of every route, those of all routes without their own once, under no route.
    pub(crate) fn upstream_keys(&self) -> Vec<(Option<usize>, &Arc<UpstreamKeys>)> {
        let own = |index: usize| self.routes[index].has_own_keys.then_some(index);
        let mut all: Vec<_> =
            (0..self.routes.len()).map(|index| (own(index), &self.routes[index].keys)).collect();
        let mut shared = false;
        all.retain(|(own, _)| own.is_some() || !std::mem::replace(&mut shared, true));
        all
    }

    /// The upstream keys that a request with a forward key is sent with, in turn; `None` where the route has none at
    /// all, so that it goes without a credential.
    ///
    /// # Errors
    /// The route has keys, but none for this level.
    pub(crate) fn cycle(&self, route: usize, grant: &Grant) -> Result<Option<Arc<Cycle>>, ForwardError> {
        let keys = &self.routes[route].keys;
        match keys.of(grant.level) {
            _ if grant.key.is_none() || keys.is_empty() => Ok(None),
            Some(cycle) => Ok(Some(cycle.clone())),
            None => Err(ForwardError::UpstreamKeyMissing { level: grant.level }),
        }
    }

    /// Takes the forward keys out of a request; `only` is where the one is, if there is no other credential.
    pub(crate) fn take_out(&self, only: Option<&Place>, headers: &mut HeaderMap, path: &mut PathAndQuery) {
        match only {
            Some(Place::Bearer | Place::BareAuthorization) => drop(headers.remove(AUTHORIZATION)),
            Some(Place::Header(name)) => drop(headers.remove(name)),
            _ => credential::remove(headers, path, |text| self.book.find(text).is_some()),
        }
    }

    /// Puts an upstream key into a request.
    pub(crate) fn put_in(
        &self,
        route: usize,
        place: &Place,
        key: &pool::UpstreamKey,
        headers: &mut HeaderMap,
        path: &mut PathAndQuery,
    ) {
        credential::put(headers, path, &self.routes[route].upstream_auth, place, &key.secret);
    }
}

/// The key, if it can be used now.
fn usable(found: Found) -> Result<Arc<ActiveKey>, ForwardError> {
    let state = found.state(clock::utc());
    let key = found.key;
    match state {
        KeyState::Active => Ok(key),
        KeyState::Disabled => Err(ForwardError::KeyDisabled { key: key.masked() }),
        KeyState::Expired => Err(ForwardError::KeyExpired { key: key.masked() }),
    }
}

/// Whether a key may use a route: `/` stands for the root route alone, any other entry for the paths below it.
fn may_use_route(key: &ActiveKey, asking: &Asking<'_>) -> Result<(), ForwardError> {
    let allowed = &key.rules.routes;
    let below = |entry: &String| {
        let prefix = entry.trim_end_matches('/');
        match prefix.is_empty() {
            true => asking.route_name == "/",
            false => lies_below(asking.path, prefix),
        }
    };
    if allowed.is_empty() || allowed.iter().any(below) {
        return Ok(());
    }
    Err(ForwardError::RouteForbidden { route: asking.route_name.into(), allowed: allowed.join(", ").into() })
}

impl Grant {
    /// The models of the key itself.
    fn own(&self) -> &[String] {
        self.key.as_ref().map_or(&[], |(key, _)| &key.rules.models)
    }

    /// Whether not every model is allowed, so that each request has to tell its own.
    pub(crate) fn is_restricted(&self) -> bool {
        self.level != Level(0) || !self.own().is_empty()
    }

    /// Whether a model is allowed.
    pub(crate) fn may_use(&self, model: &str) -> bool {
        pattern::may_use(self.level, self.listed.as_deref(), self.own(), model)
    }

    /// The second half of the decision: every model that the request names.
    ///
    /// # Errors
    /// One is not allowed, or none is named by a request that has to.
    pub(crate) fn check_model<'m>(
        &self,
        named: impl IntoIterator<Item = &'m str>,
        needed: bool,
    ) -> Result<(), ForwardError> {
        if !self.is_restricted() {
            return Ok(());
        }
        let mut any = false;
        for model in named {
            any = true;
            if !self.may_use(model) {
                return Err(ForwardError::ModelForbidden { model: model.into(), allowed: self.allowed() });
            }
        }
        if needed && !any { Err(ForwardError::ModelMissing { allowed: self.allowed() }) } else { Ok(()) }
    }

    /// What it may use, for people.
    fn allowed(&self) -> Box<str> {
        let own = self.own().join(", ");
        let listed = self.listed.as_ref().filter(|_| self.level != Level(0)).map(|listed| listed.join(", "));
        let text = match listed {
            Some(listed) if !own.is_empty() => format!("{own}, as far as its level may: {listed}"),
            Some(listed) => listed,
            None => own,
        };
        if text.is_empty() { "none".into() } else { text.into() }
    }
}
