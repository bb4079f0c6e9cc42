//! Ranges of addresses, as an operator writes them.

use std::{fmt, net::IpAddr, str::FromStr};

use ipnet::IpNet;

/// A range of addresses: `10.0.0.0/8`, `fd00::/8`, or one address.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Network(IpNet);

impl Network {
    /// Whether an address is in it.
    #[must_use]
    pub fn contains(&self, address: IpAddr) -> bool {
        self.0.contains(&address)
    }
}

impl FromStr for Network {
    type Err = &'static str;

    fn from_str(text: &str) -> Result<Network, Self::Err> {
        let says = "a range is ADDRESS/BITS, such as 10.0.0.0/8 or fd00::/8";
        let text = text.trim();
        let range = match text.parse::<IpAddr>() {
            Ok(address) => IpNet::from(address),
            Err(_) => text.parse().map_err(|_| says)?,
        };
        if range != range.trunc() {
            return Err("its address has bits beyond the range; write 10.0.0.0/8, not 10.1.2.3/8");
        }
        Ok(Network(range))
    }
}

impl fmt::Display for Network {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ranges_have_no_bits_beyond_their_prefix() {
        let parsed = |text: &str| text.parse::<Network>().map(|network| network.to_string());
        for (text, shown) in [
            ("10.0.0.0/8", "10.0.0.0/8"),
            ("127.0.0.1", "127.0.0.1/32"),
            ("0.0.0.0/0", "0.0.0.0/0"),
            ("::1", "::1/128"),
            ("fd00::/8", "fd00::/8"),
            ("::/0", "::/0"),
        ] {
            assert_eq!(parsed(text), Ok(shown.to_owned()));
        }
        for wrong in [
            "",
            "10.0.0.0/",
            "10.0.0.0/33",
            "::/129",
            "10.1.2.3/8",
            "fd00::1/8",
            "host/8",
            "10.0.0.0/-1",
        ] {
            assert!(parsed(wrong).is_err(), "{wrong}");
        }
    }
}
