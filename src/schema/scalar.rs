//! Scalars of the schema: text with a meaning.

use async_graphql::{InputValueError, InputValueResult, Scalar, ScalarType, Value};

use crate::error::{Error, Result};
use crate::metadata::{self, Colour};

/// Any text passes here: a URL that cannot be used fails at its own image, with a code, and not the request.
#[derive(Debug, Clone)]
pub struct Url(pub String);

/// An absolute http or https URL.
#[Scalar]
impl ScalarType for Url {
    fn parse(value: Value) -> InputValueResult<Self> {
        match value {
            Value::String(url) => Ok(Self(url)),
            other => Err(InputValueError::expected_type(other)),
        }
    }

    fn to_value(&self) -> Value {
        Value::String(self.0.clone())
    }
}

/// Any text passes here too: what is no hash fails at the comparison.
#[derive(Debug, Clone)]
pub struct PHash(String);

impl PHash {
    pub fn parse(&self) -> Result<metadata::PHash> {
        self.0.parse().map_err(|_| Error::BadRequest("a pHash is 1 to 16 hexadecimal digits"))
    }
}

impl From<metadata::PHash> for PHash {
    fn from(hash: metadata::PHash) -> Self {
        Self(hash.to_string())
    }
}

/// A 64-bit perceptual hash: 16 lower-case hexadecimal digits. As an argument 1 to 16 digits of either case.
#[Scalar(name = "PHash")]
impl ScalarType for PHash {
    fn parse(value: Value) -> InputValueResult<Self> {
        match value {
            Value::String(digits) => Ok(Self(digits)),
            other => Err(InputValueError::expected_type(other)),
        }
    }

    fn to_value(&self) -> Value {
        Value::String(self.0.clone())
    }
}

pub struct Color(pub Colour);

/// A colour of sRGB: `#rrggbb`, in lower-case hexadecimal digits.
#[Scalar]
impl ScalarType for Color {
    /// No argument is one.
    fn parse(value: Value) -> InputValueResult<Self> {
        Err(InputValueError::expected_type(value))
    }

    fn to_value(&self) -> Value {
        Value::String(self.0.to_string())
    }
}

pub struct LocalDateTime(pub String);

/// Date and time of a camera's clock, without a zone, ISO 8601: `2008-05-30T15:56:01.25`.
#[Scalar]
impl ScalarType for LocalDateTime {
    /// No argument is one.
    fn parse(value: Value) -> InputValueResult<Self> {
        Err(InputValueError::expected_type(value))
    }

    fn to_value(&self) -> Value {
        Value::String(self.0.clone())
    }
}

pub struct UtcOffset(pub String);

/// How far a clock is from UTC, in hours and minutes, east positive: `+05:30`.
#[Scalar]
impl ScalarType for UtcOffset {
    /// No argument is one.
    fn parse(value: Value) -> InputValueResult<Self> {
        Err(InputValueError::expected_type(value))
    }

    fn to_value(&self) -> Value {
        Value::String(self.0.clone())
    }
}
