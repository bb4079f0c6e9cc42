//! The judgement of addresses, without any network.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

use landfall_net::{Network, Reach, is_public};
use proptest::prelude::*;

fn at(text: &str) -> IpAddr {
    text.parse().unwrap()
}

fn networks(texts: &[&str]) -> Vec<Network> {
    texts.iter().map(|text| text.parse().unwrap()).collect()
}

#[test]
fn special_addresses_are_not_public() {
    for address in [
        "0.0.0.0",
        "0.255.255.255",
        "10.0.0.0",
        "10.255.255.255",
        "100.64.0.1",
        "100.127.255.255",
        "127.0.0.1",
        "127.255.255.254",
        "169.254.169.254",
        "172.16.0.1",
        "172.31.255.255",
        "192.0.0.8",
        "192.0.2.1",
        "192.88.99.1",
        "192.168.0.1",
        "198.18.0.1",
        "198.19.255.255",
        "198.51.100.7",
        "203.0.113.9",
        "224.0.0.1",
        "239.255.255.255",
        "240.0.0.1",
        "255.255.255.255",
        "::",
        "::1",
        "::7f00:1",
        "::ffff:127.0.0.1",
        "::ffff:10.0.0.1",
        "::ffff:169.254.169.254",
        "64:ff9b::127.0.0.1",
        "64:ff9b::a9fe:a9fe",
        "64:ff9b:1::8.8.8.8",
        "100::1",
        "2001::1",
        "2001:db8::1",
        "2002:7f00:1::1",
        "3fff::1",
        "5f00::1",
        "fc00::1",
        "fd12:3456::1",
        "fe80::1",
        "fec0::1",
        "ff02::1",
    ] {
        assert!(!is_public(at(address)), "{address}");
    }
}

#[test]
fn their_neighbours_are() {
    for address in [
        "1.1.1.1",
        "9.255.255.255",
        "11.0.0.0",
        "100.63.255.255",
        "100.128.0.0",
        "126.255.255.255",
        "128.0.0.0",
        "169.253.255.255",
        "172.15.255.255",
        "172.32.0.0",
        "192.0.1.0",
        "192.167.255.255",
        "198.17.255.255",
        "198.20.0.0",
        "223.255.255.255",
        "::ffff:8.8.8.8",
        "64:ff9b::8.8.8.8",
        "2001:200::1",
        "2001:4860:4860::8888",
        "2606:4700::1111",
        "2a00::1",
    ] {
        assert!(is_public(at(address)), "{address}");
    }
}

#[test]
fn an_opened_network_is_open_in_every_spelling() {
    let reach = Reach::Public {
        and: networks(&["10.0.0.0/8", "fd00::/8"]),
    };
    for address in ["10.1.2.3", "::ffff:10.1.2.3", "64:ff9b::10.1.2.3", "fd00::1", "8.8.8.8"] {
        assert!(reach.allows(at(address)), "{address}");
    }
    for address in ["127.0.0.1", "::1", "192.168.0.1", "fc00::1", "169.254.169.254"] {
        assert!(!reach.allows(at(address)), "{address}");
        assert!(Reach::Anywhere.allows(at(address)), "{address}");
    }
}

#[test]
fn one_bad_address_spoils_a_name() {
    let reach = Reach::Public { and: Vec::new() };
    assert_eq!(reach.check("x.example", [at("8.8.8.8"), at("2606:4700::1111")]), Ok(()));
    let refused = reach.check("x.example", [at("8.8.8.8"), at("127.0.0.1")]).unwrap_err();
    assert_eq!(
        refused.to_string(),
        "x.example is at 127.0.0.1, which is not a public address; --allow-networks can open its network"
    );
}

proptest! {
    #[test]
    fn no_spelling_makes_an_address_more_public(bits: u32) {
        let address = Ipv4Addr::from(bits);
        let judged = is_public(address.into());
        prop_assert_eq!(is_public(address.to_ipv6_mapped().into()), judged);
        let [a, b, c, d] = address.octets();
        let (high, low) = (u16::from_be_bytes([a, b]), u16::from_be_bytes([c, d]));
        let translated = Ipv6Addr::new(0x64, 0xff9b, 0, 0, 0, 0, high, low);
        prop_assert_eq!(is_public(translated.into()), judged);
        let compatible = Ipv6Addr::new(0, 0, 0, 0, 0, 0, high, low);
        prop_assert!(!is_public(compatible.into()));
        let six_to_four = Ipv6Addr::new(0x2002, high, low, 0, 0, 0, 0, 1);
        prop_assert!(!is_public(six_to_four.into()));
    }

    #[test]
    fn the_standard_library_agrees(bits: u32) {
        let address = Ipv4Addr::from(bits);
        let special = address.is_private() || address.is_loopback() || address.is_link_local() || address.is_multicast()
            || address.is_broadcast() || address.is_documentation() || address.is_unspecified();
        prop_assert!(!(special && is_public(address.into())));
    }

    #[test]
    fn ipv6_outside_of_global_unicast_is_never_public(bits: u128) {
        let address = Ipv6Addr::from(bits);
        let translates = matches!(address.segments(), [0x64, 0xff9b, 0, 0, 0, 0, _, _] | [0, 0, 0, 0, 0, 0xffff, _, _]);
        let global = bits >> 125 == 0b001;
        prop_assert!(global || translates || !is_public(address.into()));
        let special = address.is_loopback() || address.is_multicast() || address.is_unique_local()
            || address.is_unicast_link_local() || address.is_unspecified();
        prop_assert!(!(special && is_public(address.into())));
    }

    #[test]
    fn what_is_opened_is_allowed_and_nothing_else(bits: u32, open: u32, prefix in 0u8..=32) {
        let base = open & u32::MAX.checked_shl(32 - u32::from(prefix)).unwrap_or(0);
        let reach = Reach::Public { and: networks(&[&format!("{}/{prefix}", Ipv4Addr::from(base))]) };
        let address = Ipv4Addr::from(bits);
        let inside = bits & u32::MAX.checked_shl(32 - u32::from(prefix)).unwrap_or(0) == base;
        prop_assert_eq!(reach.allows(address.into()), inside || is_public(address.into()));
    }
}
