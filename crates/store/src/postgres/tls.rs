//! TLS to the database's server: its certificate is always verified, with its name.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use rustls::pki_types::CertificateDer;
use rustls::pki_types::pem::PemObject as _;
use rustls::{ClientConfig, RootCertStore};

use crate::StoreError;

/// What a client needs to trust a server that shows a certificate of one of these authorities.
pub(super) fn client(roots: &Path) -> Result<ClientConfig, StoreError> {
    let unreadable = |why: String| StoreError::Address(format!("{}: {why}", roots.display()));
    let certificates = CertificateDer::pem_file_iter(roots).map_err(|error| unreadable(error.to_string()))?;
    let mut store = RootCertStore::empty();
    for certificate in certificates {
        let certificate = certificate.map_err(|error| unreadable(error.to_string()))?;
        store.add(certificate).map_err(|error| unreadable(error.to_string()))?;
    }
    if store.is_empty() {
        return Err(unreadable("no certificate is in it".to_owned()));
    }
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let versions = ClientConfig::builder_with_provider(provider).with_safe_default_protocol_versions();
    let versions = versions.map_err(|error| unreadable(error.to_string()))?;
    Ok(versions.with_root_certificates(store).with_no_client_auth())
}

/// Where a system keeps the authorities it trusts, in the order they are looked for.
const SYSTEM: [&str; 3] =
    ["/etc/ssl/certs/ca-certificates.crt", "/etc/pki/tls/certs/ca-bundle.crt", "/etc/ssl/cert.pem"];

/// The authorities that the system trusts.
pub(super) fn system() -> Option<PathBuf> {
    SYSTEM.iter().map(PathBuf::from).find(|path| path.is_file())
}
