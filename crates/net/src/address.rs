//! Which addresses belong to the public internet.
//!
//! IPv4 is public except for what IANA's registry of special addresses lists. Of IPv6 only `2000::/3` is handed out to
//! the public, again with exceptions. Some IPv6 addresses lead to an IPv4 address that is written in them; those are
//! judged by where they lead.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

use ipnet::{Ipv4Net, Ipv6Net};

/// Special IPv4 ranges (RFC 6890 and its updates).
const SPECIAL_V4: [Ipv4Net; 15] = [
    v4(0, 0, 0, 0, 8),       // this network; on Linux 0.0.0.0 is the machine itself
    v4(10, 0, 0, 0, 8),      // private
    v4(100, 64, 0, 0, 10),   // carriers' shared space
    v4(127, 0, 0, 0, 8),     // loopback
    v4(169, 254, 0, 0, 16),  // link-local; clouds serve credentials there
    v4(172, 16, 0, 0, 12),   // private
    v4(192, 0, 0, 0, 24),    // protocol assignments
    v4(192, 0, 2, 0, 24),    // documentation
    v4(192, 88, 99, 0, 24),  // 6to4 relays, withdrawn
    v4(192, 168, 0, 0, 16),  // private
    v4(198, 18, 0, 0, 15),   // benchmarks
    v4(198, 51, 100, 0, 24), // documentation
    v4(203, 0, 113, 0, 24),  // documentation
    v4(224, 0, 0, 0, 4),     // multicast
    v4(240, 0, 0, 0, 4),     // reserved, and broadcast
];

/// The IPv6 range that public addresses are taken from.
const GLOBAL_V6: Ipv6Net = v6(0x2000 << 112, 3);

/// Special ranges inside of it.
const SPECIAL_V6: [Ipv6Net; 4] = [
    v6(0x2001 << 112, 23),     // protocol assignments, among them Teredo
    v6(0x2001_0db8 << 96, 32), // documentation
    v6(0x2002 << 112, 16),     // 6to4, withdrawn
    v6(0x3fff << 112, 20),     // documentation
];

/// NAT64 (RFC 6052): how a network without IPv4 reaches the IPv4 address in the last 32 bits.
const NAT64: Ipv6Net = v6(0x0064_ff9b << 96, 96);

/// Whether an address is one of the public internet: not private, not of this machine or link, not reserved.
///
/// ```
/// use landfall_net::is_public;
///
/// assert!(is_public("8.8.8.8".parse().unwrap()));
/// assert!(!is_public("::ffff:127.0.0.1".parse().unwrap()));
/// ```
#[must_use]
pub fn is_public(address: IpAddr) -> bool {
    match led_to(address) {
        IpAddr::V4(address) => !SPECIAL_V4.iter().any(|range| range.contains(&address)),
        IpAddr::V6(address) => GLOBAL_V6.contains(&address) && !SPECIAL_V6.iter().any(|range| range.contains(&address)),
    }
}

/// The address that a connection to this one ends at: the IPv4 address in a mapped (`::ffff:a.b.c.d`) or translated
/// (`64:ff9b::a.b.c.d`) one, else itself.
pub(crate) fn led_to(address: IpAddr) -> IpAddr {
    match address.to_canonical() {
        IpAddr::V6(address) if NAT64.contains(&address) => {
            let [.., a, b, c, d] = address.octets();
            Ipv4Addr::new(a, b, c, d).into()
        }
        canonical => canonical,
    }
}

const fn v4(a: u8, b: u8, c: u8, d: u8, prefix: u8) -> Ipv4Net {
    Ipv4Net::new_assert(Ipv4Addr::new(a, b, c, d), prefix)
}

/// A range by the number that its first address is.
const fn v6(first: u128, prefix: u8) -> Ipv6Net {
    Ipv6Net::new_assert(Ipv6Addr::from_bits(first), prefix)
}
