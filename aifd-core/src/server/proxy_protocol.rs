//! The PROXY protocol, versions 1 and 2: a proxy tells at the beginning of a connection whom it speaks for.
//!
//! As haproxy's `doc/proxy-protocol.txt` says; sections are cited from there. No byte behind the header is read, so
//! that whatever comes next, a TLS handshake too, finds the socket as if there had been none.

use std::{
    io,
    net::{AddrParseError, IpAddr, Ipv4Addr, Ipv6Addr},
    num::NonZeroUsize,
};
use tokio::io::{AsyncRead, AsyncReadExt};

/// What a header of version 1 begins with (section 2.1).
const V1_PREFIX: &[u8] = b"PROXY ";
/// Bytes of a header of version 1 at most, with its line end (section 2.1).
const MAX_V1: usize = 107;
/// Bytes of the shortest one: `PROXY UNKNOWN` and its line end.
const MIN_V1: usize = 15;

/// What a header of version 2 begins with (section 2.2).
const V2_SIGNATURE: &[u8] = b"\r\n\r\n\0\r\nQUIT\n";
/// Bytes before the addresses of version 2.
const V2_HEAD: usize = 16;
/// Bytes of a header of version 2 at most, with what it says beside the addresses (section 2.2.1 and those behind it);
/// past it, the connection is closed.
const MAX_V2: usize = 4096;

/// What the first bytes of a connection are.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Parsed {
    /// The beginning of a header, of which so many bytes are missing at least.
    More(NonZeroUsize),
    /// A whole header: whom the proxy speaks for. `None`: itself, or somebody without an IP address; then the socket's
    /// peer counts.
    Whole(Option<IpAddr>),
}

/// What is wrong with a header.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub(super) enum Fault {
    #[error("no PROXY protocol header")]
    Missing,
    #[error("its line is longer than {MAX_V1} bytes")]
    Line,
    #[error("its line is not ended by CR LF")]
    LineEnd,
    #[error("its protocol is none of TCP4, TCP6 and UNKNOWN")]
    Protocol,
    #[error("its addresses and ports are not two of each")]
    Fields,
    #[error("an address is not of the protocol's family")]
    Address,
    #[error("a port is not a number from 0 to 65535")]
    Port,
    #[error("version and command {0:#04x} are not known")]
    Command(u8),
    #[error("family and transport {0:#04x} are not known")]
    Family(u8),
    #[error("{0} bytes are too few for its addresses")]
    Short(usize),
    #[error("it is of {0} bytes, more than {MAX_V2}")]
    Long(usize),
}

impl From<AddrParseError> for Fault {
    fn from(_: AddrParseError) -> Self {
        Fault::Address
    }
}

/// Why there is no header.
#[derive(Debug, thiserror::Error)]
pub(super) enum HeaderError {
    #[error(transparent)]
    Invalid(#[from] Fault),
    #[error(transparent)]
    Socket(#[from] io::Error),
}

/// Takes a header from the beginning of a connection: whom it names, or `None` where the socket's peer counts.
///
/// # Errors
/// It is none, or the connection ended before it did.
pub(super) async fn read(socket: &mut (impl AsyncRead + Unpin)) -> Result<Option<IpAddr>, HeaderError> {
    let mut header = Vec::with_capacity(MAX_V1);
    loop {
        match parse(&header)? {
            Parsed::Whole(source) => return Ok(source),
            Parsed::More(missing) => {
                let begun = header.len();
                header.resize(begun + missing.get(), 0);
                let read = socket.read(&mut header[begun..]).await?;
                if read == 0 {
                    return Err(io::Error::from(io::ErrorKind::UnexpectedEof).into());
                }
                header.truncate(begun + read);
            }
        }
    }
}

/// Tells what the first bytes of a connection are, as soon as that is certain.
fn parse(bytes: &[u8]) -> Result<Parsed, Fault> {
    if begins(bytes, V1_PREFIX) {
        v1(bytes)
    } else if begins(bytes, V2_SIGNATURE) {
        v2(bytes)
    } else {
        Err(Fault::Missing)
    }
}

/// Whether `bytes` begin with `prefix`, as far as they go.
fn begins(bytes: &[u8], prefix: &[u8]) -> bool {
    let compared = bytes.len().min(prefix.len());
    bytes[..compared] == prefix[..compared]
}

fn more(bytes: &[u8], least: usize) -> Parsed {
    let missing = least.saturating_sub(bytes.len());
    Parsed::More(NonZeroUsize::new(missing).unwrap_or(NonZeroUsize::MIN))
}

/// Section 2.1.
fn v1(bytes: &[u8]) -> Result<Parsed, Fault> {
    let least = least_v1(bytes)?;
    let within = &bytes[..bytes.len().min(MAX_V1)];
    let least = match within.iter().position(|byte| matches!(byte, b'\r' | b'\n')) {
        Some(end) if within[end..].starts_with(b"\r\n") => {
            return Ok(Parsed::Whole(line(&within[V1_PREFIX.len()..end])?));
        }
        Some(end) if within[end..] != *b"\r" => return Err(Fault::LineEnd),
        Some(_) => bytes.len() + 1,
        None => least.max(bytes.len() + 2),
    };
    if least > MAX_V1 { Err(Fault::Line) } else { Ok(more(bytes, least)) }
}

/// Bytes that a header with this beginning has at least, where its line end has not come.
fn least_v1(bytes: &[u8]) -> Result<usize, Fault> {
    const SHORTEST: [(&[u8], usize); 3] = [
        (b"PROXY UNKNOWN", MIN_V1),
        (b"PROXY TCP6 ", b"PROXY TCP6 :: :: 1 1\r\n".len()),
        (b"PROXY TCP4 ", b"PROXY TCP4 1.1.1.1 1.1.1.1 1 1\r\n".len()),
    ];
    let known = SHORTEST.iter().find(|(prefix, _)| begins(bytes, prefix));
    known.map(|(_, least)| *least).ok_or(Fault::Protocol)
}

/// What follows `PROXY ` up to the line end.
fn line(line: &[u8]) -> Result<Option<IpAddr>, Fault> {
    let line = std::str::from_utf8(line).map_err(|_| Fault::Fields)?;
    let mut fields = line.split(' ');
    let protocol = fields.next().unwrap_or_default();
    match protocol {
        "UNKNOWN" => return Ok(None),
        "TCP4" | "TCP6" => {}
        _ => return Err(Fault::Protocol),
    }
    let (Some(source), Some(destination), Some(from), Some(to), None) =
        (fields.next(), fields.next(), fields.next(), fields.next(), fields.next())
    else {
        return Err(Fault::Fields);
    };
    let source: IpAddr = match protocol {
        "TCP4" => destination.parse::<Ipv4Addr>().and(source.parse().map(IpAddr::V4))?,
        _ => destination.parse::<Ipv6Addr>().and(source.parse().map(IpAddr::V6))?,
    };
    if [from, to].into_iter().all(is_port) { Ok(Some(source.to_canonical())) } else { Err(Fault::Port) }
}

/// A number without leading zeros.
fn is_port(text: &str) -> bool {
    text.parse::<u16>().is_ok_and(|port| port.to_string() == text)
}

/// Section 2.2. What follows the addresses is skipped.
fn v2(bytes: &[u8]) -> Result<Parsed, Fault> {
    let Some(&[command, family, high, low]) = bytes.get(V2_SIGNATURE.len()..V2_HEAD) else {
        return Ok(more(bytes, V2_HEAD));
    };
    let length = usize::from(u16::from_be_bytes([high, low]));
    let addresses = match (command, family >> 4, family & 0xf) {
        // The proxy speaks for itself, and what it says of a family is ignored.
        (0x20, _, _) => Addresses::None,
        (0x21, 0 | 3, 0..=2) | (0x21, 1 | 2, 0) => Addresses::None,
        (0x21, 1, 1 | 2) => Addresses::V4,
        (0x21, 2, 1 | 2) => Addresses::V6,
        (0x21, _, _) => return Err(Fault::Family(family)),
        _ => return Err(Fault::Command(command)),
    };
    let whole = V2_HEAD + length;
    match bytes.get(V2_HEAD..whole) {
        _ if length < addresses.length() => Err(Fault::Short(length)),
        _ if whole > MAX_V2 => Err(Fault::Long(whole)),
        Some(said) => Ok(Parsed::Whole(addresses.source(said))),
        None => Ok(more(bytes, whole)),
    }
}

/// The addresses that a header of version 2 tells.
#[derive(Clone, Copy)]
enum Addresses {
    None,
    V4,
    V6,
}

impl Addresses {
    /// Their bytes, with the ports.
    fn length(self) -> usize {
        match self {
            Addresses::None => 0,
            Addresses::V4 => 12,
            Addresses::V6 => 36,
        }
    }

    /// The first of them.
    fn source(self, said: &[u8]) -> Option<IpAddr> {
        match self {
            Addresses::None => None,
            Addresses::V4 => said.first_chunk::<4>().map(|bytes| IpAddr::from(*bytes)),
            Addresses::V6 => said.first_chunk::<16>().map(|bytes| IpAddr::from(*bytes).to_canonical()),
        }
    }
}

#[cfg(test)]
mod tests;
