//! Secrets, signatures and the ids of deliveries.

use super::*;

/// The key, text and digests of RFC 4231's second test case.
const KEY: &str = "Jefe";
const TEXT: &[u8] = b"what do ya want for nothing?";
const SHA224: &str = "a30e01098bc6dbbf45690f3a7e9e6d0f8bbea2a39e6148008fd05e44";
const SHA256: &str = "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843";
const SHA384: &str = "af45d2e376484031617f78d2b58a6b1b9c7ef464f5a01b47e42ec3736322445e\
                      8e2240ca5e69e2c78b3239ecfab21649";
const SHA512: &str = "164b7a7bfcf819e2e395fbe73b56e0a387bd64222e831fd610270cd7ea250554\
                      9758bf75c05a994a6d034f65f8f0e6fdcaeab1a34d4a6b4b636e070a38bce737";

fn check(sender: Sender, secret: &str, given: &[(&str, &str)], body: &[u8]) -> Result<(), Unauthentic> {
    let headers = headers(given);
    verify(
        sender,
        &kept(sender, secret),
        &Delivery {
            headers: &headers,
            body,
        },
    )
}

#[test]
fn known_signatures() {
    let github = format!("sha256={SHA256}");
    assert_eq!(
        check(Sender::Github, KEY, &[("X-Hub-Signature-256", &github)], TEXT),
        Ok(())
    );
    // The vector of GitHub's own documentation.
    let documented = "sha256=757107ea0eb2509fc211221cce984b8a37570b6d7586c22c46f4379c8b043e17";
    assert_eq!(
        check(
            Sender::Github,
            "It's a Secret to Everybody",
            &[("X-Hub-Signature-256", documented)],
            b"Hello, World!"
        ),
        Ok(())
    );
    for (name, digest) in [
        ("sha224", SHA224),
        ("sha256", SHA256),
        ("sha384", SHA384),
        ("sha512", SHA512),
    ] {
        let signature = format!("{name}={digest}");
        assert_eq!(
            check(Sender::Flux, KEY, &[("X-Signature", &signature)], TEXT),
            Ok(()),
            "{name}"
        );
    }
}

#[test]
fn one_bit_is_enough_to_be_refused() {
    let signature = format!("sha256={SHA256}");
    let headers = [("X-Hub-Signature-256", signature.as_str()), ("X-Signature", &signature)];
    let senders = [(Sender::Github, "X-Hub-Signature-256"), (Sender::Flux, "X-Signature")];
    for (sender, header) in senders {
        for bit in 0..TEXT.len() * 8 {
            let mut body = TEXT.to_vec();
            body[bit / 8] ^= 1 << (bit % 8);
            assert_eq!(
                check(sender, KEY, &headers, &body),
                Err(Unauthentic::Wrong(header)),
                "bit {bit}"
            );
        }
        for digit in 0..64 {
            let mut digits = SHA256.as_bytes().to_vec();
            digits[digit] = if digits[digit] == b'0' { b'1' } else { b'0' };
            let wrong = format!("sha256={}", String::from_utf8(digits).unwrap());
            assert_eq!(
                check(sender, KEY, &[(header, &wrong)], TEXT),
                Err(Unauthentic::Wrong(header))
            );
        }
        assert_eq!(check(sender, "jefe", &headers, TEXT), Err(Unauthentic::Wrong(header)));
    }
}

/// Sender, secret, headers, and what comes of them.
type Sent = (
    Sender,
    &'static str,
    &'static [(&'static str, &'static str)],
    Result<(), Unauthentic>,
);

const GITHUB: &str = "X-Hub-Signature-256";
const GITHUB_RIGHT: &str = "sha256=5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843";
const GITHUB_OTHER: &str = "sha1=5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843";

#[rustfmt::skip]
const PROOFS: &[Sent] = {
    use Unauthentic::{Malformed, Missing, Wrong};
    &[
        (Sender::Gitlab, "s3cret", &[("X-Gitlab-Token", "s3cret")], Ok(())),
        (Sender::Gitlab, "geheimnisträger", &[("X-Gitlab-Token", "geheimnisträger")], Ok(())),
        (Sender::Gitlab, "s3cret", &[("X-Gitlab-Token", "s3cres")], Err(Wrong("X-Gitlab-Token"))),
        (Sender::Gitlab, "s3cret", &[("X-Gitlab-Token", "s3cret0")], Err(Wrong("X-Gitlab-Token"))),
        (Sender::Gitlab, "s3cret", &[("X-Gitlab-Token", "")], Err(Missing("X-Gitlab-Token"))),
        (Sender::Gitlab, "s3cret", &[("Authorization", "Bearer s3cret")], Err(Missing("X-Gitlab-Token"))),
        (Sender::Gitlab, "", &[("X-Gitlab-Token", "")], Err(Missing("X-Gitlab-Token"))),
        (Sender::Argocd, "s3cret", &[("Authorization", "Bearer s3cret")], Ok(())),
        (Sender::Argocd, "s3cret", &[("Authorization", "bearer  s3cret")], Ok(())),
        (Sender::Argocd, "s3cret", &[("Authorization", "Basic s3cret")], Err(Malformed("Authorization"))),
        (Sender::Argocd, "s3cret", &[("Authorization", "s3cret")], Err(Malformed("Authorization"))),
        (Sender::Cdevents, "s3cret", &[("Authorization", "Bearer other")], Err(Wrong("Authorization"))),
        (Sender::Cdevents, "s3cret", &[], Err(Missing("Authorization"))),
        (Sender::Github, KEY, &[], Err(Missing(GITHUB))),
        (Sender::Github, KEY, &[(GITHUB, GITHUB_OTHER)], Err(Malformed(GITHUB))),
        (Sender::Github, KEY, &[(GITHUB, "sha256=5bd")], Err(Malformed(GITHUB))),
        (Sender::Github, KEY, &[(GITHUB, SHA256)], Err(Malformed(GITHUB))),
        (Sender::Github, KEY, &[(GITHUB, "sha256=xy")], Err(Malformed(GITHUB))),
        (Sender::Github, KEY, &[(GITHUB, "sha256=")], Err(Wrong(GITHUB))),
        (Sender::Github, KEY, &[(GITHUB, "sha256=5bdc")], Err(Wrong(GITHUB))),
        (Sender::Github, KEY, &[("Authorization", "Bearer Jefe")], Err(Missing(GITHUB))),
        (Sender::Flux, KEY, &[("Authorization", "Bearer Jefe")], Ok(())),
        (Sender::Flux, KEY, &[("X-Signature", GITHUB_RIGHT)], Ok(())),
        (Sender::Flux, KEY, &[("X-Signature", "md5=00")], Err(Malformed("X-Signature"))),
        (
            Sender::Flux, KEY, &[("X-Signature", "sha256=5bdc"), ("Authorization", "Bearer Jefe")],
            Err(Wrong("X-Signature")),
        ),
        (Sender::Flux, "", &[("Authorization", "Bearer ")], Err(Malformed("Authorization"))),
    ]
};

#[test]
fn what_proves_and_what_does_not() {
    for (sender, secret, given, expected) in PROOFS {
        assert_eq!(check(*sender, secret, given, TEXT), *expected, "{sender:?} {given:?}");
    }
}

#[test]
fn ids_of_deliveries() {
    let id = |sender, given: &[(&str, &str)], body: &[u8]| {
        let headers = headers(given);
        delivery_id(
            sender,
            &Delivery {
                headers: &headers,
                body,
            },
        )
    };
    let gitlab = [
        ("X-Gitlab-Event-UUID", "chain"),
        ("X-Gitlab-Webhook-UUID", "attempt"),
        ("Idempotency-Key", "event"),
    ];
    assert_eq!(id(Sender::Gitlab, &gitlab, b"{}").as_deref(), Some("event"));
    assert_eq!(id(Sender::Gitlab, &gitlab[..2], b"{}").as_deref(), Some("attempt"));
    assert_eq!(id(Sender::Gitlab, &gitlab[..1], b"{}"), None);
    let github = [("X-GitHub-Delivery", "72d3162e-cc78-11e3-81ab-4c9367dc0958")];
    assert_eq!(
        id(Sender::Github, &github, b"{}").as_deref(),
        Some("72d3162e-cc78-11e3-81ab-4c9367dc0958")
    );
    for sender in [Sender::Argocd, Sender::Flux] {
        let digest = "sha256:44136fa355b3678a1146ad16f7e8649e94fb4fc21fe77e8310c060f61caaff8a";
        assert_eq!(id(sender, &[], b"{}").as_deref(), Some(digest));
        assert_ne!(id(sender, &[], b"{ }").as_deref(), Some(digest));
    }
    let binary = [("ce-source", "/ci/%C3%A4"), ("ce-id", "7")];
    assert_eq!(id(Sender::Cdevents, &binary, b"{}").as_deref(), Some("/ci/ä 7"));
    assert_eq!(id(Sender::Cdevents, &[], b"{}"), None);
    assert_eq!(id(Sender::Cdevents, &[], b"["), None);
    let long = "x".repeat(201);
    let long_id = id(Sender::Github, &[("X-GitHub-Delivery", &long)], b"{}").unwrap();
    assert!(long_id.starts_with("sha256:") && long_id.len() == 71, "{long_id}");
}
