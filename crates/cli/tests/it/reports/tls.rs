//! Servers that are reached through https.

use std::{
    fs,
    io::{Read, Write},
    net::{TcpListener, TcpStream},
    path::PathBuf,
    sync::Arc,
    thread,
};

use landfall_store::testing::Engine;
use rustls::{
    ServerConfig, ServerConnection, StreamOwned,
    crypto::ring,
    pki_types::{PrivateKeyDer, PrivatePkcs8KeyDer},
};

use super::{Job, responder::deployment};
use crate::support::World;

/// A server for one request with a certificate that it has signed itself; answers its port and the certificate.
fn server() -> (u16, String) {
    let signed = rcgen::generate_simple_self_signed(vec!["localhost".to_owned()]).unwrap();
    let key = PrivateKeyDer::Pkcs8(PrivatePkcs8KeyDer::from(signed.signing_key.serialize_der()));
    let config = ServerConfig::builder_with_provider(Arc::new(ring::default_provider()))
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_no_client_auth()
        .with_single_cert(vec![signed.cert.der().clone()], key)
        .unwrap();
    let config = Arc::new(config);
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let port = listener.local_addr().unwrap().port();
    thread::spawn(move || {
        for stream in listener.incoming() {
            let connection = ServerConnection::new(Arc::clone(&config)).unwrap();
            // A client that does not trust us breaks off, and may come again.
            let _ = answer(StreamOwned::new(connection, stream.unwrap()));
        }
    });
    (port, signed.cert.pem())
}

fn answer(mut stream: StreamOwned<ServerConnection, TcpStream>) -> std::io::Result<()> {
    let mut request = Vec::new();
    while !request.ends_with(b"}") {
        let mut buffer = [0; 4096];
        let read = stream.read(&mut buffer)?;
        request.extend_from_slice(&buffer[..read]);
    }
    let body = deployment(42).to_string();
    let head = format!(
        "HTTP/1.1 201 Created\r\nConnection: close\r\nContent-Length: {}\r\n\r\n",
        body.len()
    );
    stream.write_all(format!("{head}{body}").as_bytes())?;
    stream.conn.send_close_notify();
    stream.flush()
}

#[test]
fn a_trusted_certificate_is_taken_and_no_other() {
    let (world, _) = World::with_repository(Engine::Sqlite);
    let (port, certificate) = server();
    let (_, other) = server();
    let file = |name: &str, text: &str| {
        let file = world.outside().join(name);
        fs::write(&file, text).unwrap();
        file.to_str().unwrap().to_owned()
    };
    let job = Job::somewhere(&world, &format!("https://localhost:{port}"));
    let flags = ["--status", "success", "--timeout", "1s", "--require"];

    let trusting = job.clone().with("SSL_CERT_FILE", &file("good.pem", &certificate));
    let answer = trusting.record(&flags);
    assert_eq!(
        (answer.code, answer.stdout.as_str(), answer.stderr.as_str()),
        (0, "42\n", "")
    );

    let answer = job
        .clone()
        .with("SSL_CERT_FILE", &file("other.pem", &other))
        .record(&flags);
    assert_eq!(answer.code, 1);
    assert!(answer.stderr.contains("invalid peer certificate"), "{}", answer.stderr);

    let answer = job.with("SSL_CERT_FILE", &file("none.pem", "")).record(&flags);
    assert_eq!(answer.code, 2);
    assert!(answer.stderr.contains("no trusted certificates"), "{}", answer.stderr);
    assert_eq!(trusting.spooled(), Vec::<PathBuf>::new());
}
