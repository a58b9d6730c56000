//! Which addresses a URL of a stranger may lead to.
//!
//! Twice judged: the URL before anything is done ([`check`]), for HTTP clients ask no resolver about an address
//! in the URL itself; and what its name resolves to ([`judge`]), for those very addresses are then dialled.

mod allowed;
mod ranges;

use std::net::{IpAddr, SocketAddr};

use url::{Host, Url};

pub use allowed::{Allowed, AllowedHost, InvalidAllowedHost};
pub use ranges::is_public;

use crate::error::{Error, Result};
use allowed::without_root;

/// What the host of a URL may resolve to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Reach {
    /// Public addresses and allowed networks.
    Public,
    /// Any address: the configuration names this host and port.
    Anywhere,
}

/// Judges a URL as parsed, so that every spelling of an address is one and the same.
pub fn check(url: &Url, allowed: &Allowed) -> Result<Reach> {
    let (host, port) = web_host(url)?;
    if allowed.names(&host, port) {
        return Ok(Reach::Anywhere);
    }
    if allowed.opens(port) && may_be_public(&host, allowed) {
        Ok(Reach::Public)
    } else {
        Err(Error::UrlNotAllowed)
    }
}

fn web_host(url: &Url) -> Result<(Host<&str>, u16)> {
    if !matches!(url.scheme(), "http" | "https") {
        return Err(Error::BadUrl("its scheme is neither http nor https"));
    }
    if !url.username().is_empty() || url.password().is_some() {
        return Err(Error::BadUrl("it holds a user name or a password"));
    }
    url.host().zip(url.port_or_known_default()).ok_or(Error::BadUrl("it has no host"))
}

fn may_be_public(host: &Host<&str>, allowed: &Allowed) -> bool {
    match *host {
        Host::Domain(name) => !is_localhost(without_root(name)),
        Host::Ipv4(ip) => allowed.admits(IpAddr::V4(ip)),
        Host::Ipv6(ip) => allowed.admits(IpAddr::V6(ip)),
    }
}

/// RFC 6761, 6.3: these names are loopback whatever a resolver says.
pub fn is_localhost(name: &str) -> bool {
    name == "localhost" || name.ends_with(".localhost")
}

/// The addresses to dial. One that is denied denies the name: an honest name does not mix both.
pub fn judge(found: Vec<SocketAddr>, reach: Reach, allowed: &Allowed) -> Result<Vec<SocketAddr>> {
    match reach {
        Reach::Public if !found.iter().all(|addr| allowed.admits(addr.ip())) => Err(Error::UrlNotAllowed),
        _ => Ok(found),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn checked(url: &str, hosts: &[&str]) -> Result<Reach> {
        let hosts = hosts.iter().map(|host| host.parse().unwrap()).collect();
        check(&Url::parse(url).unwrap(), &Allowed { hosts, ..Allowed::default() })
    }

    #[test]
    fn every_spelling_of_a_denied_host_is_denied() {
        let spellings = "2130706433 0x7f.1 0x7f000001 0177.0.0.1 127.1 127.0.0.1. 0 [::1] [::] [::ffff:127.0.0.1] \
             [::ffff:7f00:1] localhost LOCALHOST localhost. localhost.. a.localhost a.localhost. %6cocalhost \
             %31%32%37.0.0.1 ｌｏｃａｌｈｏｓｔ １２７.0.0.1 127。0。0。1 169.254.169.254 10.0.0.1 [64:ff9b::7f00:1] \
             [2002:7f00:1::] [fd00::1]";
        for host in spellings.split_whitespace() {
            for url in [format!("http://{host}/a.jpg"), format!("https://{host}:80/")] {
                assert_eq!(checked(&url, &[]), Err(Error::UrlNotAllowed), "{url}");
            }
        }
    }

    #[test]
    fn public_hosts_on_web_ports_may_be_asked() {
        for url in
            ["http://example.com/", "https://example.com/", "https://example.com:80/", "http://8.8.8.8:443/"]
        {
            assert_eq!(checked(url, &[]), Ok(Reach::Public), "{url}");
        }
        for url in
            ["http://example.com:8080/", "http://example.com:22/", "http://8.8.8.8:8080/", "http://a.b:0/"]
        {
            assert_eq!(checked(url, &[]), Err(Error::UrlNotAllowed), "{url}");
        }
    }

    #[test]
    fn other_schemes_and_credentials_are_refused_even_of_allowed_hosts() {
        let urls = "ftp://a.b/ file:///etc/passwd data:,a gopher://a.b/ http://u@a.b/ http://u:p@a.b/ http://:p@a.b/";
        for url in urls.split(' ') {
            assert!(matches!(checked(url, &["a.b"]), Err(Error::BadUrl(_))), "{url}");
        }
    }

    #[test]
    fn an_allowed_host_may_be_anywhere_on_its_port() {
        assert_eq!(checked("http://localhost:9000/", &["localhost:9000"]), Ok(Reach::Anywhere));
        assert_eq!(checked("http://LOCALHOST.:9000/", &["localhost:9000"]), Ok(Reach::Anywhere));
        assert_eq!(checked("http://127.1:9000/", &["127.0.0.1:9000"]), Ok(Reach::Anywhere));
        assert_eq!(checked("http://localhost/", &["localhost:9000"]), Err(Error::UrlNotAllowed));
        assert_eq!(checked("http://localhost:9001/", &["localhost:9000"]), Err(Error::UrlNotAllowed));
        assert_eq!(checked("http://a.localhost/", &["localhost"]), Err(Error::UrlNotAllowed));
        assert_eq!(checked("https://cdn.internal/", &["cdn.internal"]), Ok(Reach::Anywhere));
        assert_eq!(checked("https://cdn.internal/", &["cdn.internal:9000"]), Ok(Reach::Public));
    }

    #[test]
    fn an_allowed_network_opens_its_addresses_but_no_port_and_no_local_name() {
        let allowed = Allowed { networks: vec!["127.0.0.0/8".parse().unwrap()], ..Allowed::default() };
        let checked = |url: &str| check(&Url::parse(url).unwrap(), &allowed);
        assert_eq!(checked("http://127.1/"), Ok(Reach::Public));
        assert_eq!(checked("http://127.1:8080/"), Err(Error::UrlNotAllowed));
        assert_eq!(checked("http://localhost/"), Err(Error::UrlNotAllowed));
    }

    #[test]
    fn ports_are_those_of_all_hosts_that_are_not_listed_with_one() {
        let hosts = ["a.internal", "b.internal:9000"].map(|host| host.parse().unwrap()).to_vec();
        let allowed = Allowed { hosts, ports: vec![8443], ..Allowed::default() };
        let checked = |url: &str| check(&Url::parse(url).unwrap(), &allowed);
        assert_eq!(checked("https://example.com:8443/"), Ok(Reach::Public));
        assert_eq!(checked("https://a.internal:8443/"), Ok(Reach::Anywhere));
        assert_eq!(checked("https://b.internal:9000/"), Ok(Reach::Anywhere));
        for url in ["https://example.com/", "https://a.internal/", "https://127.0.0.1:8443/"] {
            assert_eq!(checked(url), Err(Error::UrlNotAllowed), "{url}");
        }
    }

    #[test]
    fn a_name_with_one_denied_address_is_denied() {
        let addrs =
            |ips: &[&str]| ips.iter().map(|ip| SocketAddr::new(ip.parse().unwrap(), 0)).collect::<Vec<_>>();
        let allowed = Allowed::default();
        let (public, mixed) = (addrs(&["8.8.8.8", "2606:4700::1111"]), addrs(&["8.8.8.8", "10.0.0.1"]));
        assert_eq!(judge(public.clone(), Reach::Public, &allowed), Ok(public));
        assert_eq!(judge(mixed.clone(), Reach::Public, &allowed), Err(Error::UrlNotAllowed));
        assert_eq!(judge(addrs(&["::ffff:10.0.0.1"]), Reach::Public, &allowed), Err(Error::UrlNotAllowed));
        assert_eq!(judge(mixed.clone(), Reach::Anywhere, &allowed), Ok(mixed));
    }
}
