//! TLS of the listener.

use crate::config::ListenerTls;
use rustls::ServerConfig;
use rustls_pki_types::{CertificateDer, PrivateKeyDer, pem::PemObject};
use std::{path::PathBuf, sync::Arc};
use tokio_rustls::TlsAcceptor;

/// Why certificate and key of the listener cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum ListenerTlsError {
    /// A file cannot be read, or holds nothing of the kind.
    #[error("cannot read {what} from {path}: {why}", path = .path.display())]
    File {
        /// Certificates or a key.
        what: &'static str,
        /// The file.
        path: PathBuf,
        /// What is wrong.
        why: rustls_pki_types::pem::Error,
    },
    /// They do not belong together, or are of an unknown kind.
    #[error("certificate {certfile} and key {keyfile} cannot be used together: {why}", certfile = .files.certfile.display(), keyfile = .files.keyfile.display())]
    Pair {
        /// The files.
        files: ListenerTls,
        /// What is wrong.
        why: rustls::Error,
    },
}

/// Reads certificate and key; offers HTTP/2 and HTTP/1.1 by ALPN.
///
/// # Errors
/// The files cannot be used.
pub(super) fn acceptor(files: &ListenerTls) -> Result<TlsAcceptor, ListenerTlsError> {
    let chain = CertificateDer::pem_file_iter(&files.certfile)
        .and_then(Iterator::collect::<Result<Vec<_>, _>>)
        .and_then(
            |chain| {
                if chain.is_empty() { Err(rustls_pki_types::pem::Error::NoItemsFound) } else { Ok(chain) }
            },
        )
        .map_err(|why| ListenerTlsError::File { what: "certificates", path: files.certfile.clone(), why })?;
    let key = PrivateKeyDer::from_pem_file(&files.keyfile).map_err(|why| ListenerTlsError::File {
        what: "a private key",
        path: files.keyfile.clone(),
        why,
    })?;
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let mut config = ServerConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .and_then(|config| config.with_no_client_auth().with_single_cert(chain, key))
        .map_err(|why| ListenerTlsError::Pair { files: files.clone(), why })?;
    config.alpn_protocols = vec![b"h2".to_vec(), b"http/1.1".to_vec()];
    Ok(TlsAcceptor::from(Arc::new(config)))
}
