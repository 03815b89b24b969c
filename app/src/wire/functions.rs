//! The encoding of server functions, on the server's side; see [`super::Call`] for the browser's.

use leptos::server_fn::{
    Bytes, ContentType, Decodes, Encodes, Format, FormatType,
    codec::Post,
    error::{FromServerFnError, ServerFnErrorErr},
};
use serde::{Serialize, de::DeserializeOwned};

use super::{DecodeError, Plain};
use crate::error::{AppError, Kind};

pub type Json = Post<Plain>;

impl ContentType for Plain {
    const CONTENT_TYPE: &'static str = "application/json";
}

impl FormatType for Plain {
    const FORMAT_TYPE: Format = Format::Text;
}

impl<T: Serialize> Encodes<T> for Plain {
    type Error = serde_json::Error;

    fn encode(value: &T) -> Result<Bytes, Self::Error> {
        serde_json::to_vec(value).map(Into::into)
    }
}

impl<T: DeserializeOwned> Decodes<T> for Plain {
    type Error = DecodeError;

    fn decode(bytes: Bytes) -> Result<T, Self::Error> {
        super::read(std::str::from_utf8(&bytes).map_err(|_| DecodeError)?)
    }
}

impl FromServerFnError for AppError {
    type Encoder = Plain;

    /// The cause is for the log; who called cannot do anything about it.
    fn from_server_fn_error(error: ServerFnErrorErr) -> Self {
        match error {
            ServerFnErrorErr::Args(_) | ServerFnErrorErr::MissingArg(_) => {
                Self::new(Kind::Network, "The request was not understood.")
            }
            _ => Self::not_understood(),
        }
    }
}
