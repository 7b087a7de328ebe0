//! An answer as it is kept, and the record that holds it on disk.

use super::{
    form::{self, Complete, Told},
    key::CacheKey,
};
use crate::sse;
use aifd_log::Kind;
use bytes::Bytes;
use serde::{Deserialize, Serialize};
use std::{ops::Deref, sync::OnceLock};

/// What a record begins with.
pub(super) const MAGIC: [u8; 4] = *b"aifd";

/// Bytes of a record before its parts: magic, length, checksum, key, times, variant, lengths of the parts.
pub(super) const HEAD: usize = 4 + 4 + 16 + 32 + 8 + 8 + 4 + 3 * 4;

/// What is known of an answer beside its body.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Meta {
    /// Prefix of its route.
    pub(crate) route: String,
    pub(crate) method: String,
    pub(crate) path: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) kind: Option<Kind>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) model: Option<String>,
    pub(crate) status: u16,
    /// Headers that are served with it.
    pub(crate) headers: Vec<(String, String)>,
    /// Of a recorded stream: microseconds since the piece before, and bytes, of each piece.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub(crate) timing: Vec<(u32, u32)>,
    /// Tokens of the prompt and of the answer, as the answer says.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) usage: Option<(u64, u64)>,
}

impl Meta {
    pub(crate) fn content_type(&self) -> &str {
        let found = self.headers.iter().find(|(name, _)| name == "content-type");
        found.map_or("", |(_, value)| value)
    }

    pub(crate) fn is_stream(&self) -> bool {
        sse::is_stream(self.content_type().as_bytes())
    }

    /// The API, where the answer has two forms.
    pub(crate) fn api(&self) -> Option<form::Api> {
        match self.kind? {
            Kind::Chat => Some(form::Api::Chat),
            Kind::Completion => Some(form::Api::Completion),
            Kind::Responses => Some(form::Api::Responses),
            Kind::Messages => Some(form::Api::Messages),
            _ => None,
        }
    }
}

/// An answer and its request.
#[derive(Debug)]
pub(crate) struct Parts {
    pub(crate) key: CacheKey,
    /// Which of the answers to this request it is.
    pub(crate) variant: u8,
    /// Milliseconds since 1970.
    pub(crate) stored_at: u64,
    /// The same; 0: never.
    pub(crate) expires_at: u64,
    pub(crate) meta: Meta,
    /// The request's body in its canonical form, where it is JSON.
    pub(crate) request: Bytes,
    pub(crate) body: Bytes,
}

/// An answer as it is kept, and what was found out of it.
#[derive(Debug)]
pub(crate) struct Stored {
    parts: Parts,
    /// Whether it is all there; found out by whoever asks first.
    judged: OnceLock<Option<Told>>,
    /// Its other form, and a stream without the usage that not all ask for; made when they are asked for.
    other: OnceLock<Option<Bytes>>,
    without_usage: OnceLock<Bytes>,
}

impl Deref for Stored {
    type Target = Parts;

    fn deref(&self) -> &Parts {
        &self.parts
    }
}

impl Stored {
    pub(crate) fn new(parts: Parts) -> Self {
        Stored { parts, judged: OnceLock::new(), other: OnceLock::new(), without_usage: OnceLock::new() }
    }

    /// Its other form, made once.
    pub(super) fn other(&self, make: impl FnOnce() -> Option<Vec<u8>>) -> Option<Bytes> {
        self.other.get_or_init(|| make().map(Bytes::from)).clone()
    }

    /// The stream that it is, without usage.
    pub(super) fn without_usage(&self) -> Bytes {
        self.without_usage.get_or_init(|| super::serve::filtered(&self.body)).clone()
    }

    /// What it says of itself, if it is all there: refusals always are.
    pub(crate) fn told(&self) -> Option<&Told> {
        let judge = || match self.meta.status {
            200..300 => match form::completeness(self.meta.api(), self.meta.content_type(), &self.body) {
                Complete::Yes(told) => Some(told),
                Complete::No(_) => None,
            },
            _ => Some(Told::default()),
        };
        self.judged.get_or_init(judge).as_ref()
    }

    pub(crate) fn is_expired(&self, now: u64) -> bool {
        self.expires_at != 0 && self.expires_at <= now
    }

    /// Bytes that it takes in memory, about.
    pub(crate) fn size(&self) -> usize {
        const FIXED: usize = 400;
        let headers: usize =
            self.meta.headers.iter().map(|(name, value)| name.len() + value.len() + 48).sum();
        let other = self.other.get().and_then(|other| other.as_ref()).map_or(0, Bytes::len);
        let without_usage = self.without_usage.get().map_or(0, Bytes::len);
        let forms = self.body.len() + other + without_usage;
        FIXED + headers + self.meta.timing.len() * 8 + self.request.len() + forms
    }

    /// Its record.
    pub(super) fn encode(&self, out: &mut Vec<u8>) -> std::io::Result<()> {
        let meta = serde_json::to_vec(&self.meta)?;
        let length = |bytes: &[u8]| {
            u32::try_from(bytes.len()).map_err(|_| std::io::Error::from(std::io::ErrorKind::FileTooLarge))
        };
        let begin = out.len();
        out.extend_from_slice(&MAGIC);
        let total = HEAD + meta.len() + self.request.len() + self.body.len();
        let total =
            u32::try_from(total).map_err(|_| std::io::Error::from(std::io::ErrorKind::FileTooLarge))?;
        out.extend_from_slice(&total.to_le_bytes());
        out.extend_from_slice(&[0; 16]);
        out.extend_from_slice(&self.key.0);
        out.extend_from_slice(&self.stored_at.to_le_bytes());
        out.extend_from_slice(&self.expires_at.to_le_bytes());
        out.extend_from_slice(&u32::from(self.variant).to_le_bytes());
        for part in [&meta[..], &self.request, &self.body] {
            out.extend_from_slice(&length(part)?.to_le_bytes());
        }
        for part in [&meta[..], &self.request, &self.body] {
            out.extend_from_slice(part);
        }
        let sum = checksum(&out[begin + 24..]);
        out[begin + 8..begin + 24].copy_from_slice(&sum);
        Ok(())
    }

    /// Reads a record; `None` if it is not what was written.
    pub(super) fn decode(record: Bytes) -> Option<Self> {
        let head = Head::read(&record)?;
        if record.len() != head.total as usize || checksum(&record[24..]) != head.checksum {
            return None;
        }
        let [meta, request, body] = head.parts.map(|bytes| bytes as usize);
        let (from_request, from_body) = (HEAD + meta, HEAD + meta + request);
        if from_body + body != record.len() {
            return None;
        }
        Some(Stored::new(Parts {
            key: head.key,
            variant: head.variant,
            stored_at: head.stored_at,
            expires_at: head.expires_at,
            meta: serde_json::from_slice(&record[HEAD..from_request]).ok()?,
            request: record.slice(from_request..from_body),
            body: record.slice(from_body..),
        }))
    }
}

/// What stands at the beginning of a record.
#[derive(Clone, Copy, Debug)]
pub(super) struct Head {
    pub(super) total: u32,
    checksum: [u8; 16],
    pub(super) key: CacheKey,
    pub(super) stored_at: u64,
    pub(super) expires_at: u64,
    pub(super) variant: u8,
    parts: [u32; 3],
}

impl Head {
    /// `None` where no record begins.
    pub(super) fn read(bytes: &[u8]) -> Option<Self> {
        let head: &[u8; HEAD] = bytes.first_chunk()?;
        let rest = head.strip_prefix(&MAGIC)?;
        let (total, rest) = rest.split_first_chunk()?;
        let (checksum, rest) = rest.split_first_chunk()?;
        let (key, rest) = rest.split_first_chunk()?;
        let (stored_at, rest) = rest.split_first_chunk()?;
        let (expires_at, rest) = rest.split_first_chunk()?;
        let (variant, rest) = rest.split_first_chunk()?;
        let (lengths, _) = rest.as_chunks::<4>();
        let parts: &[[u8; 4]; 3] = lengths.try_into().ok()?;
        Some(Head {
            total: u32::from_le_bytes(*total),
            checksum: *checksum,
            key: CacheKey(*key),
            stored_at: u64::from_le_bytes(*stored_at),
            expires_at: u64::from_le_bytes(*expires_at),
            variant: u8::try_from(u32::from_le_bytes(*variant)).ok()?,
            parts: parts.map(u32::from_le_bytes),
        })
    }
}

/// Half of BLAKE3 over all that follows it.
fn checksum(bytes: &[u8]) -> [u8; 16] {
    let mut half = [0; 16];
    half.copy_from_slice(&blake3::hash(bytes).as_bytes()[..16]);
    half
}

#[cfg(test)]
mod tests {
    use super::*;

    fn stored() -> Stored {
        Stored::new(Parts {
            key: CacheKey([7; 32]),
            variant: 3,
            stored_at: 1_700_000_000_000,
            expires_at: 0,
            meta: Meta {
                route: "/".into(),
                path: "/v1/chat/completions".into(),
                kind: Some(Kind::Chat),
                status: 200,
                headers: vec![("content-type".into(), "application/json".into())],
                timing: vec![(5, 6)],
                ..Meta::default()
            },
            request: Bytes::from_static(b"{\"a\":1}"),
            body: Bytes::from_static(b"{}"),
        })
    }

    #[test]
    fn a_record_gives_back_what_it_was_made_of() {
        let (entry, mut record) = (stored(), Vec::new());
        entry.encode(&mut record).unwrap();
        let again = Stored::decode(record.into()).unwrap();
        assert_eq!((again.key, again.variant, again.stored_at), (entry.key, 3, entry.stored_at));
        assert_eq!((&again.meta, &again.request, &again.body), (&entry.meta, &entry.request, &entry.body));
    }

    #[test]
    fn no_record_with_a_flipped_bit_is_read() {
        let mut record = Vec::new();
        stored().encode(&mut record).unwrap();
        for at in 0..record.len() {
            for bit in 0..8 {
                let mut damaged = record.clone();
                damaged[at] ^= 1 << bit;
                assert!(Stored::decode(damaged.into()).is_none(), "{at}");
            }
        }
        for length in 0..record.len() {
            assert!(Stored::decode(Bytes::copy_from_slice(&record[..length])).is_none());
        }
    }
}
