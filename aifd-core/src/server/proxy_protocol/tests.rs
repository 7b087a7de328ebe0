//! Headers of the PROXY protocol, whole, cut, in pieces and made up.

use super::*;
use proptest::prelude::*;

fn v2(command: u8, family: u8, said: &[u8]) -> Vec<u8> {
    let length = u16::try_from(said.len()).unwrap().to_be_bytes();
    [V2_SIGNATURE, &[command, family], &length, said].concat()
}

fn v2_of(source: IpAddr, more: &[u8]) -> Vec<u8> {
    match source {
        IpAddr::V4(source) => {
            v2(0x21, 0x11, &[&source.octets()[..], &[10, 0, 0, 1, 1, 2, 3, 4], more].concat())
        }
        IpAddr::V6(source) => v2(0x21, 0x21, &[&source.octets()[..], &[9; 20], more].concat()),
    }
}

/// What a whole header says.
fn source(bytes: &[u8]) -> Result<Option<IpAddr>, Fault> {
    match parse(bytes)? {
        Parsed::Whole(source) => Ok(source),
        Parsed::More(more) => panic!("{more} more bytes wanted"),
    }
}

#[test]
fn lines_of_version_1() {
    let long = format!("UNKNOWN {}", "x".repeat(MAX_V1 - 2 - 14));
    let longer = format!("UNKNOWN {}", "x".repeat(MAX_V1 - 1 - 14));
    let worst = format!("TCP6 {0} {0} 65535 65535", "ffff:".repeat(7) + "ffff");
    let cases = [
        ("TCP4 203.0.113.7 10.0.0.1 56324 443", Ok(Some("203.0.113.7"))),
        ("TCP4 255.255.255.255 255.255.255.255 65535 65535", Ok(Some("255.255.255.255"))),
        ("TCP4 1.1.1.1 1.1.1.1 0 0", Ok(Some("1.1.1.1"))),
        ("TCP6 2001:DB8::7 ::1 1 2", Ok(Some("2001:db8::7"))),
        ("TCP6 :: :: 1 2", Ok(Some("::"))),
        ("TCP6 ::ffff:203.0.113.7 ::1 1 2", Ok(Some("203.0.113.7"))),
        (&*worst, Ok(Some("ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff"))),
        ("UNKNOWN", Ok(None)),
        ("UNKNOWN ", Ok(None)),
        ("UNKNOWN TCP4 1.1.1.1 nonsense", Ok(None)),
        (&*long, Ok(None)),
        (&*longer, Err(Fault::Line)),
        ("UNKNOWNTCP", Err(Fault::Protocol)),
        ("TCP5 203.0.113.7 10.0.0.1 1 2", Err(Fault::Protocol)),
        ("tcp4 203.0.113.7 10.0.0.1 1 2", Err(Fault::Protocol)),
        ("UDP4 203.0.113.7 10.0.0.1 1 2", Err(Fault::Protocol)),
        ("TCP4", Err(Fault::Protocol)),
        ("TCP4 ", Err(Fault::Fields)),
        ("TCP4 203.0.113.7 10.0.0.1 1", Err(Fault::Fields)),
        ("TCP4 203.0.113.7 10.0.0.1 1 2 3", Err(Fault::Fields)),
        ("TCP4 203.0.113.7 10.0.0.1 1 2 ", Err(Fault::Fields)),
        ("TCP4  203.0.113.7 10.0.0.1 1 2", Err(Fault::Fields)),
        ("TCP4 203.0.113.7 10.0.0.1  2", Err(Fault::Port)),
        ("TCP4 203.0.113.07 10.0.0.1 1 2", Err(Fault::Address)),
        ("TCP4 203.0.113.256 10.0.0.1 1 2", Err(Fault::Address)),
        ("TCP4 203.0.113.7 10.0.0 1 2", Err(Fault::Address)),
        ("TCP4 2001:db8::7 ::1 1 2", Err(Fault::Address)),
        ("TCP6 203.0.113.7 10.0.0.1 1 2", Err(Fault::Address)),
        ("TCP6 2001:db8::7 10.0.0.1 1 2", Err(Fault::Address)),
        ("TCP4 203.0.113.7 10.0.0.1 01 2", Err(Fault::Port)),
        ("TCP4 203.0.113.7 10.0.0.1 1 65536", Err(Fault::Port)),
        ("TCP4 203.0.113.7 10.0.0.1 1 -2", Err(Fault::Port)),
        ("TCP4 203.0.113.7 10.0.0.1 +1 2", Err(Fault::Port)),
        ("TCP4 203.0.113.7 10.0.0.1 1 2\nGET /", Err(Fault::LineEnd)),
        ("UNKNOWN\rGET /", Err(Fault::LineEnd)),
        ("UNKNOWN\n", Err(Fault::LineEnd)),
        ("UNKNOWN\r", Err(Fault::LineEnd)),
        ("TCP4 203.0.113.7 10.0.0.1 1 é", Err(Fault::Port)),
    ];
    for (line, expected) in cases {
        let expected = expected.map(|address| address.map(|text| text.parse().unwrap()));
        assert_eq!(source(format!("PROXY {line}\r\n").as_bytes()), expected, "{line:?}");
    }
    assert_eq!(source(b"PROXY TCP4 1.1.1.1 1.1.1.1 1 \xff\r\n"), Err(Fault::Fields));
}

#[test]
fn bytes_of_version_2() {
    let v4 = [203, 0, 113, 7, 10, 0, 0, 1, 1, 2, 3, 4];
    let v6: Vec<u8> =
        "2001:db8::7".parse::<Ipv6Addr>().unwrap().octets().into_iter().chain([0; 20]).collect();
    let mapped: Vec<u8> =
        Ipv4Addr::new(203, 0, 113, 7).to_ipv6_mapped().octets().into_iter().chain([0; 20]).collect();
    let most = vec![0; MAX_V2 - V2_HEAD];
    let more = vec![0; MAX_V2 - V2_HEAD + 1];
    let tlvs = [&v4[..], &[4, 0, 3, 1, 2, 3, 0x20, 0xff, 0xff]].concat();
    type Case<'a> = (u8, u8, &'a [u8], Result<Option<&'a str>, Fault>);
    let cases: &[Case<'_>] = &[
        (0x21, 0x11, &v4, Ok(Some("203.0.113.7"))),
        (0x21, 0x12, &v4, Ok(Some("203.0.113.7"))),
        (0x21, 0x11, &tlvs, Ok(Some("203.0.113.7"))),
        (0x21, 0x21, &v6, Ok(Some("2001:db8::7"))),
        (0x21, 0x22, &v6, Ok(Some("2001:db8::7"))),
        (0x21, 0x21, &mapped, Ok(Some("203.0.113.7"))),
        (0x21, 0x21, &most, Ok(Some("::"))),
        (0x21, 0x21, &more, Err(Fault::Long(MAX_V2 + 1))),
        (0x20, 0x00, &more, Err(Fault::Long(MAX_V2 + 1))),
        (0x20, 0x00, &[], Ok(None)),
        (0x20, 0x11, &v4, Ok(None)),
        (0x20, 0x11, &[], Ok(None)),
        (0x20, 0xff, &[1, 2, 3], Ok(None)),
        (0x21, 0x00, &[], Ok(None)),
        (0x21, 0x00, &v4, Ok(None)),
        (0x21, 0x10, &v4, Ok(None)),
        (0x21, 0x31, &[0; 216], Ok(None)),
        (0x21, 0x11, &v4[..11], Err(Fault::Short(11))),
        (0x21, 0x21, &v6[..35], Err(Fault::Short(35))),
        (0x21, 0x41, &v4, Err(Fault::Family(0x41))),
        (0x21, 0x13, &v4, Err(Fault::Family(0x13))),
        (0x22, 0x11, &v4, Err(Fault::Command(0x22))),
        (0x11, 0x11, &v4, Err(Fault::Command(0x11))),
        (0x31, 0x11, &v4, Err(Fault::Command(0x31))),
    ];
    for (command, family, said, expected) in cases {
        let expected = expected.map(|address| address.map(|text| text.parse().unwrap()));
        assert_eq!(source(&v2(*command, *family, said)), expected, "{command:#x} {family:#x} {}", said.len());
    }
}

#[test]
fn what_is_no_header_is_told_from_its_first_bytes() {
    let others: [&[u8]; 8] = [
        b"G",
        b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n",
        b"PROXX",
        b"proxy ",
        b"\x16\x03\x01\x02\x00\x01",
        b"\r\nGET",
        b"\r\n\r\n\0\r\nQUIT\r",
        b"\n",
    ];
    for other in others {
        assert_eq!(parse(other), Err(Fault::Missing), "{other:?}");
    }
    assert_eq!(parse(b"PROXY TCX"), Err(Fault::Protocol));
    assert_eq!(parse(&[b"PROXY UNKNOWN ", &[b'x'; 92][..]].concat()), Err(Fault::Line));
}

/// Reads a header that comes in pieces of these sizes; what was left unread behind it.
fn read_in_pieces(bytes: &[u8], sizes: &[usize]) -> (Result<Option<IpAddr>, String>, Vec<u8>) {
    let mut socket = Pieces { bytes: bytes.to_vec(), sizes: sizes.to_vec() };
    let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
    let read = runtime.block_on(read(&mut socket)).map_err(|error| error.to_string());
    (read, socket.bytes)
}

/// A socket that gives no more at once than each of its sizes in turn says.
struct Pieces {
    bytes: Vec<u8>,
    sizes: Vec<usize>,
}

impl AsyncRead for Pieces {
    fn poll_read(
        mut self: std::pin::Pin<&mut Self>,
        _: &mut std::task::Context<'_>,
        buf: &mut tokio::io::ReadBuf<'_>,
    ) -> std::task::Poll<io::Result<()>> {
        let size = self.sizes.pop().unwrap_or(usize::MAX).min(buf.remaining()).min(self.bytes.len());
        let piece: Vec<u8> = self.bytes.drain(..size).collect();
        buf.put_slice(&piece);
        std::task::Poll::Ready(Ok(()))
    }
}

fn any_source() -> impl Strategy<Value = IpAddr> {
    prop_oneof![any::<Ipv4Addr>().prop_map(IpAddr::V4), any::<Ipv6Addr>().prop_map(IpAddr::V6)]
}

/// A header, and whom it names.
fn header() -> impl Strategy<Value = (Vec<u8>, Option<IpAddr>)> {
    let v1 = (any_source(), any::<u16>(), any::<u16>()).prop_map(|(source, from, to)| {
        let (protocol, other) = if source.is_ipv4() { ("TCP4", "10.0.0.1") } else { ("TCP6", "2001:db8::1") };
        (
            format!("PROXY {protocol} {source} {other} {from} {to}\r\n").into_bytes(),
            Some(source.to_canonical()),
        )
    });
    let unknown = "[ -~]{0,90}".prop_map(|rest| (format!("PROXY UNKNOWN {rest}\r\n").into_bytes(), None));
    let tlvs = || prop::collection::vec(any::<u8>(), 0..100);
    let v2_proxy =
        (any_source(), tlvs()).prop_map(|(source, more)| (v2_of(source, &more), Some(source.to_canonical())));
    let v2_local = (any::<u8>(), tlvs()).prop_map(|(family, said)| (v2(0x20, family, &said), None));
    prop_oneof![v1, unknown, v2_proxy, v2_local]
}

proptest! {
    #[test]
    fn every_beginning_of_a_header_wants_no_more_than_is_missing((bytes, source) in header(), behind: Vec<u8>) {
        for begun in 0..bytes.len() {
            match parse(&bytes[..begun]) {
                Ok(Parsed::More(more)) => prop_assert!(begun + more.get() <= bytes.len(), "{begun} {more}"),
                other => prop_assert!(false, "{:?} of {} bytes", other, begun),
            }
        }
        let whole = Parsed::Whole(source);
        prop_assert_eq!(parse(&[&bytes[..], &behind].concat()), Ok(whole));
    }

    #[test]
    fn a_header_in_pieces_is_read_and_nothing_behind_it(
        (bytes, source) in header(),
        behind in prop::collection::vec(any::<u8>(), 0..50),
        sizes in prop::collection::vec(1..20_usize, 0..60),
    ) {
        let (read, left) = read_in_pieces(&[&bytes[..], &behind].concat(), &sizes);
        prop_assert_eq!(read, Ok(source));
        prop_assert_eq!(left, behind);
    }

    #[test]
    fn a_header_that_ends_early_is_none((bytes, _) in header(), cut: prop::sample::Index) {
        let (read, left) = read_in_pieces(&bytes[..cut.index(bytes.len())], &[]);
        prop_assert!(read.is_err() && left.is_empty(), "{:?}", read);
    }

    /// Nothing panics, and what was decided stays so whatever comes behind.
    #[test]
    fn any_bytes_are_decided_once(
        prefix in prop::sample::select(vec![&b""[..], b"PROXY ", b"PROXY TCP4 ", V2_SIGNATURE]),
        rest in prop_oneof![
            prop::collection::vec(any::<u8>(), 0..200),
            "[0-9a-fA-F:. \r\nTCPUNKOW]{0,120}".prop_map(String::into_bytes),
        ],
    ) {
        let bytes = [prefix, &rest].concat();
        let mut decided = None;
        for begun in 0..=bytes.len() {
            let parsed = parse(&bytes[..begun]);
            match decided {
                None if matches!(parsed, Ok(Parsed::More(_))) => {}
                None => decided = Some(parsed),
                Some(first @ Ok(_)) => prop_assert_eq!(parsed, first),
                Some(Err(_)) => prop_assert!(parsed.is_err(), "{:?}", parsed),
            }
        }
    }
}
