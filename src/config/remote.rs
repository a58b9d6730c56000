//! What may be fetched from elsewhere.

use std::net::Ipv6Addr;

use ipnet::{IpNet, Ipv6Net};

use super::{ConfigError, file};

/// Beyond the public internet's web servers.
#[derive(Debug, Clone)]
pub struct Remote {
    /// `HOST` or `HOST:PORT` that may be asked although its address is not public.
    pub allow_hosts: Vec<String>,
    /// Addresses that may be asked although they are not public.
    pub allow_networks: Vec<IpNet>,
    /// Of servers that are not named with one.
    pub ports: Vec<u16>,
}

impl Default for Remote {
    fn default() -> Self {
        Self { allow_hosts: Vec::new(), allow_networks: Vec::new(), ports: vec![80, 443] }
    }
}

impl Remote {
    pub(super) fn new(given: Vec<String>, file: file::Remote) -> Result<Self, ConfigError> {
        Ok(Self {
            allow_hosts: if given.is_empty() { file.allow_hosts } else { given },
            allow_networks: file.allow_networks.into_iter().map(network).collect::<Result<_, _>>()?,
            ports: file.ports.map_or(Ok(Self::default().ports), ports)?,
        })
    }
}

/// The widest that is private, `10.0.0.0/8`: what is wider would be all there is.
const MIN_PREFIX_V4: u8 = 8;
/// What is given to one provider (RFC 6177).
const MIN_PREFIX_V6: u8 = 32;

#[rustfmt::skip]
const PRIVATE_V6: [Ipv6Net; 3] = [
    v6(0xfc00, 0, 0, 7),         // unique local         RFC 4193
    v6(0xfe80, 0, 0, 10),        // link-local           RFC 4291, 2.5.6
    v6(0, 0, 1, 128),            // loopback             RFC 4291, 2.5.3
];

const GLOBAL_UNICAST_V6: Ipv6Net = v6(0x2000, 0, 0, 3);

/// Whoever lets one of these in lets in a v4 address that it holds, any of them.
#[rustfmt::skip]
const HOLDS_V4: [Ipv6Net; 2] = [
    v6(0x2001, 0, 0, 32),        // Teredo               RFC 4380
    v6(0x2002, 0, 0, 16),        // 6to4                 RFC 3056
];

const fn v6(first: u16, second: u16, last: u16, prefix: u8) -> Ipv6Net {
    Ipv6Net::new_assert(Ipv6Addr::new(first, second, 0, 0, 0, 0, 0, last), prefix)
}

fn network(value: String) -> Result<IpNet, ConfigError> {
    let net = value.parse().ok().filter(|net: &IpNet| net.trunc() == *net && may_be_allowed(net));
    let (setting, wanted) = (
        "remote.allow_networks",
        "a network such as 10.1.0.0/16 by its first address: of at least /8, of IPv6 below fc00::/7 or at least /32, \
        and none whose addresses hold those of IPv4",
    );
    net.ok_or(ConfigError::Wrong { setting, value, wanted })
}

fn may_be_allowed(net: &IpNet) -> bool {
    let below = |nets: &[Ipv6Net], net: &Ipv6Net| nets.iter().any(|wide| wide.contains(net));
    match net {
        IpNet::V4(net) => net.prefix_len() >= MIN_PREFIX_V4,
        IpNet::V6(net) if below(&PRIVATE_V6, net) => true,
        IpNet::V6(net) => {
            let narrow = net.prefix_len() >= MIN_PREFIX_V6 && GLOBAL_UNICAST_V6.contains(net);
            narrow && !below(&HOLDS_V4, net)
        }
    }
}

fn ports(ports: Vec<u16>) -> Result<Vec<u16>, ConfigError> {
    let out_of_range = ConfigError::OutOfRange { setting: "remote.ports", value: 0, range: 1..=65_535 };
    if ports.contains(&0) { Err(out_of_range) } else { Ok(ports) }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn is_allowed(net: &str) -> bool {
        network(net.to_owned()).is_ok()
    }

    #[test]
    fn what_is_private_or_narrow_can_be_allowed() {
        for net in [
            "10.0.0.0/8",
            "192.168.1.7/32",
            "fc00::/7",
            "fd00:1::/64",
            "fe80::/10",
            "::1/128",
            "2a00:1450::/32",
        ] {
            assert!(is_allowed(net), "{net}");
        }
    }

    #[test]
    fn what_is_wide_or_holds_addresses_of_another_kind_cannot() {
        for net in [
            "0.0.0.0/7",
            "10.0.0.1/8",
            "10.0.0.1",
            "::/0",
            "::/7",
            "::/96",
            "fc00::/6",
            "2a00::/31",
            "2000::/3",
        ] {
            assert!(!is_allowed(net), "{net}");
        }
        for net in [
            "::ffff:0:0/96",
            "::ffff:10.0.0.1/128",
            "64:ff9b::/96",
            "64:ff9b:1::/48",
            "2002:a00::/32",
            "2001::/32",
        ] {
            assert!(!is_allowed(net), "{net}");
        }
    }
}
