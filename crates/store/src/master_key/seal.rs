//! Secrets at rest: XChaCha20-Poly1305, bound to the place they were sealed for.

use chacha20poly1305::{
    KeyInit, XChaCha20Poly1305,
    aead::{Aead, Payload},
};
use secrecy::{ExposeSecret, SecretBox, SecretString};

use super::BYTES;

const NONCE: usize = 24;

/// Where a secret belongs. Moved to another row, or with what it is bound to changed, it cannot be opened.
#[derive(Clone, Copy, Debug)]
pub struct Place<'a> {
    pub table: &'a str,
    pub row: &'a str,
    pub column: &'a str,
    /// What the secret must not be used without, such as the address it is sent to.
    pub bound_to: &'a str,
}

/// A sealed secret as it stands in the database: nonce, ciphertext and tag.
#[derive(Clone)]
pub struct Sealed {
    /// The master key it was sealed with.
    pub key_id: i64,
    pub bytes: Vec<u8>,
}

/// Why a secret cannot be sealed or opened.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum UnsealError {
    #[error("it was sealed with master key {0}, which is not in the master key file")]
    NoKey(i64),
    #[error("it is not as it was sealed, or it was sealed for another place")]
    Changed,
    #[error("the system's random source failed")]
    Random,
}

pub struct SealingKey(SecretBox<[u8; BYTES]>);

impl SealingKey {
    pub fn new(key: [u8; BYTES]) -> Self {
        Self(SecretBox::new(Box::new(key)))
    }

    pub fn seal(&self, key_id: i64, place: &Place<'_>, secret: &[u8]) -> Result<Sealed, UnsealError> {
        let mut nonce = [0; NONCE];
        getrandom::fill(&mut nonce).map_err(|_| UnsealError::Random)?;
        let payload = Payload { msg: secret, aad: &place.associated(key_id) };
        let sealed = self.cipher().encrypt((&nonce).into(), payload).map_err(|_| UnsealError::Changed)?;
        Ok(Sealed { key_id, bytes: [&nonce[..], &sealed].concat() })
    }

    pub fn unseal(&self, place: &Place<'_>, sealed: &Sealed) -> Result<SecretString, UnsealError> {
        let (nonce, text) = sealed.bytes.split_first_chunk::<NONCE>().ok_or(UnsealError::Changed)?;
        let payload = Payload { msg: text, aad: &place.associated(sealed.key_id) };
        let opened = self.cipher().decrypt(nonce.into(), payload).map_err(|_| UnsealError::Changed)?;
        String::from_utf8(opened).map(SecretString::from).map_err(|_| UnsealError::Changed)
    }

    fn cipher(&self) -> XChaCha20Poly1305 {
        XChaCha20Poly1305::new(self.0.expose_secret().into())
    }
}

impl Place<'_> {
    /// Each part with its length, so that moving a byte from one to the next changes it.
    fn associated(&self, key_id: i64) -> Vec<u8> {
        let parts = [self.table, self.row, self.column, self.bound_to];
        let mut all = key_id.to_be_bytes().to_vec();
        for part in parts {
            all.extend((part.len() as u64).to_be_bytes());
            all.extend(part.as_bytes());
        }
        all
    }
}
