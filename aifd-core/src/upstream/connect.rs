//! Opens connections to one upstream: names, addresses, proxies, TLS.

use super::{stream::Stream, tls::ClientTls};
use crate::{
    config::{ProxyConfig, ProxyScheme},
    error::{ConnectFailure, TlsFailure},
};
use http::{HeaderValue, Uri, uri::PathAndQuery};
use hyper_util::{
    client::{
        legacy::connect::{
            HttpConnector,
            proxy::{SocksV5, Tunnel},
        },
        proxy::matcher::Matcher,
    },
    rt::TokioIo,
};
use rustls_pki_types::ServerName;
use std::{
    error::Error,
    future::{Ready, ready},
    io,
    sync::Arc,
    task::{Context, Poll},
    time::Duration,
};
use tokio_rustls::TlsConnector;
use tower_service::Service;

/// Which protocols a connection is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Wanted {
    /// HTTP/2 where the upstream offers it by ALPN.
    Http,
    /// HTTP/1.1 alone, as an upgrade needs it.
    Http1,
}

/// How one upstream is reached.
pub(crate) struct Origin {
    /// Scheme, host and port.
    pub(crate) uri: Uri,
    /// Host and port, as messages name them.
    pub(crate) name: Arc<str>,
    /// The `Host` of requests.
    pub(crate) host: HeaderValue,
    proxy: Option<Arc<Proxy>>,
}

struct Proxy {
    scheme: ProxyScheme,
    uri: Uri,
    login: Option<(String, crate::secret::Secret)>,
    authorization: Option<HeaderValue>,
}

impl Origin {
    /// # Errors
    /// The base URL's host is no valid header value or its proxy no valid address.
    pub(crate) fn new(base_url: &Uri, proxy: Option<&ProxyConfig>) -> Result<Self, http::Error> {
        let scheme = base_url.scheme_str().unwrap_or("http");
        let authority = base_url.authority().map_or("", |authority| authority.as_str());
        let uri = Uri::builder().scheme(scheme).authority(authority).path_and_query("/").build()?;
        let port = uri.port_u16().unwrap_or(if scheme == "https" { 443 } else { 80 });
        let name = format!("{}:{port}", uri.host().unwrap_or_default());
        let proxy = proxy.map(|proxy| Proxy::matching(proxy, &uri)).transpose()?.flatten();
        Ok(Origin {
            host: HeaderValue::from_str(authority)?,
            name: name.into(),
            uri,
            proxy: proxy.map(Arc::new),
        })
    }

    pub(crate) fn is_https(&self) -> bool {
        self.uri.scheme_str() == Some("https")
    }

    /// The target of a request: origin-form, or absolute-form to an HTTP proxy and for HTTP/2.
    pub(crate) fn target(&self, path: PathAndQuery, http2: bool) -> Result<Uri, http::Error> {
        let mut parts = http::uri::Parts::default();
        if http2 || self.absolute_form().is_some() {
            parts.scheme = self.uri.scheme().cloned();
            parts.authority = self.uri.authority().cloned();
        }
        parts.path_and_query = Some(path);
        Ok(Uri::from_parts(parts)?)
    }

    /// The `Proxy-Authorization` of requests that go to a proxy in absolute-form.
    pub(crate) fn proxy_authorization(&self) -> Option<&HeaderValue> {
        self.absolute_form()?.authorization.as_ref()
    }

    fn absolute_form(&self) -> Option<&Proxy> {
        let proxy = self.proxy.as_deref().filter(|_| !self.is_https())?;
        matches!(proxy.scheme, ProxyScheme::Http | ProxyScheme::Https).then_some(proxy)
    }
}

impl Proxy {
    /// The proxy, unless `no_proxy` exempts the upstream.
    fn matching(config: &ProxyConfig, upstream: &Uri) -> Result<Option<Self>, http::Error> {
        // The matcher takes `*` for names alone.
        if config.no_proxy.split(',').any(|exempt| exempt.trim() == "*") {
            return Ok(None);
        }
        let scheme = match config.scheme {
            ProxyScheme::Https => "https",
            ProxyScheme::Http | ProxyScheme::Socks5 | ProxyScheme::Socks5h => "http",
        };
        let url = match &config.credentials {
            Some((user, password)) => {
                let encode =
                    |text| percent_encoding::utf8_percent_encode(text, percent_encoding::NON_ALPHANUMERIC);
                format!("{scheme}://{}:{}@{}", encode(user), encode(password.expose()), config.authority)
            }
            None => format!("{scheme}://{}", config.authority),
        };
        let matcher = Matcher::builder().all(url).no(config.no_proxy.as_str()).build();
        let Some(found) = matcher.intercept(upstream) else { return Ok(None) };
        Ok(Some(Proxy {
            scheme: config.scheme,
            uri: Uri::builder()
                .scheme(scheme)
                .authority(config.authority.as_str())
                .path_and_query("/")
                .build()?,
            login: config.credentials.clone(),
            authorization: found.basic_auth().cloned(),
        }))
    }
}

/// Opens connections.
pub(crate) struct Connector {
    tcp: HttpConnector,
    tls: Arc<ClientTls>,
}

impl Connector {
    pub(crate) fn new(connect_timeout: Duration, tls: Arc<ClientTls>) -> Self {
        let mut tcp = HttpConnector::new();
        tcp.enforce_http(false);
        tcp.set_nodelay(true);
        tcp.set_keepalive(Some(Duration::from_secs(60)));
        // Shared out among the addresses of a name, so that a dead first address does not use up the time of all.
        tcp.set_connect_timeout(Some(connect_timeout));
        Connector { tcp, tls }
    }

    /// Opens a connection; the caller bounds its time.
    pub(crate) async fn connect(&self, origin: &Origin, wanted: Wanted) -> Result<Stream, ConnectFailure> {
        let stream = match &origin.proxy {
            None => self.dial(&origin.uri).await?,
            Some(proxy) => self.through(proxy, origin).await?,
        };
        if origin.is_https() { self.secure(stream, &origin.uri, wanted).await } else { Ok(stream) }
    }

    async fn dial(&self, uri: &Uri) -> Result<Stream, ConnectFailure> {
        let connected = self.tcp.clone().call(uri.clone()).await;
        Ok(Stream::Plain(connected.map_err(|error| classify(&error))?.into_inner()))
    }

    async fn through(&self, proxy: &Proxy, origin: &Origin) -> Result<Stream, ConnectFailure> {
        let mut stream = self.dial(&proxy.uri).await?;
        if proxy.scheme == ProxyScheme::Https {
            stream = self.secure(stream, &proxy.uri, Wanted::Http1).await?;
        }
        let given = Given(Some(TokioIo::new(stream)));
        let opened = match proxy.scheme {
            ProxyScheme::Http | ProxyScheme::Https if !origin.is_https() => {
                given.0.ok_or(ConnectFailure::Proxy)?
            }
            ProxyScheme::Http | ProxyScheme::Https => {
                let mut tunnel = Tunnel::new(proxy.uri.clone(), given);
                if let Some(authorization) = &proxy.authorization {
                    tunnel = tunnel.with_auth(authorization.clone());
                }
                tunnel.call(with_port(&origin.uri)).await.map_err(|_| ConnectFailure::Proxy)?
            }
            ProxyScheme::Socks5 | ProxyScheme::Socks5h => {
                let mut socks = SocksV5::new(proxy.uri.clone(), given);
                if let Some((user, password)) = &proxy.login {
                    socks = socks.with_auth(user.clone(), password.expose().to_owned());
                }
                let target = match proxy.scheme {
                    ProxyScheme::Socks5 => resolved(&origin.uri).await?,
                    _ => with_port(&origin.uri),
                };
                socks.call(target).await.map_err(|_| ConnectFailure::Proxy)?
            }
        };
        Ok(opened.into_inner())
    }

    async fn secure(&self, stream: Stream, uri: &Uri, wanted: Wanted) -> Result<Stream, ConnectFailure> {
        let host = uri.host().unwrap_or_default().trim_start_matches('[').trim_end_matches(']');
        let name =
            ServerName::try_from(host.to_owned()).map_err(|_| ConnectFailure::Tls(TlsFailure::WrongName))?;
        let config = self.tls.config(wanted).map_err(|_| ConnectFailure::Tls(TlsFailure::Handshake))?;
        let connected = TlsConnector::from(config).connect(name, stream).await;
        Ok(Stream::Tls(Box::new(connected.map_err(|error| classify(&error))?)))
    }
}

/// The URI with its port written out, since tunnels have no default port.
fn with_port(uri: &Uri) -> Uri {
    let port = uri.port_u16().unwrap_or(if uri.scheme_str() == Some("https") { 443 } else { 80 });
    let authority = format!("{}:{port}", uri.host().unwrap_or_default());
    let built =
        Uri::builder().scheme(uri.scheme_str().unwrap_or("http")).authority(authority).path_and_query("/");
    built.build().unwrap_or_else(|_| uri.clone())
}

/// The URI with its host's first address in the place of the name.
async fn resolved(uri: &Uri) -> Result<Uri, ConnectFailure> {
    let named = with_port(uri);
    let authority = named.authority().map_or("", |authority| authority.as_str());
    let mut found = tokio::net::lookup_host(authority).await.map_err(|_| ConnectFailure::Dns)?;
    let address = found.next().ok_or(ConnectFailure::Dns)?.to_string();
    let built = Uri::builder().scheme("http").authority(address).path_and_query("/").build();
    built.map_err(|_| ConnectFailure::Dns)
}

/// Hands a connection that is open already to a tunnel's handshake.
struct Given(Option<TokioIo<Stream>>);

impl Service<Uri> for Given {
    type Response = TokioIo<Stream>;
    type Error = io::Error;
    type Future = Ready<io::Result<TokioIo<Stream>>>;

    fn poll_ready(&mut self, _: &mut Context<'_>) -> Poll<io::Result<()>> {
        Poll::Ready(Ok(()))
    }

    fn call(&mut self, _: Uri) -> Self::Future {
        ready(self.0.take().ok_or_else(|| io::ErrorKind::NotConnected.into()))
    }
}

/// What failed, told from the causes of an error.
fn classify(error: &(dyn Error + 'static)) -> ConnectFailure {
    let mut cause = Some(error);
    let mut kind = None;
    while let Some(error) = cause {
        if let Some(tls) = error.downcast_ref::<rustls::Error>() {
            return ConnectFailure::Tls(tls_failure(tls));
        }
        // The resolver's failure has no type of its own.
        if error.to_string().starts_with("dns error") {
            return ConnectFailure::Dns;
        }
        if let Some(io) = error.downcast_ref::<io::Error>() {
            kind = Some(io.kind());
            if let Some(inner) = io.get_ref() {
                cause = Some(inner);
                continue;
            }
        }
        cause = error.source();
    }
    match kind {
        Some(io::ErrorKind::ConnectionRefused) => ConnectFailure::Refused,
        Some(kind) => ConnectFailure::Network(kind),
        None => ConnectFailure::Network(io::ErrorKind::Other),
    }
}

fn tls_failure(error: &rustls::Error) -> TlsFailure {
    use rustls::{CertificateError as C, Error as E};
    match error {
        E::InvalidCertificate(C::UnknownIssuer) => TlsFailure::UnknownIssuer,
        E::InvalidCertificate(C::NotValidForName | C::NotValidForNameContext { .. }) => TlsFailure::WrongName,
        E::InvalidCertificate(
            C::Expired | C::ExpiredContext { .. } | C::NotValidYet | C::NotValidYetContext { .. },
        ) => TlsFailure::Expired,
        E::InvalidCertificate(_) => TlsFailure::Certificate,
        _ => TlsFailure::Handshake,
    }
}
