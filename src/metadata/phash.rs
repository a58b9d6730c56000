use std::{fmt, str::FromStr};

use serde::{Deserialize, Serialize};

/// A 64-bit perceptual hash, as sharp-phash and hence ImageKit computes it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct PHash(u64);

#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("a pHash is 1 to 16 hexadecimal digits")]
pub struct InvalidPHash;

impl PHash {
    pub const BITS: u32 = u64::BITS;

    /// From the bits, the first of the definition being the most significant.
    pub fn new(bits: u64) -> Self {
        Self(bits)
    }

    /// The bits, the first of the definition being the most significant.
    pub fn bits(self) -> u64 {
        self.0
    }

    /// Hamming distance: the number of differing bits, 0 to 64.
    pub fn distance(self, other: Self) -> u32 {
        (self.0 ^ other.0).count_ones()
    }

    /// `1 - distance / 64`.
    pub fn score(self, other: Self) -> f64 {
        1.0 - f64::from(self.distance(other)) / f64::from(Self::BITS)
    }

    /// The picture is so flat that its hash says little.
    ///
    /// A bit is 1 where a coefficient exceeds the mean of all; none does only where all are equal, so the
    /// engine's hash of a picture without structure is 0 and that of any other picture is not.
    pub fn is_low_entropy(self) -> bool {
        self.0 == 0
    }
}

impl fmt::Display for PHash {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:016x}", self.0)
    }
}

impl FromStr for PHash {
    type Err = InvalidPHash;

    /// 1 to 16 digits of either case, left-padded with zeros, as ImageKit's old SDKs take them.
    fn from_str(text: &str) -> Result<Self, InvalidPHash> {
        let digits = text.len() <= 16 && text.bytes().all(|byte| byte.is_ascii_hexdigit());
        if !digits {
            return Err(InvalidPHash);
        }
        u64::from_str_radix(text, 16).map(Self).map_err(|_| InvalidPHash)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn distance(a: &str, b: &str) -> u32 {
        a.parse::<PHash>().unwrap().distance(b.parse().unwrap())
    }

    /// ImageKit's documentation and the test suites of its old SDKs.
    #[test]
    fn distances_are_imagekits() {
        assert_eq!(distance("63433b3ccf8e1ebe", "f5d2226cd9d32b16"), 27);
        assert_eq!(distance("63433b3ccf8e1ebe", "61433b3fcf8f9faf"), 8);
        assert_eq!(distance("2d5ad3936d2e015b", "2d6ed293db36a4fb"), 17);
        assert_eq!(distance("a4a65595ac94518b", "7838873e791f8400"), 37);
        assert_eq!(distance("33699c96619cc69e", "968e978414fe04ea"), 30);
        let (a, b): (PHash, PHash) =
            ("63433B3CCF8E1EBE".parse().unwrap(), "f5d2226cd9d32b16".parse().unwrap());
        assert_eq!(a.score(b), 0.578125);
    }

    #[test]
    fn takes_1_to_16_hexadecimal_digits_and_prints_16() {
        assert_eq!("1f".parse::<PHash>().unwrap().to_string(), "000000000000001f");
        for wrong in ["", "+1", "0x1", "g", " 1", "11112222333344445", "\u{ff11}"] {
            assert_eq!(wrong.parse::<PHash>(), Err(InvalidPHash), "{wrong:?}");
        }
    }
}
