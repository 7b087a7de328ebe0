//! Everything that the workers share, built once from the configuration.

use crate::{
    access::{Access, Grant},
    cache::{Ask, Cache},
    client::{Callers, TrustedProxies},
    config::{ApiPaths, CallerBounds, Config, Cors, IterChunk, UpstreamConfig},
    exchange::InFlight,
    inspect::Rules,
    key::KeyBook,
    ledger::Ledger,
    limit::{Asked, Limiter},
    recorder::Recorder,
    route::RouteTable,
    tally::Tally,
    upstream::{
        connect::Origin,
        tls::{CaFileError, ClientTls},
    },
};
use std::sync::{
    Arc,
    atomic::{AtomicBool, Ordering::Relaxed},
};

/// Everything that the workers share.
pub(crate) struct Gateway {
    pub(crate) routes: RouteTable,
    pub(crate) cors: Option<Cors>,
    pub(crate) caller: CallerBounds,
    /// Whose word about a caller's address is believed.
    pub(crate) trusted_proxies: TrustedProxies,
    /// Whether their connections begin with a PROXY protocol header.
    pub(crate) proxy_protocol: bool,
    /// Whether pieces of an answer that are ready together leave together.
    pub(crate) gather: bool,
    pub(crate) benchmark_mode: bool,
    pub(crate) in_flight: Arc<InFlight>,
    pub(crate) tally: Arc<Tally>,
    pub(crate) access: Access,
    pub(crate) limiter: Limiter,
    /// Where keys are counted; `None` without a store.
    pub(crate) ledger: Option<Arc<Ledger>>,
    /// `None`: nothing is logged.
    pub(crate) recorder: Option<Arc<Recorder>>,
    /// `None`: nothing is cached.
    pub(crate) cache: Option<Arc<Cache>>,
    pub(crate) api_paths: ApiPaths,
    max_inspected_body: usize,
    pub(crate) upstream: Arc<UpstreamConfig>,
    /// In the order of the configured routes.
    pub(crate) origins: Arc<[Origin]>,
    pub(crate) client_tls: Arc<ClientTls>,
    serving: AtomicBool,
}

/// Why no gateway can be built from a configuration.
#[derive(Debug, thiserror::Error)]
pub enum GatewayError {
    /// `ca_file` cannot be used.
    #[error(transparent)]
    CaFile(#[from] CaFileError),
    /// A base URL or the proxy's address cannot be used.
    #[error("route {route}: its upstream's or its proxy's address cannot be used: {why}")]
    Origin {
        /// The route's prefix.
        route: String,
        /// What is wrong with it.
        why: http::Error,
    },
}

impl Gateway {
    /// # Errors
    /// A file or an address of the configuration cannot be used.
    pub(crate) fn new(
        config: &Config,
        book: Arc<KeyBook>,
        ledger: Option<Arc<Ledger>>,
    ) -> Result<Self, GatewayError> {
        let origin = |route: &crate::config::RouteConfig| {
            Origin::new(&route.base_url, config.upstream.proxy.as_ref())
                .map_err(|why| GatewayError::Origin { route: route.prefix.clone(), why })
        };
        let limiter = Limiter::new(&config.limits);
        let callers = limiter.counts_callers().then(Callers::default);
        Ok(Gateway {
            routes: RouteTable::new(&config.routes),
            cors: config.cors.clone(),
            caller: config.caller.clone(),
            trusted_proxies: TrustedProxies::new(&config.access.trusted_proxies),
            proxy_protocol: config.access.proxy_protocol,
            gather: config.iter_chunk == IterChunk::Efficiency,
            benchmark_mode: config.benchmark_mode,
            in_flight: Arc::default(),
            tally: Arc::new(Tally::new(config.routes.len())),
            access: Access::new(&config.access, &config.routes, book, callers),
            limiter,
            ledger,
            recorder: Recorder::new(config).map(Arc::new),
            cache: Cache::new(config).map(Arc::new),
            api_paths: config.api_paths.clone(),
            max_inspected_body: config.access.max_inspected_body,
            upstream: Arc::new(config.upstream.clone()),
            origins: config.routes.iter().map(origin).collect::<Result<_, _>>()?,
            client_tls: Arc::new(ClientTls::new(config.upstream.ca_file.as_deref())?),
            serving: AtomicBool::new(true),
        })
    }

    /// What has to be known of a request.
    pub(crate) fn rules(&self, grant: &Grant, asked: &Asked<'_>, cache: Option<&Ask>) -> Rules<'_> {
        Rules {
            cached: cache.is_some(),
            recorded: cache.is_some_and(|ask| ask.takes_all),
            models: grant.is_restricted(),
            tokens: self.limiter.counts_tokens(asked),
            counted: grant.key.is_some(),
            max: self.max_inspected_body,
            bounds: &self.caller,
        }
    }

    pub(crate) fn is_serving(&self) -> bool {
        self.serving.load(Relaxed)
    }

    pub(crate) fn stop_serving(&self) {
        self.serving.store(false, Relaxed);
    }
}
