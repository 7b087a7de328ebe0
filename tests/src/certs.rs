//! Certificates for the loopback, and both ends' TLS settings from them.

use crate::{RawClient, Sandbox, Socket, crypto, within};
use rcgen::{BasicConstraints, CertificateParams, IsCa, Issuer, KeyPair};
use rustls::{
    ClientConfig, RootCertStore, ServerConfig,
    pki_types::{CertificateDer, PrivateKeyDer, ServerName},
};
use std::{
    net::SocketAddr,
    path::PathBuf,
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
};
use tokio::net::TcpStream;
use tokio_rustls::{TlsConnector, TlsStream};

/// An authority and one certificate of it.
#[derive(Clone, Debug)]
pub struct Certs {
    /// The authority's certificate.
    pub authority_pem: String,
    /// The server's certificate.
    pub certificate_pem: String,
    /// The server's key.
    pub key_pem: String,
    authority: CertificateDer<'static>,
    certificate: CertificateDer<'static>,
    key: Vec<u8>,
}

impl Certs {
    /// For `localhost` and `127.0.0.1`.
    pub fn new() -> Self {
        Certs::for_names(&["localhost", "127.0.0.1"])
    }

    /// For these names and addresses.
    pub fn for_names(names: &[&str]) -> Self {
        let mut authority = CertificateParams::new([]).expect("parameters");
        authority.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        // Authorities of one name would be taken for each other.
        static COUNT: AtomicUsize = AtomicUsize::new(0);
        let name = format!("aifd test authority {}", COUNT.fetch_add(1, Ordering::Relaxed));
        authority.distinguished_name.push(rcgen::DnType::CommonName, name);
        let authority_key = KeyPair::generate().expect("a key");
        let authority_certificate = authority.self_signed(&authority_key).expect("a certificate");
        let issuer = Issuer::new(authority, authority_key);
        let names = names.iter().map(|name| (*name).to_owned()).collect::<Vec<_>>();
        let key = KeyPair::generate().expect("a key");
        let certificate = CertificateParams::new(names).expect("names").signed_by(&key, &issuer);
        let certificate = certificate.expect("a certificate");
        Certs {
            authority_pem: authority_certificate.pem(),
            certificate_pem: certificate.pem(),
            key_pem: key.serialize_pem(),
            authority: authority_certificate.der().clone(),
            certificate: certificate.der().clone(),
            key: key.serialize_der(),
        }
    }

    /// Writes `ca.pem`, `cert.pem` and `key.pem`; their paths.
    pub fn write(&self, sandbox: &Sandbox) -> [PathBuf; 3] {
        [("ca.pem", &self.authority_pem), ("cert.pem", &self.certificate_pem), ("key.pem", &self.key_pem)]
            .map(|(name, pem)| sandbox.write(name, pem))
    }

    /// The server's end, which offers these protocols.
    pub fn server(&self, protocols: &[&str]) -> Arc<ServerConfig> {
        let key = PrivateKeyDer::Pkcs8(self.key.clone().into());
        let builder = ServerConfig::builder_with_provider(crypto()).with_safe_default_protocol_versions();
        let builder = builder.expect("versions").with_no_client_auth();
        let mut config =
            builder.with_single_cert(vec![self.certificate.clone()], key).expect("a matching key");
        config.alpn_protocols = owned(protocols);
        Arc::new(config)
    }

    /// A client's end, which trusts the authority and offers these protocols.
    pub fn client(&self, protocols: &[&str]) -> Arc<ClientConfig> {
        let mut roots = RootCertStore::empty();
        roots.add(self.authority.clone()).expect("the authority");
        let builder = ClientConfig::builder_with_provider(crypto()).with_safe_default_protocol_versions();
        let builder = builder.expect("versions").with_root_certificates(roots);
        let mut config = builder.with_no_client_auth();
        config.alpn_protocols = owned(protocols);
        Arc::new(config)
    }

    /// A TLS connection to `address`.
    pub async fn connect(&self, address: SocketAddr, protocols: &[&str]) -> RawClient {
        self.over(TcpStream::connect(address).await.expect("a connection"), protocols).await
    }

    /// TLS over a connection.
    pub async fn over(&self, stream: TcpStream, protocols: &[&str]) -> RawClient {
        let connector = TlsConnector::from(self.client(protocols));
        let name = ServerName::try_from("localhost").expect("a name");
        let stream =
            within("a TLS handshake", connector.connect(name, stream)).await.expect("a TLS handshake");
        RawClient::new(Socket::Tls(Box::new(TlsStream::Client(stream))))
    }

    /// The authority, for other clients.
    pub fn authority_der(&self) -> &[u8] {
        &self.authority
    }
}

impl Default for Certs {
    fn default() -> Self {
        Certs::new()
    }
}

fn owned(protocols: &[&str]) -> Vec<Vec<u8>> {
    protocols.iter().map(|protocol| protocol.as_bytes().to_vec()).collect()
}
