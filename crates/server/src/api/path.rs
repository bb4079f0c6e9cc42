//! Paths as clients really send them, and the table of routes (reference section 1).
//!
//! GitLab forgives doubled and trailing slashes, and lets a path end in an extension that means nothing
//! (`/deployments.json`). The catch is that a dot is also an ordinary letter of a project's path, of a branch or of an
//! environment: `/projects/group%2Fmy.project` names the project `group/my.project`, while `/deployments/1.5` reads
//! deployment 1. So an extension belongs to the *route*, not to the path: see [`RouteTable`].

use std::borrow::Cow;

use percent_encoding::percent_decode_str;

/// A text that holds a NUL byte or is not UTF-8 once its escapes are resolved; the answer is
/// [`ApiError::malformed`](super::error::ApiError::malformed).
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("text holds a NUL byte or is not UTF-8")]
pub struct Malformed;

/// Squeezes runs of `/` to one and drops a trailing `/`. Letter case and escapes stay as they are: `%2F` is not a slash.
///
/// The path of the root comes back empty.
#[must_use]
pub fn normalise(raw_path: &str) -> Cow<'_, str> {
    if !raw_path.contains("//") {
        return Cow::Borrowed(raw_path.strip_suffix('/').unwrap_or(raw_path));
    }
    let mut path = String::with_capacity(raw_path.len());
    for segment in raw_path.split('/').filter(|segment| !segment.is_empty()) {
        path.push('/');
        path.push_str(segment);
    }
    Cow::Owned(path)
}

/// Resolves the percent escapes of one segment, once. A `+` stays a `+`, an incomplete escape stays as it is.
pub fn decode_segment(segment: &str) -> Result<String, Malformed> {
    let text = percent_decode_str(segment).decode_utf8().map_err(|_| Malformed)?;
    if text.contains('\0') {
        Err(Malformed)
    } else {
        Ok(text.into_owned())
    }
}

/// Routes by path, for any number of methods: the value `T` stands for everything that is served under one path.
///
/// Patterns are written with matchit's braces: `/projects/{id}/deployments/{deployment_id}`. A literal segment wins over
/// a parameter, so `/environments/stop_stale` and `/environments/{environment_id}` live side by side.
///
/// What a dot means is decided per parameter, by its place and name:
///
/// * `{..._id}`, and `{id}` anywhere but below `/projects/` and `/groups/`, are numbers. They never hold a dot; as the
///   last segment they may carry an extension, which is dropped. So may a literal.
/// * every other parameter (`/projects/{id}`, `{name}`, `{branch}`, `{sha}`) is text. A dot belongs to it.
#[derive(Debug)]
pub struct RouteTable<T> {
    router: matchit::Router<Route<T>>,
}

#[derive(Debug)]
struct Route<T> {
    value: T,
    params: Vec<PathParam>,
    /// Whether an extension on the last segment is dropped.
    takes_extension: bool,
}

#[derive(Debug)]
struct PathParam {
    name: &'static str,
    is_text: bool,
}

impl<T> Default for RouteTable<T> {
    fn default() -> Self {
        Self {
            router: matchit::Router::new(),
        }
    }
}

impl<T: Copy> RouteTable<T> {
    /// Adds a route. Fails on a malformed pattern and on one that another route has already taken.
    pub fn insert(&mut self, pattern: &'static str, value: T) -> Result<(), matchit::InsertError> {
        let mut params = Vec::new();
        let mut takes_extension = true;
        let mut parent = "";
        for segment in pattern.split('/') {
            if let Some(name) = segment.strip_prefix('{').and_then(|rest| rest.strip_suffix('}')) {
                let is_text = is_text(parent, name);
                params.push(PathParam { name, is_text });
                takes_extension = !is_text;
            } else {
                takes_extension = true;
            }
            parent = segment;
        }
        self.router.insert(
            pattern,
            Route {
                value,
                params,
                takes_extension,
            },
        )
    }

    /// The route of a [normalised](normalise) path, with the decoded parameters in the order of the pattern.
    ///
    /// `None` means that there is no such route. It is also the answer for a parameter that cannot be decoded, which
    /// does not happen once [`check_strings`](super::input::check_strings) has seen the path.
    #[must_use]
    pub fn find(&self, path: &str) -> Option<(T, Vec<(&'static str, String)>)> {
        without_extension(path)
            .and_then(|stem| self.find_exactly(stem, |route| route.takes_extension))
            .or_else(|| self.find_exactly(path, |_| true))
    }

    fn find_exactly(&self, path: &str, accept: impl Fn(&Route<T>) -> bool) -> Option<(T, Vec<(&'static str, String)>)> {
        let matched = self.router.at(path).ok()?;
        let route = matched.value;
        if !accept(route) {
            return None;
        }
        let mut params = Vec::with_capacity(route.params.len());
        for (declared, (_, raw)) in route.params.iter().zip(matched.params.iter()) {
            if !declared.is_text && raw.contains('.') {
                return None;
            }
            params.push((declared.name, decode_segment(raw).ok()?));
        }
        Some((route.value, params))
    }
}

/// Whether a dot is part of the parameter: see [`RouteTable`].
fn is_text(parent: &str, name: &str) -> bool {
    match name {
        "id" => matches!(parent, "projects" | "groups"),
        _ => !name.ends_with("_id"),
    }
}

/// The path without the extension of its last segment, if it has one. An escaped dot (`%2E`) is data, never an extension.
fn without_extension(path: &str) -> Option<&str> {
    let (stem, extension) = path.rsplit_once('.')?;
    let is_extension = !extension.is_empty() && !extension.contains('/') && !stem.ends_with('/');
    is_extension.then_some(stem)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const PATTERNS: &[&str] = &[
        "/projects",
        "/projects/{id}",
        "/projects/{id}/deployments",
        "/projects/{id}/deployments/{deployment_id}",
        "/projects/{id}/deployments/{deployment_id}/merge_requests",
        "/projects/{id}/environments/stop_stale",
        "/projects/{id}/environments/{environment_id}",
        "/projects/{id}/environments/{environment_id}/stop",
        "/projects/{id}/protected_environments/{name}",
        "/users/{id}",
        "/users/{user_id}/personal_access_tokens",
    ];

    fn table() -> RouteTable<&'static str> {
        let mut table = RouteTable::default();
        for pattern in PATTERNS {
            table.insert(pattern, *pattern).unwrap();
        }
        table
    }

    /// The pattern that a raw path leads to, with its parameters, as one line.
    fn find(table: &RouteTable<&'static str>, raw_path: &str) -> String {
        match table.find(&normalise(raw_path)) {
            None => "none".to_owned(),
            Some((pattern, params)) => params.iter().fold(pattern.to_owned(), |line, (name, value)| {
                format!("{line} {name}={value}")
            }),
        }
    }

    #[test]
    fn odd_paths_find_their_route() {
        let one = "/projects/{id}/deployments/{deployment_id}";
        let list = "/projects/{id}/deployments";
        let cases = [
            ("/projects/1/deployments", format!("{list} id=1")),
            ("/projects/1/deployments/", format!("{list} id=1")),
            ("//projects///1//deployments//", format!("{list} id=1")),
            ("/PROJECTS/1/deployments", "none".to_owned()),
            ("/projects/1/Deployments", "none".to_owned()),
            ("/projects/a/b/deployments", "none".to_owned()),
            ("/projects/a%2Fb/deployments", format!("{list} id=a/b")),
            ("/projects/a%2fb/deployments", format!("{list} id=a/b")),
            ("/projects/a%2Fb%2Ec/deployments", format!("{list} id=a/b.c")),
            ("/projects/a%252Fb/deployments", format!("{list} id=a%2Fb")),
            ("/projects/a%2Fb+c%2Bd/deployments", format!("{list} id=a/b+c+d")),
            ("/projects/a%2Fb.c/deployments", format!("{list} id=a/b.c")),
            ("/projects/1/deployments.json", format!("{list} id=1")),
            ("/projects/1/deployments.xml", format!("{list} id=1")),
            ("/projects/1/deployments.json/", format!("{list} id=1")),
            ("/projects/1/deployments.", "none".to_owned()),
            ("/projects/1/deployments.tar.gz", "none".to_owned()),
            ("/projects.json", "/projects".to_owned()),
            ("/projects/1/deployments/5", format!("{one} id=1 deployment_id=5")),
            ("/projects/1/deployments/5.json", format!("{one} id=1 deployment_id=5")),
            ("/projects/1/deployments/1.5", format!("{one} id=1 deployment_id=1")),
            ("/projects/1/deployments/abc", format!("{one} id=1 deployment_id=abc")),
            ("/projects/1/deployments/-3", format!("{one} id=1 deployment_id=-3")),
            ("/projects/1/deployments/1%2E5", format!("{one} id=1 deployment_id=1.5")),
            ("/projects/1/deployments/1.2.3", "none".to_owned()),
            ("/projects/1/deployments/.json", "none".to_owned()),
            ("/projects/1/deployments/1.5/merge_requests", "none".to_owned()),
            (
                "/projects/1/deployments/5/merge_requests.json",
                format!("{one}/merge_requests id=1 deployment_id=5"),
            ),
            (
                "/projects/1/environments/stop_stale.json",
                "/projects/{id}/environments/stop_stale id=1".to_owned(),
            ),
            (
                "/projects/group%2Fmy.project",
                "/projects/{id} id=group/my.project".to_owned(),
            ),
            ("/projects/1.json", "/projects/{id} id=1.json".to_owned()),
            (
                "/projects/1/protected_environments/www.example.com",
                "/projects/{id}/protected_environments/{name} id=1 name=www.example.com".to_owned(),
            ),
            ("/users/7.json", "/users/{id} id=7".to_owned()),
            (
                "/users/7/personal_access_tokens",
                "/users/{user_id}/personal_access_tokens user_id=7".to_owned(),
            ),
            ("/", "none".to_owned()),
            ("", "none".to_owned()),
            ("/projects/%FF/deployments", "none".to_owned()),
        ];
        let table = table();
        for (path, expected) in cases {
            assert_eq!(find(&table, path), expected, "{path}");
        }
    }

    #[test]
    fn a_pattern_is_taken_once() {
        let mut table = table();
        assert!(table.insert("/projects/{id}", "again").is_err());
    }

    #[test]
    fn a_segment_is_decoded_once() {
        let cases = [
            ("a%2Fb", Ok("a/b")),
            ("a%252Fb", Ok("a%2Fb")),
            ("a+b", Ok("a+b")),
            ("caf%C3%A9", Ok("café")),
            ("100%", Ok("100%")),
            ("%zz", Ok("%zz")),
            ("%00", Err(Malformed)),
            ("%C3", Err(Malformed)),
            ("", Ok("")),
        ];
        for (segment, expected) in cases {
            assert_eq!(decode_segment(segment), expected.map(str::to_owned), "{segment}");
        }
    }

    proptest! {
        #[test]
        fn normalising_twice_changes_nothing(path in "[/a.%2]{0,20}") {
            let once = normalise(&path).into_owned();
            prop_assert_eq!(normalise(&once).into_owned(), once.clone());
            prop_assert!(!once.contains("//") && !once.ends_with('/'));
        }

        #[test]
        fn no_path_breaks_the_table(path in "\\PC{0,60}") {
            let _ = find(&table(), &path);
            let _ = find(&table(), &format!("/projects/{path}/deployments/{path}"));
        }

        #[test]
        fn any_project_path_arrives_whole(path in "[a-zA-Z0-9_.+ %é/-]{1,40}") {
            let escaped = percent_encoding::utf8_percent_encode(&path, percent_encoding::NON_ALPHANUMERIC);
            let found = table().find(&format!("/projects/{escaped}")).map(|(_, params)| params);
            prop_assert_eq!(found, Some(vec![("id", path)]));
        }
    }
}
