//! JSON between server and browser: for calls, for what pages load and for events.
//!
//! Everything is read through [`Value`], in one place: read directly, each type would be compiled into
//! the browser's bundle once for every kind of source it is read from.

mod call;
#[cfg(feature = "ssr")]
mod functions;
#[cfg(not(feature = "ssr"))]
pub mod post;
mod reader;

use leptos::{
    prelude::SharedValue,
    server::codee::{Decoder, Encoder},
};
use serde::{Serialize, de::DeserializeOwned};
use serde_json::Value;

pub(crate) use call::calls;
pub use call::{Call, Pending};
#[cfg(feature = "ssr")]
pub use functions::Json;
pub use reader::DecodeError;

/// JSON, read through [`Value`].
pub struct Plain;

/// # Errors
/// When the text is no JSON or not of this type.
pub fn read<T: DeserializeOwned>(text: &str) -> Result<T, DecodeError> {
    decode(&parse(text)?)
}

/// # Errors
/// When the value is not of this type.
pub fn decode<T: DeserializeOwned>(value: &Value) -> Result<T, DecodeError> {
    T::deserialize(reader::Reader(value))
}

/// What the server hands into a page as it draws it. The document brings it along, so that it is there
/// in the browser from the start; a page that the browser draws by itself has none.
pub fn handed_in<T>(on_server: fn() -> Option<T>) -> Option<T>
where
    T: Serialize + DeserializeOwned + 'static,
{
    SharedValue::<Option<T>, Plain>::new_with_encoding(on_server).into_inner()
}

fn parse(text: &str) -> Result<Value, DecodeError> {
    serde_json::from_str(text).map_err(|_| DecodeError)
}

impl<T: Serialize> Encoder<T> for Plain {
    type Error = serde_json::Error;
    type Encoded = String;

    fn encode(value: &T) -> Result<String, Self::Error> {
        serde_json::to_string(value)
    }
}

impl<T: DeserializeOwned> Decoder<T> for Plain {
    type Error = DecodeError;
    type Encoded = str;

    fn decode(text: &str) -> Result<T, Self::Error> {
        read(text)
    }
}
