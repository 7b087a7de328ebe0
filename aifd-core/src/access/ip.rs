//! Which addresses may call: an allow list and a deny list of networks.
//!
//! An IPv4-mapped IPv6 address (`::ffff:192.0.2.7`) is the IPv4 address within it, in the lists as in the question:
//! a socket that takes both families shows one caller as either. Any other IPv6 network, `::/0` too, holds IPv6
//! addresses alone.

use ipnet::{IpNet, Ipv4Net};
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

/// Bits of `::ffff:0:0/96`, which stand before the IPv4 address in a mapped one (RFC 4291 section 2.5.5.2).
const MAPPED_BITS: u8 = 96;

/// A set of networks. A look-up takes the logarithm of their number.
#[derive(Clone, Debug, Default)]
pub(crate) struct IpSet {
    v4: Ranges<Ipv4Addr>,
    v6: Ranges<Ipv6Addr>,
}

impl IpSet {
    pub(crate) fn new(networks: &[IpNet]) -> Self {
        let (mut v4, mut v6) = (Vec::new(), Vec::new());
        for network in networks {
            match unmapped(*network) {
                IpNet::V4(network) => v4.push((network.network(), network.broadcast())),
                IpNet::V6(network) => v6.push((network.network(), network.broadcast())),
            }
        }
        IpSet { v4: Ranges::new(v4), v6: Ranges::new(v6) }
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.v4.0.is_empty() && self.v6.0.is_empty()
    }

    pub(crate) fn contains(&self, address: IpAddr) -> bool {
        match address.to_canonical() {
            IpAddr::V4(address) => self.v4.contains(address),
            IpAddr::V6(address) => self.v6.contains(address),
        }
    }
}

/// The IPv4 network that a mapped one means.
fn unmapped(network: IpNet) -> IpNet {
    let IpNet::V6(v6) = network else { return network };
    let v4 = v6.network().to_ipv4_mapped().zip(v6.prefix_len().checked_sub(MAPPED_BITS));
    v4.and_then(|(address, bits)| Ipv4Net::new(address, bits).ok()).map_or(network, IpNet::V4)
}

/// First and last addresses of ranges that do not overlap, in their order.
#[derive(Clone, Debug)]
struct Ranges<A>(Box<[(A, A)]>);

impl<A> Default for Ranges<A> {
    fn default() -> Self {
        Ranges(Box::default())
    }
}

impl<A: Copy + Ord> Ranges<A> {
    fn new(mut ranges: Vec<(A, A)>) -> Self {
        ranges.sort_unstable();
        ranges.dedup_by(|(first, last), (_, before)| {
            let overlaps = *first <= *before;
            if overlaps {
                *before = (*before).max(*last);
            }
            overlaps
        });
        Ranges(ranges.into_boxed_slice())
    }

    fn contains(&self, address: A) -> bool {
        let behind = self.0.partition_point(|(first, _)| *first <= address);
        behind.checked_sub(1).is_some_and(|at| address <= self.0[at].1)
    }
}

/// The lists `ip_whitelist` and `ip_blacklist`; where both are given, both hold.
#[derive(Clone, Debug, Default)]
pub(crate) struct IpRules {
    allow: IpSet,
    deny: IpSet,
}

impl IpRules {
    pub(crate) fn new(allow: &[IpNet], deny: &[IpNet]) -> Self {
        IpRules { allow: IpSet::new(allow), deny: IpSet::new(deny) }
    }

    /// Whether a caller of this address may call. One without (behind a Unix socket) may, unless only some may.
    pub(crate) fn allows(&self, address: Option<IpAddr>) -> bool {
        match address {
            Some(address) => {
                (self.allow.is_empty() || self.allow.contains(address)) && !self.deny.contains(address)
            }
            None => self.allow.is_empty(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn networks(text: &str) -> Vec<IpNet> {
        let network = |text: &str| text.parse().or_else(|_| text.parse::<IpAddr>().map(IpNet::from));
        text.split_whitespace().map(|text| network(text).unwrap()).collect()
    }

    #[test]
    fn both_lists_hold() {
        let cases = [
            ("", "", "192.0.2.7", true),
            ("", "", "", true),
            ("192.0.2.7", "", "192.0.2.7", true),
            ("192.0.2.7", "", "192.0.2.8", false),
            ("192.0.2.7", "", "2001:db8::7", false),
            ("192.0.2.7", "", "", false),
            ("", "192.0.2.7", "192.0.2.7", false),
            ("", "192.0.2.7", "192.0.2.8", true),
            ("", "192.0.2.7", "", true),
            ("192.0.2.0/24", "192.0.2.7", "192.0.2.8", true),
            ("192.0.2.0/24", "192.0.2.7", "192.0.2.7", false),
            ("192.0.2.0/24", "192.0.2.7", "198.51.100.1", false),
            ("192.0.2.7", "192.0.2.0/24", "192.0.2.7", false),
            ("2001:db8::/32", "2001:db8:bad::/48", "2001:db8:1::1", true),
            ("2001:db8::/32", "2001:db8:bad::/48", "2001:db8:bad::1", false),
            ("0.0.0.0/0", "", "255.255.255.255", true),
            ("0.0.0.0/0", "", "::1", false),
            ("::/0", "", "ffff::1", true),
            // A range of IPv6 is none of IPv4, though mapped addresses stand in it.
            ("::/0", "", "192.0.2.7", false),
            ("::/0", "", "::ffff:192.0.2.7", false),
        ];
        for (allow, deny, address, allowed) in cases {
            let rules = IpRules::new(&networks(allow), &networks(deny));
            assert_eq!(rules.allows(address.parse().ok()), allowed, "{allow:?} {deny:?} {address:?}");
        }
    }

    #[test]
    fn mapped_addresses_and_networks_are_ipv4() {
        for list in [
            "192.0.2.0/24",
            "::ffff:192.0.2.0/120",
            "::ffff:c000:200/120",
            "192.0.2.7 ::ffff:192.0.2.200/128",
            "::ffff:0:0/96",
        ] {
            let rules = IpRules::new(&[], &networks(list));
            assert!(!rules.allows("192.0.2.7".parse().ok()), "{list}");
            assert!(!rules.allows("192.0.2.200".parse().ok()), "{list}");
            assert!(!rules.allows("::ffff:192.0.2.200".parse().ok()), "{list}");
            assert!(rules.allows("2001:db8::1".parse().ok()), "{list}");
        }
        let rules = IpRules::new(&networks("::ffff:192.0.2.7"), &[]);
        assert!(rules.allows("192.0.2.7".parse().ok()) && !rules.allows("192.0.2.8".parse().ok()));
    }

    #[test]
    fn ten_thousand_networks_are_merged_and_found() {
        let list: Vec<IpNet> = (0..10_000_u32)
            .map(|n| Ipv4Net::new((n << 16).into(), 24).unwrap().into())
            .chain(networks("0.0.0.0/8 1.0.0.0/9 1.128.0.0/9"))
            .collect();
        let set = IpSet::new(&list);
        // 512 of them lie within the three large ones.
        assert_eq!(set.v4.0.len(), 10_000 - 512 + 3);
        for n in 512..10_000_u32 {
            assert!(set.contains(Ipv4Addr::from((n << 16) + 255).into()), "{n}");
            assert!(!set.contains(Ipv4Addr::from((n << 16) + 256).into()), "{n}");
        }
    }

    /// Few different bits, so that networks overlap and addresses hit.
    fn address() -> impl Strategy<Value = IpAddr> {
        let v4 = prop_oneof![
            prop::collection::vec(prop_oneof![Just(0_u8), Just(1), Just(128), Just(255)], 4)
                .prop_map(|b| Ipv4Addr::new(b[0], b[1], b[2], b[3])),
            any::<u32>().prop_map(Ipv4Addr::from),
        ];
        let v6 = prop::collection::vec(prop_oneof![Just(0_u16), Just(1), Just(0xffff)], 8);
        prop_oneof![
            v4.clone().prop_map(IpAddr::V4),
            v4.prop_map(|v4| IpAddr::V6(v4.to_ipv6_mapped())),
            v6.prop_map(|b| Ipv6Addr::new(b[0], b[1], b[2], b[3], b[4], b[5], b[6], b[7]).into()),
        ]
    }

    fn network() -> impl Strategy<Value = IpNet> {
        (address(), any::<prop::sample::Index>()).prop_map(|(address, bits)| {
            let most = if address.is_ipv4() { 32 } else { 128 };
            IpNet::new(address, u8::try_from(bits.index(most + 1)).unwrap()).unwrap()
        })
    }

    /// One network after the other, each bit compared.
    fn naive(networks: &[IpNet], address: IpAddr) -> bool {
        let address = address.to_canonical();
        networks.iter().any(|network| match (network, address) {
            (IpNet::V6(v6), IpAddr::V4(v4)) => {
                let mapped = v6.prefix_len() >= 96 && v6.addr().to_ipv4_mapped().is_some();
                mapped && v6.contains(&v4.to_ipv6_mapped())
            }
            (network, address) => network.contains(&address),
        })
    }

    proptest! {
        #[test]
        fn a_set_holds_what_one_of_its_networks_holds(
            networks in prop::collection::vec(network(), 0..40),
            addresses in prop::collection::vec(address(), 1..40),
        ) {
            let set = IpSet::new(&networks);
            let ends = networks.iter().flat_map(|network| [network.network(), network.broadcast()]);
            for address in addresses.into_iter().chain(ends) {
                prop_assert_eq!(set.contains(address), naive(&networks, address), "{}", address);
            }
            prop_assert_eq!(set.is_empty(), networks.is_empty());
        }

        #[test]
        fn rules_are_both_lists(
            allow in prop::collection::vec(network(), 0..5),
            deny in prop::collection::vec(network(), 0..5),
            address in address(),
        ) {
            let expected = (allow.is_empty() || naive(&allow, address)) && !naive(&deny, address);
            prop_assert_eq!(IpRules::new(&allow, &deny).allows(Some(address)), expected);
        }
    }
}
