//! From a name to addresses that may be connected to.

use std::sync::Arc;

use reqwest::dns::{Addrs, Name, Resolve, Resolving};
use tokio::net::lookup_host;

use crate::reach::Reach;

/// Resolves as the machine does, and keeps to the client's reach.
#[derive(Clone, Debug)]
pub(crate) struct Resolver(pub(crate) Arc<Reach>);

impl Resolve for Resolver {
    fn resolve(&self, name: Name) -> Resolving {
        let reach = Arc::clone(&self.0);
        Box::pin(async move {
            let host = name.as_str();
            let found: Vec<_> = lookup_host((host, 0)).await?.collect();
            reach.check(host, found.iter().map(std::net::SocketAddr::ip))?;
            Ok(Box::new(found.into_iter()) as Addrs)
        })
    }
}
