//! TLS to PostgreSQL: on with `sslmode=require` (or `verify-ca`, `verify-full`), and then the server's certificate must
//! be good for its name. The roots are the machine's; `SSL_CERT_FILE` names others.
//!
//! Without one of these modes the connection is plain, as it is to a server on the same machine: encrypting without
//! knowing to whom would only look safe.

use std::sync::OnceLock;

use postgres::{Client, Config, NoTls, config::SslMode};
use rustls::crypto::ring;
use tokio_postgres_rustls::MakeRustlsConnect;

use crate::error::Error;

/// Reading the machine's roots takes some milliseconds; it is done once.
static CONNECTOR: OnceLock<Result<MakeRustlsConnect, String>> = OnceLock::new();

/// The modes that other clients know beyond `require`; here `require` checks as much as they do.
pub(super) fn known_mode(url: &str) -> String {
    url.replace("sslmode=verify-full", "sslmode=require")
        .replace("sslmode=verify-ca", "sslmode=require")
}

/// Connects as the address asks.
pub(super) fn connect(config: &Config) -> Result<Client, Error> {
    if config.get_ssl_mode() != SslMode::Require {
        return Ok(config.connect(NoTls)?);
    }
    let connector = CONNECTOR.get_or_init(connector).clone();
    Ok(config.connect(connector.map_err(Error::Refused)?)?)
}

fn connector() -> Result<MakeRustlsConnect, String> {
    // Whatever else in this process uses TLS has chosen the same provider.
    let _ = ring::default_provider().install_default();
    match MakeRustlsConnect::with_native_certs() {
        Ok((connector, _)) => Ok(connector),
        Err(errors) => {
            let reasons: Vec<String> = errors.iter().map(ToString::to_string).collect();
            Err(format!(
                "there are no root certificates to check PostgreSQL's with ({}); install the system's, or name a file \
                 with SSL_CERT_FILE",
                reasons.join(", ")
            ))
        }
    }
}
