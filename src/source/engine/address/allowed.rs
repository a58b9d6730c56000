//! The exceptions that the configuration makes: `remote.allow_hosts`, `remote.allow_networks`,
//! `remote.ports`.

use std::net::{IpAddr, Ipv6Addr};
use std::str::FromStr;

use ipnet::IpNet;
use url::Host;

use super::is_public;
use crate::config::Remote;

/// Whom the configuration trusts beyond the public internet. By default: nobody.
#[derive(Debug, Clone)]
pub struct Allowed {
    pub hosts: Vec<AllowedHost>,
    pub networks: Vec<IpNet>,
    /// Of hosts that are not listed with one.
    pub ports: Vec<u16>,
}

impl Default for Allowed {
    fn default() -> Self {
        let Remote { ports, .. } = Remote::default();
        Self { hosts: Vec::new(), networks: Vec::new(), ports }
    }
}

impl Allowed {
    /// A host on this list may resolve to any address.
    pub(super) fn names(&self, host: &Host<&str>, port: u16) -> bool {
        self.hosts.iter().any(|allowed| allowed.covers(host, port, &self.ports))
    }

    pub(super) fn opens(&self, port: u16) -> bool {
        self.ports.contains(&port)
    }

    pub(super) fn admits(&self, ip: IpAddr) -> bool {
        let ip = ip.to_canonical();
        is_public(ip) || self.networks.iter().any(|net| net.contains(&ip))
    }
}

/// `HOST` for the ports of all others, or `HOST:PORT` for that port only.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AllowedHost {
    host: Host<String>,
    port: Option<u16>,
}

impl AllowedHost {
    fn covers(&self, host: &Host<&str>, port: u16, ports: &[u16]) -> bool {
        let right_port = self.port.map_or(ports.contains(&port), |own| own == port);
        right_port && same_host(&self.host, host)
    }
}

fn same_host(own: &Host<String>, other: &Host<&str>) -> bool {
    match (own, other) {
        (Host::Domain(own), Host::Domain(other)) => own == without_root(other),
        (Host::Ipv4(own), Host::Ipv4(other)) => own == other,
        (Host::Ipv6(own), Host::Ipv6(other)) => own == other,
        _ => false,
    }
}

/// The dot of the DNS root at the end of a name changes nothing.
pub(super) fn without_root(name: &str) -> &str {
    name.trim_end_matches('.')
}

#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("`{text}` is not HOST or HOST:PORT: {reason}")]
pub struct InvalidAllowedHost {
    text: String,
    reason: &'static str,
}

impl FromStr for AllowedHost {
    type Err = InvalidAllowedHost;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        parse(text).map_err(|reason| InvalidAllowedHost { text: text.to_owned(), reason })
    }
}

fn parse(text: &str) -> Result<AllowedHost, &'static str> {
    if let Ok(ip) = text.parse::<Ipv6Addr>() {
        return Ok(AllowedHost { host: Host::Ipv6(ip), port: None });
    }
    let (host, port) = split_port(text)?;
    Ok(AllowedHost { host: parse_host(host)?, port })
}

/// Colons inside brackets belong to an IPv6 address.
fn split_port(text: &str) -> Result<(&str, Option<u16>), &'static str> {
    match text.rsplit_once(':') {
        Some((host, port)) if !port.ends_with(']') => Ok((host, Some(parse_port(port)?))),
        _ => Ok((text, None)),
    }
}

fn parse_port(text: &str) -> Result<u16, &'static str> {
    let port = text.parse().ok().filter(|_| text.bytes().all(|byte| byte.is_ascii_digit()));
    port.filter(|port| *port != 0).ok_or("the port is not a number from 1 to 65535")
}

fn parse_host(text: &str) -> Result<Host<String>, &'static str> {
    if text.contains('*') {
        return Err("patterns are not supported");
    }
    match Host::parse(text).map_err(|_| "the host is neither a name nor an address")? {
        Host::Domain(name) if without_root(&name).is_empty() => Err("the host is empty"),
        Host::Domain(name) => Ok(Host::Domain(without_root(&name).to_owned())),
        address => Ok(address),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn covers(allowed: &str, host: &str, port: u16) -> bool {
        let host = Host::parse(host).unwrap();
        let host = match &host {
            Host::Domain(name) => Host::Domain(name.as_str()),
            Host::Ipv4(ip) => Host::Ipv4(*ip),
            Host::Ipv6(ip) => Host::Ipv6(*ip),
        };
        allowed.parse::<AllowedHost>().unwrap().covers(&host, port, &Allowed::default().ports)
    }

    #[test]
    fn a_host_without_port_covers_the_web_ports_only() {
        assert!(covers("images.internal", "images.internal", 80));
        assert!(covers("images.internal", "images.internal", 443));
        assert!(!covers("images.internal", "images.internal", 8080));
    }

    #[test]
    fn a_host_with_port_covers_that_port_only() {
        assert!(covers("images.internal:9000", "images.internal", 9000));
        assert!(!covers("images.internal:9000", "images.internal", 80));
        assert!(!covers("images.internal:9000", "images.internal", 443));
    }

    #[test]
    fn names_are_compared_without_case_and_root() {
        assert!(covers("Images.Internal.", "images.internal", 80));
        assert!(covers("images.internal", "IMAGES.internal.", 80));
        assert!(!covers("images.internal", "more.images.internal", 80));
        assert!(!covers("images.internal", "images.internal.evil.example", 80));
    }

    #[test]
    fn addresses_are_hosts_too() {
        assert!(covers("127.0.0.1:9000", "127.0.0.1", 9000));
        assert!(covers("127.0.0.1", "127.1", 80));
        assert!(covers("[::1]:9000", "[::1]", 9000));
        assert!(covers("[::1]", "[0:0::1]", 443));
        assert!(covers("::1", "[::1]", 443));
        assert!(!covers("127.0.0.1", "[::ffff:127.0.0.1]", 80));
    }

    #[test]
    fn what_is_no_host_is_refused_with_its_reason() {
        let bad = ". :80 a: a:0 a:+80 a:65536 a:b [::1 http://a a/b u@a *.a 1.2.3.4.5";
        for text in bad.split(' ').chain([""]) {
            let error = text.parse::<AllowedHost>().expect_err(text).to_string();
            assert!(error.starts_with(&format!("`{text}` is not HOST or HOST:PORT: ")), "{error}");
        }
    }

    #[test]
    fn a_network_admits_its_addresses_mapped_or_not() {
        let allowed = Allowed { networks: vec!["10.1.0.0/16".parse().unwrap()], ..Allowed::default() };
        assert!(allowed.admits("10.1.2.3".parse().unwrap()));
        assert!(allowed.admits("::ffff:10.1.2.3".parse().unwrap()));
        assert!(!allowed.admits("10.2.0.0".parse().unwrap()));
        assert!(allowed.admits("8.8.8.8".parse().unwrap()));
    }
}
