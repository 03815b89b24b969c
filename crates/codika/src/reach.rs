//! Which addresses a client may connect to. A base URL that people type must not lead into the network of the server.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};

use reqwest::dns::{Addrs, Name, Resolve, Resolving};
use url::Host;

use crate::BaseUrl;

/// Where a [`Client`](crate::Client) may connect to.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Reach {
    #[default]
    Anywhere,
    /// Only to addresses of the public internet. Each connection goes to the very addresses that were checked.
    Public,
}

/// Why a base URL cannot be used, in words for whoever typed it.
#[derive(Debug, thiserror::Error)]
pub enum ReachError {
    #[error("the host of the base URL is not found")]
    NotFound(#[source] Option<std::io::Error>),
    #[error("the base URL leads to a private address")]
    Private,
}

impl Reach {
    /// Looks the host up, and checks where it leads.
    ///
    /// # Errors
    /// [`ReachError`].
    pub async fn check(self, base_url: &BaseUrl) -> Result<(), ReachError> {
        self.check_literal(base_url)?;
        match (self, base_url.host()) {
            (Self::Public, Some(Host::Domain(name))) => public_addresses(name).await.map(drop),
            _ => Ok(()),
        }
    }

    /// Checks an address that stands in the URL itself, which nobody looks up.
    pub(crate) fn check_literal(self, base_url: &BaseUrl) -> Result<(), ReachError> {
        let address: Option<IpAddr> = match base_url.host() {
            Some(Host::Ipv4(address)) => Some(address.into()),
            Some(Host::Ipv6(address)) => Some(address.into()),
            Some(Host::Domain(_)) | None => None,
        };
        let private = self == Self::Public && address.is_some_and(|address| !is_public(address));
        if private { Err(ReachError::Private) } else { Ok(()) }
    }
}

async fn public_addresses(name: &str) -> Result<Vec<SocketAddr>, ReachError> {
    let found = tokio::net::lookup_host((name, 0)).await.map_err(|error| ReachError::NotFound(Some(error)))?;
    let found: Vec<SocketAddr> = found.collect();
    if found.is_empty() {
        return Err(ReachError::NotFound(None));
    }
    // One private address among public ones is as bad: which is taken is not ours to choose.
    if found.iter().all(|address| is_public(address.ip())) { Ok(found) } else { Err(ReachError::Private) }
}

/// Looks names up, and finds nothing but public addresses.
pub(crate) struct PublicOnly;

impl Resolve for PublicOnly {
    fn resolve(&self, name: Name) -> Resolving {
        Box::pin(async move {
            let found = public_addresses(name.as_str()).await?;
            Ok(Box::new(found.into_iter()) as Addrs)
        })
    }
}

/// Whether an address is one of the public internet.
fn is_public(address: IpAddr) -> bool {
    match address {
        IpAddr::V4(address) => is_public_v4(address),
        IpAddr::V6(address) => is_public_v6(address),
    }
}

fn is_public_v4(address: Ipv4Addr) -> bool {
    let [a, b, c, _] = address.octets();
    let special = address.is_private()
        || address.is_loopback()
        || address.is_link_local()
        || address.is_documentation()
        // This network, multicast and all above it.
        || a == 0
        || a >= 224
        // Carriers' own network.
        || a == 100 && b & 0xc0 == 64
        // Protocols, relays, measurements.
        || a == 192 && b == 0 && c == 0
        || a == 192 && b == 88 && c == 99
        || a == 198 && b & 0xfe == 18;
    !special
}

fn is_public_v6(address: Ipv6Addr) -> bool {
    let [a, b, .., high, low] = address.segments();
    let embedded = || Ipv4Addr::from(u32::from(high) << 16 | u32::from(low));
    if address.to_ipv4_mapped().is_some() {
        return is_public_v4(embedded());
    }
    // Networks that reach IPv4 by translation.
    if address.segments()[..6] == [0x64, 0xff9b, 0, 0, 0, 0] {
        return is_public_v4(embedded());
    }
    let special = a == 0x2001 && (b < 0x200 || b == 0xdb8)
        // 6to4, which holds an IPv4 address.
        || a == 0x2002
        || a == 0x3fff && b < 0x1000;
    a & 0xe000 == 0x2000 && !special
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_addresses_of_the_public_internet_are_public() {
        for public in [
            "1.1.1.1",
            "93.184.216.34",
            "100.128.0.1",
            "172.32.0.1",
            "2606:4700::1111",
            "64:ff9b::101:101",
            "::ffff:1.1.1.1",
        ] {
            assert!(is_public(public.parse().expect("an address")), "{public}");
        }
        for private in [
            "127.0.0.1",
            "127.8.8.8",
            "0.0.0.0",
            "10.0.0.1",
            "172.16.0.1",
            "172.31.255.255",
            "192.168.1.1",
            "169.254.169.254",
            "100.64.0.1",
            "192.0.0.1",
            "192.0.2.1",
            "198.18.0.1",
            "198.51.100.1",
            "203.0.113.1",
            "224.0.0.1",
            "240.0.0.1",
            "255.255.255.255",
            "::",
            "::1",
            "::ffff:127.0.0.1",
            "::ffff:10.0.0.1",
            "::7f00:1",
            "fc00::1",
            "fd12::1",
            "fe80::1",
            "fec0::1",
            "ff02::1",
            "2001:db8::1",
            "2001::1",
            "2002:7f00:1::",
            "64:ff9b::a00:1",
            "64:ff9b:1::1",
            "3fff::1",
        ] {
            assert!(!is_public(private.parse().expect("an address")), "{private}");
        }
    }

    #[tokio::test]
    async fn private_hosts_are_refused_however_they_are_written() {
        for private in [
            "http://127.0.0.1:9100",
            "http://2130706433",
            "http://0x7f.1",
            "http://0177.0.0.1",
            "https://[::1]",
            "https://[::ffff:10.0.0.1]",
            "http://localhost:3000",
            "http://169.254.169.254/latest",
        ] {
            let base_url = BaseUrl::parse(private).expect("a URL");
            assert!(matches!(Reach::Public.check(&base_url).await, Err(ReachError::Private)), "{private}");
            assert!(Reach::Anywhere.check(&base_url).await.is_ok(), "{private}");
        }
        let literal = BaseUrl::parse("https://1.1.1.1").expect("a URL");
        assert!(Reach::Public.check(&literal).await.is_ok());
        let nowhere = BaseUrl::parse("https://no-such-host.invalid").expect("a URL");
        assert!(matches!(Reach::Public.check(&nowhere).await, Err(ReachError::NotFound(_))));
    }
}
