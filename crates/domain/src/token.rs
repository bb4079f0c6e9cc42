//! Access tokens: how they look, what they allow, when they end.

use std::fmt;

use jiff::{Span, civil::Date};
use subtle::ConstantTimeEq;
use thiserror::Error;

use crate::{
    hash,
    ids::{TokenId, UserId},
    member::Source,
    time::Timestamp,
};

/// What a token allows (reference 4.3). Unknown scopes of other systems do not exist here.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Scope {
    /// Everything its user may.
    Api,
    /// Reading everything its user may read.
    ReadApi,
    /// Reading the user's own profile, and `/version`.
    ReadUser,
    /// Acting as somebody else; for administrators.
    Sudo,
    /// Rotating the token itself.
    SelfRotate,
}

texts!(Scope {
    Api = "api",
    ReadApi = "read_api",
    ReadUser = "read_user",
    Sudo = "sudo",
    SelfRotate = "self_rotate",
});

/// A set of scopes, in GitLab's order.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Scopes(Vec<Scope>);

/// A word that names no scope.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
#[error("unknown scope '{0}'; the scopes are api, read_api, read_user, sudo and self_rotate")]
pub struct UnknownScope(pub String);

impl FromIterator<Scope> for Scopes {
    fn from_iter<I: IntoIterator<Item = Scope>>(scopes: I) -> Self {
        let mut scopes: Vec<_> = scopes.into_iter().collect();
        scopes.sort_unstable();
        scopes.dedup();
        Self(scopes)
    }
}

impl Scopes {
    /// Reads scopes that are separated by blanks or commas.
    pub fn parse(text: &str) -> Result<Self, UnknownScope> {
        text.split([' ', ','])
            .filter(|word| !word.is_empty())
            .map(|word| Scope::parse(word).ok_or_else(|| UnknownScope(word.to_owned())))
            .collect()
    }

    /// Whether a scope is in the set.
    #[must_use]
    pub fn contains(&self, scope: Scope) -> bool {
        self.0.contains(&scope)
    }

    /// Whether there is no scope in the set, so that its token allows nothing.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// The scopes, in GitLab's order.
    pub fn iter(&self) -> impl Iterator<Item = Scope> + '_ {
        self.0.iter().copied()
    }

    /// The scopes' texts.
    #[must_use]
    pub fn as_strs(&self) -> Vec<&'static str> {
        self.iter().map(Scope::as_str).collect()
    }

    /// The scopes' texts with blanks between them, as they are stored.
    #[must_use]
    pub fn to_text(&self) -> String {
        self.as_strs().join(" ")
    }
}

/// A personal access token as it is stored: the secret itself is not part of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AccessToken {
    /// Global id.
    pub id: TokenId,
    /// Whose rights it carries.
    pub user_id: UserId,
    /// What its owner calls it.
    pub name: String,
    /// What its owner notes about it.
    pub description: Option<String>,
    /// What it allows.
    pub scopes: Scopes,
    /// Ended by hand.
    pub revoked: bool,
    /// Dead from 00:00 UTC of this day on.
    pub expires_at: Option<Date>,
    /// When it was made.
    pub created_at: Timestamp,
    /// When it was last used, to some minutes.
    pub last_used_at: Option<Timestamp>,
    /// The first of the tokens that were rotated into this one; `None` if it is the first itself.
    pub family_id: Option<TokenId>,
    /// What it belongs to, if its user is a bot that was made for it.
    pub source: Option<Source>,
}

/// Whether a token still opens anything.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum TokenStatus {
    /// It does.
    Active,
    /// Its last day is over.
    Expired,
    /// It was ended by hand.
    Revoked,
}

/// The most days that a token made over the API is good for.
pub const MOST_DAYS: i32 = 365;

/// What is wrong with a token's last day, in GitLab's words.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum ExpiryError {
    /// Today or earlier: it would be dead at once.
    #[error("Expiration date can't be in the past")]
    Past,
    /// Over [`MOST_DAYS`] from today.
    #[error("Expiration date must be before {0}")]
    TooLate(Date),
}

/// The last day of a new token: the wanted one, or so many days from today.
pub fn expiry(wanted: Option<Date>, default_days: i32, today: Date) -> Result<Date, ExpiryError> {
    let after = |days: i32| today.saturating_add(Span::new().days(days));
    let day = wanted.unwrap_or_else(|| after(default_days));
    if day <= today {
        Err(ExpiryError::Past)
    } else if day > after(MOST_DAYS) {
        Err(ExpiryError::TooLate(after(MOST_DAYS + 1)))
    } else {
        Ok(day)
    }
}

impl AccessToken {
    /// The token that the family goes back to.
    #[must_use]
    pub fn family(&self) -> TokenId {
        self.family_id.unwrap_or(self.id)
    }

    /// Where the token stands on a day (UTC). It is dead from the start of its `expires_at` day, and one that is both
    /// expired and revoked counts as expired (reference 4.2).
    #[must_use]
    pub fn status(&self, today: Date) -> TokenStatus {
        if self.expires_at.is_some_and(|expires_at| expires_at <= today) {
            TokenStatus::Expired
        } else if self.revoked {
            TokenStatus::Revoked
        } else {
            TokenStatus::Active
        }
    }
}

/// The text of a token: who has it is its user. It is shown once, when it is made, and only its [`Digest`] is stored.
#[derive(Clone)]
pub struct Secret(String);

/// The operating system gave no random bytes.
#[derive(Debug, Error)]
#[error("cannot make a token: the operating system gives no random bytes")]
pub struct NoRandomness(#[from] getrandom::Error);

impl Secret {
    /// What every new token begins with, so that scanners can find one that leaked.
    pub const PREFIX: &str = "ldf-";

    /// Random characters after the prefix: 62 possibilities each, 190 bits together.
    const LENGTH: usize = 32;

    /// Makes a new token.
    pub fn generate() -> Result<Self, NoRandomness> {
        const ALPHABET: &[u8; 62] = b"0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";
        let mut text = String::from(Self::PREFIX);
        let mut random = [0; 64];
        while text.len() < Self::PREFIX.len() + Self::LENGTH {
            getrandom::fill(&mut random)?;
            let missing = Self::PREFIX.len() + Self::LENGTH - text.len();
            // 248 is the largest multiple of 62 in a byte: above it some characters would be likelier than others.
            let even = random.iter().filter(|byte| **byte < 248);
            text.extend(
                even.map(|byte| char::from(ALPHABET[usize::from(byte % 62)]))
                    .take(missing),
            );
        }
        Ok(Self(text))
    }

    /// Takes a token's text from outside.
    #[must_use]
    pub const fn new(text: String) -> Self {
        Self(text)
    }

    /// The text itself. Only what shows or sends a token may ask for it.
    #[must_use]
    pub fn expose(&self) -> &str {
        &self.0
    }

    /// What is stored of it.
    #[must_use]
    pub fn digest(&self) -> Digest {
        Digest::of(&self.0)
    }
}

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Secret(..)")
    }
}

/// SHA-256 of a token's text: what is stored, and what tokens are looked up by. Tokens are random and long, so there is
/// nothing that a slow password hash would protect.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Digest(pub [u8; 32]);

impl Digest {
    /// The digest of a token's text.
    #[must_use]
    pub fn of(text: &str) -> Self {
        Self(hash::sha256(text))
    }

    /// 64 hexadecimal digits in lower case.
    #[must_use]
    pub fn to_hex(&self) -> String {
        hash::hex(&self.0)
    }

    /// Reads 64 hexadecimal digits of either case.
    #[must_use]
    pub fn from_hex(text: &str) -> Option<Self> {
        if text.len() != 64 || !text.bytes().all(|byte| byte.is_ascii_hexdigit()) {
            return None;
        }
        let mut bytes = [0; 32];
        for (byte, pair) in bytes.iter_mut().zip(text.as_bytes().chunks_exact(2)) {
            *byte = u8::from_str_radix(str::from_utf8(pair).ok()?, 16).ok()?;
        }
        Some(Self(bytes))
    }

    /// Compares in a time that does not depend on where the two differ.
    #[must_use]
    pub fn same(&self, other: &Self) -> bool {
        self.0.ct_eq(&other.0).into()
    }
}
