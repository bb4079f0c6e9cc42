//! The URLs of `Link` (reference 10.3).

use std::borrow::Cow;

use landfall_domain::time::Timestamp;
use percent_encoding::{AsciiSet, CONTROLS, utf8_percent_encode};
use serde_json::{Map, Value};

use crate::api::bracket;
use crate::api::params::{Typed, Values};

/// Parameters that carry a token or act with its power. GitLab repeats them in links; here they are left out.
const SECRETS: [&str; 6] = [
    "private_token",
    "access_token",
    "bearer_token",
    "job_token",
    "token",
    "sudo",
];

/// Bytes of undeclared parameters that a link repeats. They mean nothing to the server, but a header full of them can
/// be too long for a client or a proxy; what goes beyond is left out.
const UNDECLARED_LIMIT: usize = 4096;

/// Letters of a raw path that would end the URL early inside `<..>` or cannot stand in a header. `%` is not among them:
/// the path is escaped already.
const PATH: &AsciiSet = &CONTROLS
    .add(b' ')
    .add(b'"')
    .add(b'<')
    .add(b'>')
    .add(b'\\')
    .add(b'^')
    .add(b'`');

/// The part of a link that is the same on every page of one request.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LinkBase {
    url: String,
    /// Name and form-encoded `name=value`, sorted by name.
    pairs: Vec<Pair>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
struct Pair {
    name: String,
    encoded: String,
}

impl LinkBase {
    /// From the server's external URL (with or without a slash at its end), the path of the request as it was sent, and
    /// its parameters: all that were merged (path, query and body), and the values that came of the declared ones.
    #[must_use]
    pub fn new(external_url: &str, raw_path: &str, given: &Map<String, Value>, values: &Values) -> Self {
        let path = utf8_percent_encode(raw_path, PATH);
        let url = format!("{}{path}", external_url.trim_end_matches('/'));

        let mut declared = Vec::new();
        for (name, value) in values.iter().filter(|(name, _)| !SECRETS.contains(name)) {
            bracket::flatten(name, &repeated(value), &mut declared);
        }
        let mut undeclared = Vec::new();
        let is_declared = |name: &str| values.iter().any(|(declared, _)| declared == name);
        for (name, value) in given
            .iter()
            .filter(|(name, _)| !SECRETS.contains(&name.as_str()) && !is_declared(name))
        {
            bracket::flatten(name, value, &mut undeclared);
        }
        let mut pairs: Vec<Pair> = declared.into_iter().map(Pair::encode).collect();
        let mut size = 0;
        pairs.extend(undeclared.into_iter().map(Pair::encode).take_while(|pair| {
            size += pair.encoded.len();
            size <= UNDECLARED_LIMIT
        }));
        pairs.sort_by(|a, b| a.name.cmp(&b.name));
        Self { url, pairs }
    }

    /// The URL of a page by number.
    pub(super) fn page(&self, page: i64, per_page: i64) -> String {
        self.with(
            &[],
            [
                ("page", Cow::Owned(page.to_string())),
                ("per_page", Cow::Owned(per_page.to_string())),
            ],
        )
    }

    /// The URL of the page behind a cursor. A page number has no meaning there.
    pub(super) fn cursor(&self, cursor: &str, per_page: i64) -> String {
        self.with(
            &["page"],
            [
                ("cursor", Cow::Borrowed(cursor)),
                ("pagination", Cow::Borrowed("keyset")),
                ("per_page", Cow::Owned(per_page.to_string())),
            ],
        )
    }

    /// The URL of the part behind a boundary that is a parameter of its own (`id_after=42`).
    #[must_use]
    pub fn boundary(&self, name: &str, value: i64) -> String {
        self.with(&["page"], [(name, Cow::Owned(value.to_string()))])
    }

    /// The URL without some parameters and with others replaced; `replaced` is sorted by name.
    fn with<const N: usize>(&self, dropped: &[&str], replaced: [(&str, Cow<'_, str>); N]) -> String {
        let names = replaced.each_ref().map(|(name, _)| *name);
        let mut new = replaced
            .into_iter()
            .map(|(name, value)| Pair::encode((name.to_owned(), value.into_owned())))
            .peekable();
        let mut url = self.url.clone();
        let mut separator = '?';
        let mut push = |pair: &Pair| {
            url.push(separator);
            url.push_str(&pair.encoded);
            separator = '&';
        };
        for pair in &self.pairs {
            if names.contains(&pair.name.as_str()) || dropped.contains(&pair.name.as_str()) {
                continue;
            }
            while let Some(earlier) = new.next_if(|new| new.name < pair.name) {
                push(&earlier);
            }
            push(pair);
        }
        new.for_each(|pair| push(&pair));
        url
    }
}

impl Pair {
    fn encode((name, value): (String, String)) -> Self {
        let encoded = form_urlencoded::Serializer::new(String::new())
            .append_pair(&name, &value)
            .finish();
        Self { name, encoded }
    }
}

/// The form in which a declared parameter is repeated: as it was understood, not as it was spelt.
fn repeated(value: Option<&Typed>) -> Value {
    match value {
        None => Value::Null,
        Some(Typed::Text(text)) => Value::from(text.as_str()),
        Some(Typed::Integer(number)) => Value::from(*number),
        Some(Typed::Boolean(flag)) => Value::from(*flag),
        Some(Typed::Time(time)) => Value::from(repeated_time(*time)),
        Some(Typed::Json(members)) => Value::Object(members.clone()),
        Some(Typed::TextList(texts)) => Value::from(texts.as_slice()),
        Some(Typed::IntegerList(numbers)) => Value::from(numbers.as_slice()),
    }
}

/// GitLab cuts the time to seconds, which moves the filter between the first page and the second. So a fraction is kept
/// if there is one; without it the text is GitLab's.
fn repeated_time(time: Timestamp) -> String {
    let text = time.to_link_param();
    match (time.as_micros().rem_euclid(1_000_000), text.strip_suffix("+00:00")) {
        (micros @ 1.., Some(seconds)) => format!("{seconds}.{micros:06}+00:00"),
        _ => text,
    }
}
