//! Requests of which only the status counts.

use std::{
    io::{Read, Write},
    net::{SocketAddr, TcpListener},
    sync::Arc,
    thread,
};

use landfall_net::{Answer, Certificates, Client, Error, Method, Reach, Request};
use rustls::{
    ServerConfig, ServerConnection, StreamOwned,
    crypto::ring,
    pki_types::{PrivateKeyDer, PrivatePkcs8KeyDer},
};

async fn notify(url: &str, certificates: Certificates) -> Result<Answer, Error> {
    let request = Request::new(Method::POST, url.parse().unwrap());
    let client = Client::new(Reach::Anywhere).unwrap();
    client.notify(request, certificates, 10).await
}

#[tokio::test]
async fn an_answer_without_end_is_read_to_the_length_that_is_wanted() {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap();
    thread::spawn(move || {
        let (mut stream, _) = listener.accept().unwrap();
        // Nothing is an answer before it was asked for.
        let _ = stream.read(&mut [0; 4096]).unwrap();
        stream
            .write_all(b"HTTP/1.1 202 Accepted\r\nContent-Length: 1000000000000\r\n\r\n")
            .unwrap();
        while stream.write_all(&[b'x'; 4096]).is_ok() {}
    });
    let answer = notify(&format!("http://{address}/"), Certificates::Verified)
        .await
        .unwrap();
    assert_eq!(
        (answer.status.as_u16(), answer.body.as_slice()),
        (202, [b'x'; 10].as_slice())
    );
}

/// A server with a certificate that it has signed itself.
fn unknown_server() -> SocketAddr {
    let signed = rcgen::generate_simple_self_signed(vec!["elsewhere.example".to_owned()]).unwrap();
    let key = PrivateKeyDer::Pkcs8(PrivatePkcs8KeyDer::from(signed.signing_key.serialize_der()));
    let config = ServerConfig::builder_with_provider(Arc::new(ring::default_provider()))
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_no_client_auth()
        .with_single_cert(vec![signed.cert.der().clone()], key)
        .unwrap();
    let config = Arc::new(config);
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap();
    thread::spawn(move || {
        for stream in listener.incoming() {
            let connection = ServerConnection::new(Arc::clone(&config)).unwrap();
            let mut stream = StreamOwned::new(connection, stream.unwrap());
            // A client that does not trust us breaks off.
            if stream.read(&mut [0; 4096]).is_ok() {
                let _ = stream.write_all(b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nhi");
            }
        }
    });
    address
}

#[tokio::test]
async fn a_certificate_that_nobody_knows_is_taken_only_where_any_will_do() {
    let url = format!("https://{}/", unknown_server());
    let answer = notify(&url, Certificates::Any).await.unwrap();
    assert_eq!(
        (answer.status.as_u16(), answer.body.as_slice()),
        (200, b"hi".as_slice())
    );
    let refused = notify(&url, Certificates::Verified).await;
    assert!(
        matches!(refused, Err(Error::Transport(_) | Error::NoCertificates)),
        "{refused:?}"
    );
}
