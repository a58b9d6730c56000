//! The blocks of addresses that are not the public internet's, from IANA's special-purpose registries.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

use ipnet::{Ipv4Net, Ipv6Net};

#[rustfmt::skip]
const SPECIAL_V4: &[Ipv4Net] = &[
    v4(0, 0, 0, 8),          // "this network"           RFC 791, 3.2
    v4(10, 0, 0, 8),         // private                  RFC 1918
    v4(100, 64, 0, 10),      // behind a carrier's NAT   RFC 6598
    v4(127, 0, 0, 8),        // loopback                 RFC 1122, 3.2.1.3
    v4(169, 254, 0, 16),     // link-local               RFC 3927
    v4(172, 16, 0, 12),      // private                  RFC 1918
    v4(192, 0, 0, 24),       // protocol assignments     RFC 6890, 2.1
    v4(192, 0, 2, 24),       // documentation            RFC 5737
    v4(192, 88, 99, 24),     // 6to4 relays              RFC 7526
    v4(192, 168, 0, 16),     // private                  RFC 1918
    v4(198, 18, 0, 15),      // benchmarks               RFC 2544
    v4(198, 51, 100, 24),    // documentation            RFC 5737
    v4(203, 0, 113, 24),     // documentation            RFC 5737
    v4(224, 0, 0, 4),        // multicast                RFC 5771
    v4(240, 0, 0, 4),        // reserved, broadcast      RFC 1112, 4; RFC 919
    AZURE_HOST,              // no RFC: see there
];

/// Azure's platform answers its virtual machines here, on a number that is public everywhere else.
const AZURE_HOST: Ipv4Net = Ipv4Net::new_assert(Ipv4Addr::new(168, 63, 129, 16), 32);

/// All that IANA gives out (RFC 4291, 2.4). Outside it are `::`, `::1` and `::/96` (RFC 4291), NAT64
/// (`64:ff9b::/96` RFC 6052, `64:ff9b:1::/48` RFC 8215), translated (`::ffff:0:0:0/96` RFC 2765), discard
/// (`100::/64` RFC 6666), segment routing (`5f00::/16` RFC 9602), unique local (`fc00::/7` RFC 4193),
/// link-local (`fe80::/10`), site-local (`fec0::/10` RFC 3879) and multicast (`ff00::/8`).
const GLOBAL_UNICAST_V6: Ipv6Net = v6(0x2000, 0, 3);

#[rustfmt::skip]
const SPECIAL_V6: &[Ipv6Net] = &[
    v6(0x2001, 0, 23),       // protocol assignments     RFC 2928; Teredo 2001::/32 RFC 4380
    v6(0x2001, 0xdb8, 32),   // documentation            RFC 3849
    v6(0x2002, 0, 16),       // 6to4, holds a v4 address RFC 3056
    v6(0x3fff, 0, 20),       // documentation            RFC 9637
];

const fn v4(a: u8, b: u8, c: u8, prefix: u8) -> Ipv4Net {
    Ipv4Net::new_assert(Ipv4Addr::new(a, b, c, 0), prefix)
}

const fn v6(a: u16, b: u16, prefix: u8) -> Ipv6Net {
    Ipv6Net::new_assert(Ipv6Addr::new(a, b, 0, 0, 0, 0, 0, 0), prefix)
}

/// A v4-mapped address (RFC 4291, 2.5.5.2) is judged as the one it holds, for that is what the system dials.
/// All other forms that hold a v4 address lead through a relay that we know nothing about: denied.
pub fn is_public(ip: IpAddr) -> bool {
    match ip.to_canonical() {
        IpAddr::V4(ip) => !SPECIAL_V4.iter().any(|net| net.contains(&ip)),
        IpAddr::V6(ip) => {
            GLOBAL_UNICAST_V6.contains(&ip)
                && !SPECIAL_V6.iter().any(|net| net.contains(&ip))
                && !is_isatap(ip)
        }
    }
}

/// RFC 5214, 6.1: an interface identifier of `[0200:]5efe` and a v4 address, below any prefix. The two lowest
/// bits of its first byte are flags.
fn is_isatap(ip: Ipv6Addr) -> bool {
    let segments = ip.segments();
    segments[4] & 0xfcff == 0 && segments[5] == 0x5efe
}

#[cfg(test)]
mod tests {
    use super::*;

    fn judged(ip: &str) -> bool {
        is_public(ip.parse().unwrap())
    }

    /// First and last of a denied block, and the addresses beside it that are public.
    #[rustfmt::skip]
    const EDGES: &[(Option<&str>, &str, &str, Option<&str>)] = &[
        (None, "0.0.0.0", "0.255.255.255", Some("1.0.0.0")),
        (Some("9.255.255.255"), "10.0.0.0", "10.255.255.255", Some("11.0.0.0")),
        (Some("100.63.255.255"), "100.64.0.0", "100.127.255.255", Some("100.128.0.0")),
        (Some("126.255.255.255"), "127.0.0.0", "127.255.255.255", Some("128.0.0.0")),
        (Some("168.63.129.15"), "168.63.129.16", "168.63.129.16", Some("168.63.129.17")),
        (Some("169.253.255.255"), "169.254.0.0", "169.254.255.255", Some("169.255.0.0")),
        (Some("172.15.255.255"), "172.16.0.0", "172.31.255.255", Some("172.32.0.0")),
        (Some("191.255.255.255"), "192.0.0.0", "192.0.0.255", Some("192.0.1.0")),
        (Some("192.0.1.255"), "192.0.2.0", "192.0.2.255", Some("192.0.3.0")),
        (Some("192.88.98.255"), "192.88.99.0", "192.88.99.255", Some("192.88.100.0")),
        (Some("192.167.255.255"), "192.168.0.0", "192.168.255.255", Some("192.169.0.0")),
        (Some("198.17.255.255"), "198.18.0.0", "198.19.255.255", Some("198.20.0.0")),
        (Some("198.51.99.255"), "198.51.100.0", "198.51.100.255", Some("198.51.101.0")),
        (Some("203.0.112.255"), "203.0.113.0", "203.0.113.255", Some("203.0.114.0")),
        (Some("223.255.255.255"), "224.0.0.0", "239.255.255.255", None),
        (None, "240.0.0.0", "255.255.255.255", None),
        (None, "::", "1fff:ffff:ffff:ffff:ffff:ffff:ffff:ffff", Some("2000::")),
        (Some("2000:ffff:ffff:ffff:ffff:ffff:ffff:ffff"), "2001::", "2001:0:ffff:ffff:ffff:ffff:ffff:ffff", None),
        (None, "2001:1::", "2001:1ff:ffff:ffff:ffff:ffff:ffff:ffff", Some("2001:200::")),
        (Some("2001:db7:ffff::"), "2001:db8::", "2001:db8:ffff:ffff:ffff:ffff:ffff:ffff", Some("2001:db9::")),
        (Some("2001:ffff:ffff::"), "2002::", "2002:ffff:ffff:ffff:ffff:ffff:ffff:ffff", Some("2003::")),
        (Some("3ffe:ffff:ffff::"), "3fff::", "3fff:fff:ffff:ffff:ffff:ffff:ffff:ffff", Some("3fff:1000::")),
        (Some("3fff:ffff:ffff:ffff:ffff:ffff:ffff:ffff"), "4000::", "ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff", None),
    ];

    #[test]
    fn a_block_is_denied_from_its_first_address_to_its_last() {
        for (below, first, last, above) in EDGES {
            assert!(!judged(first), "{first}");
            assert!(!judged(last), "{last}");
            for outside in [below, above].into_iter().flatten() {
                assert!(judged(outside), "{outside}");
            }
        }
    }

    #[test]
    fn blocks_outside_global_unicast_are_denied() {
        let denied = "::1 ::127.0.0.1 ::8.8.8.8 64:ff9b::a00:1 64:ff9b::808:808 64:ff9b:1::1 ::ffff:0:8.8.8.8 100::1 \
             5f00::1 fc00::1 fdff:ffff::1 fe80::1 febf::1 fec0::1 feff::1 ff02::1";
        for ip in denied.split_whitespace() {
            assert!(!judged(ip), "{ip}");
        }
    }

    #[test]
    fn a_mapped_address_is_judged_as_the_one_it_holds() {
        assert!(judged("::ffff:8.8.8.8"));
        assert!(!judged("::ffff:127.0.0.1"));
        assert!(!judged("::ffff:169.254.169.254"));
        assert!(!judged("::ffff:100.64.0.0"));
        assert!(judged("::ffff:100.63.255.255"));
    }

    #[test]
    fn isatap_is_denied_below_any_prefix() {
        for ip in ["2a00:1450::5efe:a00:1", "2a00:1450::200:5efe:808:808", "2a00:1450:0:1:300:5efe:7f00:1"] {
            assert!(!judged(ip), "{ip}");
        }
        assert!(judged("2a00:1450::5eff:a00:1"));
        assert!(judged("2a00:1450::1:5efe:a00:1"));
    }

    #[test]
    fn what_people_use_is_public() {
        for ip in ["1.1.1.1", "8.8.8.8", "93.184.216.34", "2606:4700::1111", "2a00:1450:4001:80b::200e"] {
            assert!(judged(ip), "{ip}");
        }
    }
}
