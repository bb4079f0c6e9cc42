//! TLS to PostgreSQL, against a real server with a certificate of a made-up authority.
#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

use std::{
    fs,
    net::TcpListener,
    os::unix::fs::PermissionsExt,
    path::Path,
    process::{Command, Output},
};

use landfall_store::{DatabaseUrl, migrate, testing::PostgresServer};
use rcgen::{BasicConstraints, CertificateParams, IsCa, Issuer, KeyPair};

/// Where the test tells itself, in another process, what to connect to.
const ADDRESS: &str = "LANDFALL_TEST_TLS_ADDRESS";

/// Writes the server's certificate and key, and the authority's certificate beside them.
fn write_certificates(data: &Path) {
    let authority_key = KeyPair::generate().unwrap();
    let mut authority = CertificateParams::new(Vec::new()).unwrap();
    authority.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
    let certificate = authority.self_signed(&authority_key).unwrap();
    fs::write(data.join("authority.pem"), certificate.pem()).unwrap();
    let key = KeyPair::generate().unwrap();
    let params = CertificateParams::new(vec!["localhost".to_owned()]).unwrap();
    let signed = params.signed_by(&key, &Issuer::new(authority, authority_key)).unwrap();
    fs::write(data.join("server.crt"), signed.pem()).unwrap();
    fs::write(data.join("server.key"), key.serialize_pem()).unwrap();
    fs::set_permissions(data.join("server.key"), fs::Permissions::from_mode(0o600)).unwrap();
}

/// Connects in a process of its own, because the root certificates are read once from what the environment names.
fn connect(address: &str, roots: &Path) -> Output {
    Command::new(std::env::current_exe().unwrap())
        .args([
            "--exact",
            "a_server_is_believed_only_with_a_good_certificate",
            "--nocapture",
        ])
        .env(ADDRESS, address)
        .env("SSL_CERT_FILE", roots)
        .output()
        .unwrap()
}

#[test]
fn a_server_is_believed_only_with_a_good_certificate() {
    if let Ok(address) = std::env::var(ADDRESS) {
        migrate(&DatabaseUrl::parse(&address).unwrap()).unwrap();
        return;
    }
    let port = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
    let directory = tempfile::tempdir().unwrap();
    let roots = directory.path().join("authority.pem");
    let settings = format!("-c ssl=on -c listen_addresses=localhost -c port={port}");
    let _server = PostgresServer::start(&settings, |data| {
        write_certificates(data);
        fs::copy(data.join("authority.pem"), &roots).unwrap();
    });
    let address = |host: &str, mode: &str| format!("postgres://postgres@{host}:{port}/postgres?sslmode={mode}");
    for mode in ["require", "verify-ca", "verify-full"] {
        let output = connect(&address("localhost", mode), &roots);
        assert!(
            output.status.success(),
            "{mode}: {}",
            String::from_utf8_lossy(&output.stderr)
        );
    }
    let stranger = directory.path().join("stranger.pem");
    fs::write(
        &stranger,
        CertificateParams::new(Vec::new())
            .unwrap()
            .self_signed(&KeyPair::generate().unwrap())
            .unwrap()
            .pem(),
    )
    .unwrap();
    let refused = [
        (address("localhost", "require"), &stranger, "invalid peer certificate"),
        (
            address("127.0.0.1", "require"),
            &roots,
            "certificate not valid for name",
        ),
    ];
    for (address, roots, reason) in refused {
        let output = connect(&address, roots);
        let printed = String::from_utf8_lossy(&output.stderr);
        assert!(!output.status.success() && printed.contains(reason), "{printed}");
    }
    let plain = connect(&address("localhost", "disable"), &stranger);
    assert!(plain.status.success(), "{}", String::from_utf8_lossy(&plain.stderr));
}
