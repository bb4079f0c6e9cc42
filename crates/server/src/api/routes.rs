//! From a path to the endpoints that are served under it.

use http::{HeaderValue, Method};

use super::{
    endpoint::{Endpoint, Login},
    path::{RouteTable, normalise},
    v4,
};
use crate::BuildError;

/// Every endpoint, by path and method.
pub(crate) struct Routes {
    table: RouteTable<usize>,
    paths: Vec<Vec<&'static Endpoint>>,
}

/// A path that is known.
pub(crate) struct Found<'a> {
    endpoints: &'a [&'static Endpoint],
    /// The decoded parameters of the path.
    pub(crate) params: Vec<(&'static str, String)>,
}

impl Routes {
    /// The routes of [`v4::ENDPOINTS`].
    pub(crate) fn new() -> Result<Routes, BuildError> {
        let mut paths: Vec<Vec<&'static Endpoint>> = Vec::new();
        let mut table = RouteTable::default();
        for endpoint in v4::endpoints() {
            if let Some(path) = paths
                .iter_mut()
                .find(|path| path.iter().any(|other| other.path == endpoint.path))
            {
                path.push(endpoint);
            } else {
                table.insert(endpoint.path, paths.len())?;
                paths.push(vec![endpoint]);
            }
        }
        Ok(Routes { table, paths })
    }

    /// The endpoints under a path, odd spellings included (reference section 1).
    pub(crate) fn find(&self, raw_path: &str) -> Option<Found<'_>> {
        let (index, params) = self.table.find(&normalise(raw_path))?;
        Some(Found {
            endpoints: self.paths.get(index)?,
            params,
        })
    }
}

impl Found<'_> {
    /// The endpoint for a method; HEAD is answered by GET's.
    pub(crate) fn endpoint(&self, method: &Method) -> Option<&'static Endpoint> {
        let method = if *method == Method::HEAD { &Method::GET } else { method };
        self.endpoints
            .iter()
            .copied()
            .find(|endpoint| endpoint.method == *method)
    }

    /// Whether asking for the methods needs a sign-in: it does unless every one of them goes without.
    pub(crate) fn login(&self) -> Login {
        if self.endpoints.iter().all(|endpoint| endpoint.login == Login::Optional) {
            Login::Optional
        } else {
            Login::Required
        }
    }

    /// The `Allow` header, in GitLab's order.
    pub(crate) fn allow(&self) -> HeaderValue {
        let mut allow = "OPTIONS".to_owned();
        for method in [Method::GET, Method::POST, Method::PUT, Method::DELETE] {
            if self.endpoint(&method).is_some() {
                allow.push_str(", ");
                allow.push_str(method.as_str());
            }
        }
        if self.endpoint(&Method::GET).is_some() {
            allow.push_str(", HEAD");
        }
        HeaderValue::try_from(allow).unwrap_or_else(|_| HeaderValue::from_static("OPTIONS"))
    }
}
