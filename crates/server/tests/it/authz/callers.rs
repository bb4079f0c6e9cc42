//! Who calls.

use landfall_domain::access::AccessLevel;

/// Somebody, and how it signs in.
pub(super) struct Caller {
    pub(super) name: &'static str,
    /// The secret that is sent.
    pub(super) secret: Option<&'static str>,
    pub(super) kind: Kind,
}

/// What matters of a caller for its rights.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    /// Not signed in, or with a token that does not count.
    Nobody,
    /// Signed in, but shut out.
    ShutOut,
    /// With a token of this scope alone, of somebody who may do everything.
    Scoped(&'static str),
    /// Signed in, no member.
    Stranger,
    /// Signed in, external, no member.
    External,
    /// With this level in every project.
    Member(AccessLevel),
    /// Signed in, external, with this level in every project.
    ExternalMember(AccessLevel),
    /// An administrator.
    Admin,
}

const fn caller(name: &'static str, secret: &'static str, kind: Kind) -> Caller {
    Caller {
        name,
        secret: Some(secret),
        kind,
    }
}

/// Everybody. Users are called as in the name, so that their first token is `<name>-token`.
pub(super) const CALLERS: &[Caller] = &[
    Caller {
        name: "nobody",
        secret: None,
        kind: Kind::Nobody,
    },
    caller("garbage", "nonsense", Kind::Nobody),
    caller("expired", "expired", Kind::Nobody),
    caller("revoked", "revoked", Kind::Nobody),
    caller("blocked", "blocked-token", Kind::ShutOut),
    caller("deactivated", "deactivated-token", Kind::ShutOut),
    caller("read_api", "read_api", Kind::Scoped("read_api")),
    caller("read_user", "read_user", Kind::Scoped("read_user")),
    caller("stranger", "stranger-token", Kind::Stranger),
    caller("member-of-another", "member-of-another-token", Kind::Stranger),
    caller("former-member", "former-member-token", Kind::Stranger),
    caller("minimal", "minimal-token", Kind::Stranger),
    caller("external", "external-token", Kind::External),
    caller(
        "external-developer",
        "external-developer-token",
        Kind::ExternalMember(AccessLevel::Developer),
    ),
    caller("guest", "guest-token", Kind::Member(AccessLevel::Guest)),
    caller("planner", "planner-token", Kind::Member(AccessLevel::Planner)),
    caller("reporter", "reporter-token", Kind::Member(AccessLevel::Reporter)),
    caller(
        "security-manager",
        "security-manager-token",
        Kind::Member(AccessLevel::SecurityManager),
    ),
    caller("developer", "developer-token", Kind::Member(AccessLevel::Developer)),
    caller("maintainer", "maintainer-token", Kind::Member(AccessLevel::Maintainer)),
    caller("owner", "owner-token", Kind::Member(AccessLevel::Owner)),
    caller("admin", "admin-token", Kind::Admin),
];
