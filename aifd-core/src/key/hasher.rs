//! How secrets become hashes: BLAKE3 under a key that only the store knows.

use super::{KeyHash, KeyId};

/// Hashes secrets under one key.
#[derive(Clone)]
pub(crate) struct Hasher(KeyHash);

impl Hasher {
    /// Under the key of a store.
    pub(crate) fn new(key: KeyHash) -> Self {
        Hasher(key)
    }

    /// Under a key that nobody else has.
    ///
    /// # Errors
    /// The system gives no random bytes.
    pub(crate) fn random() -> Result<Self, getrandom::Error> {
        let mut key = [0; 32];
        getrandom::fill(&mut key)?;
        Ok(Hasher(KeyHash(key)))
    }

    /// The key under which it hashes.
    pub(crate) fn key(&self) -> KeyHash {
        self.0
    }

    /// The hash of a secret.
    pub(crate) fn hash(&self, secret: &str) -> KeyHash {
        KeyHash(*blake3::keyed_hash(&self.0.0, secret.as_bytes()).as_bytes())
    }

    /// The id of a key of the configuration: the same as long as secret and store are.
    pub(crate) fn configured_id(&self, secret: &str) -> KeyId {
        let mut id = format!("cfg_{}", self.hash(secret));
        id.truncate(super::id::LENGTH);
        KeyId(id)
    }
}
