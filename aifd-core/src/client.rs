//! Who a request counts as coming from: its address, where proxies stand in between, and its credential.

use crate::{access::ip::IpSet, key::KeyId};
use http::{HeaderMap, HeaderName};
use ipnet::IpNet;
use std::{
    hash::{BuildHasher, Hash, RandomState},
    net::{IpAddr, SocketAddr},
};

const X_FORWARDED_FOR: HeaderName = HeaderName::from_static("x-forwarded-for");

/// Entries of `x-forwarded-for` that are looked at; where all of them are trusted proxies, the last one is the client.
const MAX_ENTRIES: usize = 64;

/// The peers whose word about the caller's address is believed (`trusted_proxies`).
#[derive(Clone, Debug, Default)]
pub(crate) struct TrustedProxies(IpSet);

impl TrustedProxies {
    pub(crate) fn new(networks: &[IpNet]) -> Self {
        TrustedProxies(IpSet::new(networks))
    }

    pub(crate) fn contains(&self, address: IpAddr) -> bool {
        self.0.contains(address)
    }

    /// Whether `x-forwarded-for` of this peer counts. Who can reach a Unix socket stands before it as a proxy does,
    /// if there are proxies at all.
    fn trusts(&self, peer: Option<IpAddr>) -> bool {
        !self.0.is_empty() && peer.is_none_or(|peer| self.contains(peer))
    }
}

/// The address of the client: the peer's, or what trusted proxies say of it. `peer` is the socket's, or the one that
/// the PROXY protocol tells; `None` stands for a Unix socket.
///
/// A proxy appends whom it talks to, so `x-forwarded-for` is read from its end: what stands before the first address
/// that is no trusted proxy, its sender may have made up. An entry that is no address ends the walk as well.
pub(crate) fn address(peer: Option<IpAddr>, headers: &HeaderMap, trusted: &TrustedProxies) -> Option<IpAddr> {
    let mut client = peer.map(|peer| peer.to_canonical());
    if !trusted.trusts(client) {
        return client;
    }
    let lines = headers.get_all(X_FORWARDED_FOR).iter().rev();
    let entries = lines.flat_map(|line| line.as_bytes().rsplit(|byte| *byte == b','));
    for entry in entries.map(<[u8]>::trim_ascii).take(MAX_ENTRIES) {
        // Empty elements of a list are none (RFC 9110 section 5.6.1.2).
        if entry.is_empty() {
            continue;
        }
        let Some(address) = entry_address(entry) else { break };
        client = Some(address);
        if !trusted.contains(address) {
            break;
        }
    }
    client
}

/// `192.0.2.7`, `192.0.2.7:4711`, `2001:db8::7`, `[2001:db8::7]` or `[2001:db8::7]:4711`.
fn entry_address(entry: &[u8]) -> Option<IpAddr> {
    let text = std::str::from_utf8(entry).ok()?;
    let bare = text.strip_prefix('[').and_then(|text| text.strip_suffix(']'));
    let address = match bare {
        Some(v6) => v6.parse().map(IpAddr::V6).ok(),
        None => text.parse().ok().or_else(|| text.parse::<SocketAddr>().ok().map(|socket| socket.ip())),
    };
    address.map(|address: IpAddr| address.to_canonical())
}

/// Who is counted together: a keyed hash of a forward key's id, of another credential, or of an address.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct CallerId(pub u128);

/// Tells callers apart by keyed hashes, so that nobody can aim at another's counters.
#[derive(Default)]
pub(crate) struct Callers([RandomState; 2]);

impl Callers {
    pub(crate) fn of_key(&self, id: &KeyId) -> CallerId {
        self.id(("key", id.0.as_str()))
    }

    pub(crate) fn of_credential(&self, text: &str) -> CallerId {
        self.id(("credential", text))
    }

    pub(crate) fn of_address(&self, address: Option<IpAddr>) -> CallerId {
        self.id(("address", address))
    }

    fn id(&self, who: impl Hash + Copy) -> CallerId {
        let [high, low] = self.0.each_ref().map(|hashing| u128::from(hashing.hash_one(who)));
        CallerId(high << 64 | low)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    /// Proxies of 10.0.0.0/8 and 2001:db8:f::/48.
    fn proxies() -> TrustedProxies {
        TrustedProxies::new(&["10.0.0.0/8", "2001:db8:f::/48"].map(|text| text.parse().unwrap()))
    }

    fn headers(lines: &[&str]) -> HeaderMap {
        lines.iter().map(|line| (X_FORWARDED_FOR, line.parse().unwrap())).collect()
    }

    fn found(peer: &str, lines: &[&str], trusted: &TrustedProxies) -> String {
        let address = address(peer.parse().ok(), &headers(lines), trusted);
        address.map_or("none".into(), |address| address.to_string())
    }

    #[test]
    fn nobody_is_believed_who_is_no_trusted_proxy() {
        // openai-forward believed the first entry of anybody's header.
        for peer in ["203.0.113.9", "::ffff:203.0.113.9", "2001:db8:e::1", "11.0.0.1", "9.255.255.255"] {
            let own = peer.trim_start_matches("::ffff:");
            for lines in [&["127.0.0.1"][..], &["10.0.0.1"], &["1.1.1.1, 10.0.0.1"], &["1.1.1.1", "10.0.0.2"]]
            {
                assert_eq!(found(peer, lines, &proxies()), own, "{peer} {lines:?}");
                assert_eq!(found(peer, lines, &TrustedProxies::default()), own, "{peer} {lines:?}");
            }
        }
        assert_eq!(found("10.0.0.1", &["1.1.1.1"], &TrustedProxies::default()), "10.0.0.1");
        assert_eq!(found("unix", &["1.1.1.1"], &TrustedProxies::default()), "none");
    }

    #[test]
    fn the_rightmost_address_that_is_no_proxy_is_the_client() {
        let cases: &[(&str, &[&str], &str)] = &[
            ("10.0.0.1", &[], "10.0.0.1"),
            ("10.0.0.1", &["203.0.113.7"], "203.0.113.7"),
            ("::ffff:10.0.0.1", &["203.0.113.7"], "203.0.113.7"),
            ("2001:db8:f::1", &["203.0.113.7"], "203.0.113.7"),
            ("unix", &["203.0.113.7"], "203.0.113.7"),
            ("unix", &["203.0.113.7, 10.0.0.5"], "203.0.113.7"),
            ("unix", &[], "none"),
            ("unix", &["unknown"], "none"),
            // What stands before it was made up by the client.
            ("10.0.0.1", &["127.0.0.1, 203.0.113.7"], "203.0.113.7"),
            ("10.0.0.1", &["127.0.0.1, 203.0.113.7, 10.0.0.2, 2001:db8:f::2"], "203.0.113.7"),
            ("10.0.0.1", &["10.9.9.9, 203.0.113.7,10.0.0.2"], "203.0.113.7"),
            // Lines are one list.
            ("10.0.0.1", &["127.0.0.1", "203.0.113.7", "10.0.0.2"], "203.0.113.7"),
            ("10.0.0.1", &["203.0.113.7, 10.0.0.3", "10.0.0.2"], "203.0.113.7"),
            ("10.0.0.1", &["203.0.113.7", "198.51.100.1, 10.0.0.2"], "198.51.100.1"),
            // All are trusted: the leftmost.
            ("10.0.0.1", &["10.0.0.4, 10.0.0.3", "10.0.0.2"], "10.0.0.4"),
            // Ports, brackets and mapped addresses.
            ("10.0.0.1", &["203.0.113.7:4711"], "203.0.113.7"),
            ("10.0.0.1", &["[2001:db8::7]:4711"], "2001:db8::7"),
            ("10.0.0.1", &["[2001:db8::7]"], "2001:db8::7"),
            ("10.0.0.1", &["2001:DB8::7"], "2001:db8::7"),
            ("10.0.0.1", &["::ffff:203.0.113.7"], "203.0.113.7"),
            ("10.0.0.1", &["[::ffff:203.0.113.7]:1, ::ffff:10.0.0.2, [::ffff:10.0.0.3]"], "203.0.113.7"),
            // What is no address ends the walk.
            ("10.0.0.1", &["203.0.113.7, unknown"], "10.0.0.1"),
            ("10.0.0.1", &["203.0.113.7, unknown, 10.0.0.2"], "10.0.0.2"),
            ("10.0.0.1", &["203.0.113.7", "_hidden"], "10.0.0.1"),
            ("10.0.0.1", &["203.0.113.7, 10.0.0.256"], "10.0.0.1"),
            ("10.0.0.1", &["203.0.113.7, 203.0.113.8:99999"], "10.0.0.1"),
            ("10.0.0.1", &["203.0.113.7, [203.0.113.8]"], "10.0.0.1"),
            ("10.0.0.1", &["203.0.113.7 203.0.113.8"], "10.0.0.1"),
            ("10.0.0.1", &["203.0.113.7, 010.0.0.2"], "10.0.0.1"),
            // Empty elements are none.
            ("10.0.0.1", &["", " ,, 203.0.113.7 , \t,", ","], "203.0.113.7"),
            ("10.0.0.1", &[""], "10.0.0.1"),
        ];
        for (peer, lines, client) in cases {
            assert_eq!(found(peer, lines, &proxies()), *client, "{peer} {lines:?}");
        }
    }

    #[test]
    fn text_that_is_no_ascii_ends_the_walk() {
        let line = http::HeaderValue::from_bytes(b"203.0.113.7, \xff, 10.0.0.2").unwrap();
        let headers: HeaderMap = [(X_FORWARDED_FOR, line)].into_iter().collect();
        let client = address("10.0.0.1".parse().ok(), &headers, &proxies());
        assert_eq!(client, "10.0.0.2".parse().ok());
    }

    #[test]
    fn a_list_without_end_is_looked_at_within_a_bound() {
        let of = |proxies: usize| format!("203.0.113.7{}", ", 10.0.0.2".repeat(proxies));
        let last = MAX_ENTRIES - 1;
        assert_eq!(found("10.0.0.1", &[&of(last)], &proxies()), "203.0.113.7");
        assert_eq!(found("10.0.0.1", &[&of(last + 1)], &proxies()), "10.0.0.2");
        assert_eq!(found("10.0.0.1", &[&(of(0) + &",".repeat(last))], &proxies()), "203.0.113.7");
        assert_eq!(found("10.0.0.1", &[&(of(0) + &",".repeat(last + 1))], &proxies()), "10.0.0.1");
    }

    proptest! {
        /// Whatever a client sends itself, the proxy's own entry behind it decides.
        #[test]
        fn a_client_behind_a_proxy_cannot_choose_its_address(
            forged in prop::collection::vec("[0-9a-f:., \\[\\]]{0,30}|(10|127)\\.0\\.0\\.[0-9], 10\\.0\\.0\\.1", 0..4),
        ) {
            let mut lines: Vec<&str> = forged.iter().map(String::as_str).collect();
            prop_assert_eq!(found("203.0.113.7", &lines, &proxies()), "203.0.113.7");
            lines.push("203.0.113.7");
            prop_assert_eq!(found("10.0.0.1", &lines, &proxies()), "203.0.113.7");
            let line = lines.join(",");
            prop_assert_eq!(found("10.0.0.1", &[&line], &proxies()), "203.0.113.7");
        }
    }
}
