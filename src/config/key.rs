//! Keys: which texts are one, where they may come from, and what is kept of those of callers.

use std::env::VarError;
use std::fmt;

use secrecy::{ExposeSecret, SecretString};
use sha2::{Digest, Sha256};
use subtle::{Choice, ConstantTimeEq};

use super::ConfigError;

/// The SHA-256 of a caller's key: as long for all, and of no use to who reads the memory or the file.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub struct KeyHash([u8; 32]);

impl KeyHash {
    pub fn of(key: &SecretString) -> Self {
        Self(Sha256::digest(key.expose_secret()).into())
    }

    /// From 64 hexadecimal digits.
    pub(super) fn parse(hex: &str) -> Option<Self> {
        if hex.len() != 64 || !hex.bytes().all(|digit| digit.is_ascii_hexdigit()) {
            return None;
        }
        let mut hash = [0; 32];
        for (place, byte) in hash.iter_mut().enumerate() {
            *byte = u8::from_str_radix(&hex[2 * place..2 * place + 2], 16).ok()?;
        }
        Some(Self(hash))
    }
}

impl fmt::Display for KeyHash {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.iter().try_for_each(|byte| write!(f, "{byte:02x}"))
    }
}

/// Not the hash: a key that people made up could be guessed from it.
impl fmt::Debug for KeyHash {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("KeyHash")
    }
}

impl ConstantTimeEq for KeyHash {
    fn ct_eq(&self, other: &Self) -> Choice {
        self.0.ct_eq(&other.0)
    }
}

/// It is sent as the user name of Basic authentication, which has no place for control characters.
pub fn is_key(key: &SecretString) -> bool {
    !key.expose_secret().is_empty() && !key.expose_secret().chars().any(char::is_control)
}

/// Keys come from the environment or the file only: a command line is seen by every process of the machine.
pub(super) fn from_environment(variable: &'static str) -> Result<Option<SecretString>, ConfigError> {
    match std::env::var(variable) {
        Ok(value) => Ok(Some(value).filter(|value| !value.is_empty()).map(Into::into)),
        Err(VarError::NotPresent) => Ok(None),
        Err(VarError::NotUnicode(_)) => {
            Err(ConfigError::Unusable { setting: variable, reason: "it is not UTF-8".to_owned() })
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// FIPS 180-2, B.1.
    const ABC: &str = "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad";

    #[test]
    fn a_hash_is_read_as_it_is_written() {
        let hash = KeyHash::of(&"abc".into());
        assert_eq!(hash.to_string(), ABC);
        assert_eq!(KeyHash::parse(ABC), Some(hash));
        assert_eq!(KeyHash::parse(&ABC.to_uppercase()), Some(hash));
        assert_eq!(format!("{hash:?}"), "KeyHash");
    }

    #[test]
    fn what_is_not_64_digits_is_no_hash() {
        let multibyte = "é".repeat(32);
        for wrong in ["", "abc", &ABC[1..], &format!("{ABC}0"), &ABC.replace('b', "+"), &multibyte] {
            assert_eq!(KeyHash::parse(wrong), None, "{wrong}");
        }
    }
}
