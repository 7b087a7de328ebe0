//! What the gateway trusts when it speaks TLS to an upstream.

use super::connect::Wanted;
use rustls::{ClientConfig, RootCertStore};
use rustls_pki_types::{CertificateDer, pem::PemObject};
use std::{
    path::{Path, PathBuf},
    sync::{Arc, OnceLock},
};

/// Trusted roots and what follows from them. The system's are read when they are first needed, since that takes
/// longer than the rest of the start.
pub(crate) struct ClientTls {
    added: Vec<CertificateDer<'static>>,
    configs: OnceLock<Result<[Arc<ClientConfig>; 2], rustls::Error>>,
}

/// Why `ca_file` cannot be used.
#[derive(Debug, thiserror::Error)]
#[error("cannot read certificates from {path}: {why}", path = .path.display())]
pub struct CaFileError {
    /// The file.
    pub path: PathBuf,
    why: rustls_pki_types::pem::Error,
}

impl ClientTls {
    /// # Errors
    /// `ca_file` cannot be read or holds no certificate.
    pub(crate) fn new(ca_file: Option<&Path>) -> Result<Self, CaFileError> {
        let added = ca_file.map(certificates).transpose()?.unwrap_or_default();
        Ok(ClientTls { added, configs: OnceLock::new() })
    }

    pub(crate) fn config(&self, wanted: Wanted) -> Result<Arc<ClientConfig>, rustls::Error> {
        let configs = self.configs.get_or_init(|| self.build()).as_ref().map_err(Clone::clone)?;
        Ok(configs[usize::from(wanted == Wanted::Http1)].clone())
    }

    fn build(&self) -> Result<[Arc<ClientConfig>; 2], rustls::Error> {
        let mut roots = RootCertStore::from_iter(webpki_roots::TLS_SERVER_ROOTS.iter().cloned());
        roots.add_parsable_certificates(rustls_native_certs::load_native_certs().certs);
        roots.add_parsable_certificates(self.added.iter().cloned());
        let roots = Arc::new(roots);
        let config = |protocols: &[&[u8]]| {
            let provider = Arc::new(rustls::crypto::ring::default_provider());
            let mut config = ClientConfig::builder_with_provider(provider)
                .with_safe_default_protocol_versions()?
                .with_root_certificates(roots.clone())
                .with_no_client_auth();
            config.alpn_protocols = protocols.iter().map(|protocol| protocol.to_vec()).collect();
            Ok::<_, rustls::Error>(Arc::new(config))
        };
        Ok([config(&[b"h2", b"http/1.1"])?, config(&[b"http/1.1"])?])
    }
}

fn certificates(path: &Path) -> Result<Vec<CertificateDer<'static>>, CaFileError> {
    let failed = |why| CaFileError { path: path.to_owned(), why };
    let found = CertificateDer::pem_file_iter(path)
        .map_err(failed)?
        .collect::<Result<Vec<_>, _>>()
        .map_err(failed)?;
    if found.is_empty() { Err(failed(rustls_pki_types::pem::Error::NoItemsFound)) } else { Ok(found) }
}
