//! What may be fetched from elsewhere.

use ipnet::IpNet;

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

/// None wider than what is private of each kind, `10.0.0.0/8` and `fc00::/7`: it would be all there is.
fn network(value: String) -> Result<IpNet, ConfigError> {
    let widest = |net: &IpNet| if net.addr().is_ipv4() { 8 } else { 7 };
    let net = value.parse().ok().filter(|net: &IpNet| net.prefix_len() >= widest(net));
    let (setting, wanted) =
        ("remote.allow_networks", "a network such as 10.1.0.0/16, of at least /8, or /7 of IPv6");
    net.map(|net| net.trunc()).ok_or(ConfigError::Wrong { setting, value, wanted })
}

fn ports(ports: Vec<u16>) -> Result<Vec<u16>, ConfigError> {
    let out_of_range = ConfigError::OutOfRange { setting: "remote.ports", value: 0, range: 1..=65_535 };
    if ports.contains(&0) { Err(out_of_range) } else { Ok(ports) }
}
