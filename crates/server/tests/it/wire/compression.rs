//! Large answers are compressed for clients that take gzip (RFC 9110, sections 8.4 and 12.5.3).

use std::io::Read as _;

use flate2::read::GzDecoder;
use reqwest::{Method, Response, header::HeaderMap};

use super::{DEPLOYMENT, FORM, ROOT, ledger};
use crate::support::{TestServer, each_engine};

const LIST: &str = "/api/v4/projects/1/deployments";

/// Asks with a client that leaves bodies as they come.
async fn ask(server: &TestServer, method: Method, path: &str, coding: Option<&str>) -> (HeaderMap, Vec<u8>) {
    let request = reqwest::Client::new()
        .request(method, format!("{}{path}", server.url))
        .header(ROOT.0, ROOT.1);
    let request = match coding {
        Some(coding) => request.header("Accept-Encoding", coding),
        None => request,
    };
    read(request.send().await.unwrap()).await
}

async fn read(answer: Response) -> (HeaderMap, Vec<u8>) {
    (answer.headers().clone(), answer.bytes().await.unwrap().to_vec())
}

fn unpacked(bytes: &[u8]) -> Vec<u8> {
    let mut whole = Vec::new();
    GzDecoder::new(bytes).read_to_end(&mut whole).unwrap();
    whole
}

fn text<'h>(headers: &'h HeaderMap, name: &str) -> Option<&'h str> {
    headers.get(name).map(|value| value.to_str().unwrap())
}

each_engine!(
    async fn large_answers_are_compressed_for_those_who_ask(server) {
        let root = ledger(&server).await;
        for _ in 0..9 {
            let created = root.post("/projects/1/deployments").body(Some(FORM.1), DEPLOYMENT).await;
            assert_eq!(created.status, 201);
        }
        let (plain, body) = ask(&server, Method::GET, LIST, None).await;
        assert!(body.len() > 4096, "{}", body.len());
        assert_eq!(text(&plain, "content-encoding"), None);
        assert_eq!(text(&plain, "vary"), Some("Origin, Accept-Encoding"));

        // Again and again, so that answers from memory are among them.
        let mut from_memory = false;
        while !from_memory {
            let before = server.app.answers_given_again();
            let (headers, packed) = ask(&server, Method::GET, LIST, Some("gzip, deflate, br")).await;
            from_memory = server.app.answers_given_again() > before;
            assert_eq!(text(&headers, "content-encoding"), Some("gzip"));
            assert_eq!(text(&headers, "content-length"), Some(&*packed.len().to_string()));
            assert_eq!(text(&headers, "vary"), Some("Origin, Accept-Encoding"));
            for name in ["etag", "link", "x-total", "content-type"] {
                assert_eq!(headers.get(name), plain.get(name), "{name}");
            }
            assert!(packed.len() < body.len() / 4, "{} of {}", packed.len(), body.len());
            assert_eq!(unpacked(&packed), body);
        }
        for no in ["identity", "gzip;q=0", "br"] {
            let (headers, same) = ask(&server, Method::GET, LIST, Some(no)).await;
            assert_eq!((text(&headers, "content-encoding"), &same), (None, &body), "{no}");
        }

        // HEAD tells of the compressed body too; a change is seen compressed as well.
        let (headers, nothing) = ask(&server, Method::HEAD, LIST, Some("gzip")).await;
        assert_eq!((text(&headers, "content-encoding"), nothing.len()), (Some("gzip"), 0));
        root.put("/projects/1/deployments/3?status=success").await.json(200);
        let (headers, packed) = ask(&server, Method::GET, LIST, Some("gzip")).await;
        let (_, changed) = ask(&server, Method::GET, LIST, None).await;
        assert_eq!(text(&headers, "content-encoding"), Some("gzip"));
        assert_ne!(changed, body);
        assert_eq!(unpacked(&packed), changed);
    }
);

each_engine!(
    async fn small_answers_and_refusals_are_sent_as_they_are(server) {
        ledger(&server).await;
        for path in ["/api/v4/projects/1/deployments/1", "/api/v4/projects/2", "/api/v4/user"] {
            let (headers, body) = ask(&server, Method::GET, path, Some("gzip")).await;
            assert_eq!(text(&headers, "content-encoding"), None, "{path}");
            assert_eq!(text(&headers, "vary"), Some("Origin"), "{path}");
            assert!(body.starts_with(b"{"));
        }
    }
);
