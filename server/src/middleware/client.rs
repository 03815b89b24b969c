//! Which address a request came from, also behind reverse proxies.

use std::{
    net::{IpAddr, SocketAddr},
    sync::Arc,
};

use axum::{
    extract::{ConnectInfo, Request, State},
    http::HeaderMap,
    middleware::Next,
    response::Response,
};
use ipnet::IpNet;

use crate::App;

const FORWARDED_FOR: &str = "x-forwarded-for";

/// The reverse proxies whose `X-Forwarded-For` is believed.
pub type TrustedProxies = Arc<[IpNet]>;

/// The address that the limits count; not that of a trusted proxy, if it told whose.
#[derive(Clone, Copy, Debug)]
pub struct ClientAddress(pub IpAddr);

pub async fn locate(State(app): State<App>, mut request: Request, next: Next) -> Response {
    if let Some(ConnectInfo(peer)) = request.extensions().get::<ConnectInfo<SocketAddr>>() {
        let address = client_address(peer.ip(), request.headers(), &app.trusted_proxies);
        request.extensions_mut().insert(ClientAddress(address));
    }
    next.run(request).await
}

/// Each proxy appends the address it was asked from, so the list is read from its end: what stands left of
/// the first address that is no trusted proxy was written by a stranger.
fn client_address(peer: IpAddr, headers: &HeaderMap, trusted: &[IpNet]) -> IpAddr {
    let is_trusted = |address: &IpAddr| trusted.iter().any(|net| net.contains(address));
    let mut address = peer.to_canonical();
    let told: Vec<_> =
        headers.get_all(FORWARDED_FOR).iter().flat_map(|line| line.to_str().unwrap_or_default().split(',')).collect();
    for hop in told.into_iter().rev() {
        if !is_trusted(&address) {
            break;
        }
        let Some(next) = parse(hop.trim()) else { break };
        address = next;
    }
    address
}

/// Some proxies write the port too: `203.0.113.7:49152`, `[2001:db8::1]:49152`.
fn parse(text: &str) -> Option<IpAddr> {
    let with_port = || text.parse().ok().map(|socket: SocketAddr| socket.ip());
    let in_brackets = || text.strip_prefix('[')?.strip_suffix(']')?.parse().ok();
    text.parse().ok().or_else(with_port).or_else(in_brackets).map(|address: IpAddr| address.to_canonical())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn seen(peer: &str, lines: &[&'static str], trusted: &[&str]) -> String {
        let mut headers = HeaderMap::new();
        for line in lines {
            headers.append(FORWARDED_FOR, line.parse().expect("a header"));
        }
        let trusted: Vec<IpNet> = trusted.iter().map(|net| net.parse().expect("a network")).collect();
        client_address(peer.parse().expect("an address"), &headers, &trusted).to_string()
    }

    #[test]
    fn a_stranger_cannot_choose_an_address() {
        assert_eq!(seen("203.0.113.7", &["198.51.100.1"], &[]), "203.0.113.7");
        assert_eq!(seen("203.0.113.7", &["198.51.100.1"], &["10.0.0.0/8"]), "203.0.113.7");
        assert_eq!(seen("10.0.0.1", &["198.51.100.1, 203.0.113.7"], &["10.0.0.0/8"]), "203.0.113.7");
    }

    #[test]
    fn trusted_proxies_are_seen_through() {
        let trusted = ["10.0.0.0/8", "2001:db8:1::/48"];
        assert_eq!(seen("10.0.0.1", &["203.0.113.7"], &trusted), "203.0.113.7");
        assert_eq!(seen("10.0.0.1", &["203.0.113.7", "10.0.0.2"], &trusted), "203.0.113.7");
        assert_eq!(seen("2001:db8:1::5", &["2001:db8:2::9"], &trusted), "2001:db8:2::9");
        assert_eq!(seen("::ffff:10.0.0.1", &["203.0.113.7:4711"], &trusted), "203.0.113.7");
        assert_eq!(seen("10.0.0.1", &["[2001:db8:2::9]:4711"], &trusted), "2001:db8:2::9");
    }

    #[test]
    fn a_proxy_that_tells_nothing_usable_counts_itself() {
        for told in [&[][..], &["unknown"], &["203.0.113.7, unknown"]] {
            assert_eq!(seen("10.0.0.1", told, &["10.0.0.0/8"]), "10.0.0.1");
        }
    }
}
