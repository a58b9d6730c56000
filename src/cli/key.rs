//! `imagraph new-key` and `imagraph hash-key`: the keys of callers.

use std::io::{Read, stdin};
use std::process::ExitCode;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use rustls::crypto::ring;
use secrecy::{ExposeSecret, SecretString};

use super::{Failure, report};
use crate::config::{KeyHash, is_key};

/// By which scanners of sources know what they have found.
const PREFIX: &str = "imagraph_";
/// Beyond what any guessing reaches, so that a plain hash hides them.
const RANDOM_BYTES: usize = 32;
/// A header's line would not hold more.
const MAX_KEY_BYTES: u64 = 4 << 10;

/// The key on the first line, what the settings file keeps of it on the second.
pub fn new() -> Result<ExitCode, Failure> {
    let mut random = [0; RANDOM_BYTES];
    let filled = ring::default_provider().secure_random.fill(&mut random);
    filled.map_err(|_| Failure { message: "this machine gives no random bytes".to_owned(), status: 1 })?;
    let key = SecretString::from(format!("{PREFIX}{}", URL_SAFE_NO_PAD.encode(random)));
    report::print(&format!("{}\nkey_sha256 = \"{}\"\n", key.expose_secret(), KeyHash::of(&key)))
}

/// The line break that a shell puts behind it is not the key's.
pub fn hash() -> Result<ExitCode, Failure> {
    let mut text = String::new();
    stdin().take(MAX_KEY_BYTES + 1).read_to_string(&mut text)?;
    let key = SecretString::from(text.trim_end_matches(['\r', '\n']));
    if !is_key(&key) || text.len() as u64 > MAX_KEY_BYTES {
        let message = "a key is one line of text on standard input, of 4096 bytes at most".to_owned();
        return Err(Failure { message, status: 2 });
    }
    report::print(&format!("{}\n", KeyHash::of(&key)))
}
