//! Where a client may connect to.

use std::net::IpAddr;

use url::{Host, Url};

use crate::{
    address::{is_public, led_to},
    network::Network,
};

/// The addresses that a client may connect to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Reach {
    /// Wherever the address leads. For places that the operator of this machine named on the command line, who could
    /// as well have used `curl`; then the proxies that the environment names are used, too.
    Anywhere,
    /// The public internet and these networks. For places that anybody else named. Proxies are not used: the address
    /// would be resolved behind the check.
    Public {
        /// Private networks that an operator opened.
        and: Vec<Network>,
    },
}

/// An address that is not to be connected to.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{host} is at {address}, which is not a public address; --allow-networks can open its network")]
pub struct Refused {
    /// The host that was named.
    pub host: String,
    /// Where it is.
    pub address: IpAddr,
}

impl Reach {
    /// Whether an address may be connected to. An IPv6 address that leads to an IPv4 address is judged by that one, too.
    #[must_use]
    pub fn allows(&self, address: IpAddr) -> bool {
        match self {
            Reach::Anywhere => true,
            Reach::Public { and: open } => {
                let end = led_to(address);
                is_public(address)
                    || open
                        .iter()
                        .any(|network| network.contains(address) || network.contains(end))
            }
        }
    }

    /// Refuses a host if any of its addresses must not be connected to: which of them would be taken is not for the
    /// owner of the name to choose.
    pub fn check(&self, host: &str, addresses: impl IntoIterator<Item = IpAddr>) -> Result<(), Refused> {
        match addresses.into_iter().find(|address| !self.allows(*address)) {
            None => Ok(()),
            Some(address) => Err(Refused {
                host: host.to_owned(),
                address,
            }),
        }
    }

    /// Refuses an address that is written with a number. A name is checked when it has been resolved.
    pub(crate) fn check_literal(&self, url: &Url) -> Result<(), Refused> {
        match url.host() {
            Some(Host::Ipv4(address)) => self.check(&address.to_string(), [address.into()]),
            Some(Host::Ipv6(address)) => self.check(&address.to_string(), [address.into()]),
            Some(Host::Domain(_)) | None => Ok(()),
        }
    }
}
