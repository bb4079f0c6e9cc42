//! TLS: rustls with ring, and the certificates that the machine trusts.
//!
//! The configuration is handed to the HTTP client complete. So there is no default for the whole process that another
//! part of the program could set differently, and a machine without any certificates can still reach `http` servers.

use std::sync::Arc;

use rustls::{ClientConfig, RootCertStore, crypto::ring};

use crate::error::Error;

/// For a server with this scheme. Only `https` needs certificates to trust.
pub(crate) fn config(scheme: &str) -> Result<ClientConfig, Error> {
    let roots = if scheme == "https" {
        trusted()?
    } else {
        RootCertStore::empty()
    };
    let config = ClientConfig::builder_with_provider(Arc::new(ring::default_provider()))
        .with_safe_default_protocol_versions()
        .map_err(Error::Tls)?
        .with_root_certificates(roots)
        .with_no_client_auth();
    Ok(config)
}

/// What the machine trusts, or what `SSL_CERT_FILE` and `SSL_CERT_DIR` name instead. Certificates that cannot be read
/// are passed over as long as others can.
fn trusted() -> Result<RootCertStore, Error> {
    let mut roots = RootCertStore::empty();
    roots.add_parsable_certificates(rustls_native_certs::load_native_certs().certs);
    if roots.is_empty() {
        return Err(Error::NoCertificates);
    }
    Ok(roots)
}
