//! TLS: rustls with ring, and the certificates that the machine trusts.
//!
//! The configuration is handed to the HTTP client complete. So there is no default for the whole process that another
//! part of the program could set differently, and a machine without any certificates can still reach `http` servers.

use std::sync::Arc;

use rustls::{ClientConfig, RootCertStore, crypto::ring};

use crate::error::Error;

/// For `http` servers: nobody is trusted.
pub(crate) fn without_certificates() -> Result<ClientConfig, Error> {
    config(RootCertStore::empty())
}

/// For `https` servers: whom the machine trusts, or what `SSL_CERT_FILE` and `SSL_CERT_DIR` name instead. Certificates
/// that cannot be read are passed over as long as others can.
pub(crate) fn with_certificates() -> Result<ClientConfig, Error> {
    let mut roots = RootCertStore::empty();
    roots.add_parsable_certificates(rustls_native_certs::load_native_certs().certs);
    if roots.is_empty() {
        return Err(Error::NoCertificates);
    }
    config(roots)
}

fn config(roots: RootCertStore) -> Result<ClientConfig, Error> {
    let config = ClientConfig::builder_with_provider(Arc::new(ring::default_provider()))
        .with_safe_default_protocol_versions()
        .map_err(Error::Tls)?
        .with_root_certificates(roots)
        .with_no_client_auth();
    Ok(config)
}
