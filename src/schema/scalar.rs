//! Scalars of the schema: text with a meaning.

use async_graphql::{InputValueError, InputValueResult, Scalar, ScalarType, Value};

use crate::metadata::PHash;

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

/// A 64-bit perceptual hash: 16 lower-case hexadecimal digits. As an argument 1 to 16 digits of either case.
#[Scalar(name = "PHash")]
impl ScalarType for PHash {
    fn parse(value: Value) -> InputValueResult<Self> {
        match value {
            Value::String(digits) => Ok(digits.parse()?),
            other => Err(InputValueError::expected_type(other)),
        }
    }

    fn to_value(&self) -> Value {
        Value::String(self.to_string())
    }
}
