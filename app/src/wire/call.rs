//! Calls from a page to the server: a server function there, a request here.

use std::{marker::PhantomData, pin::Pin};

use serde::de::DeserializeOwned;
use serde_json::Value;

use crate::error::AppError;

pub type Pending<T> = Pin<Box<dyn Future<Output = Result<T, AppError>> + Send>>;

/// A call that is made once somebody waits for its answer. Answers stay values until then, so that the
/// browser has the code of making calls once and not once for every type.
pub struct Call<T> {
    /// What is asked, with everything that makes a difference.
    pub question: String,
    pub answer: Pending<Value>,
    of: PhantomData<fn() -> T>,
}

impl<T: serde::Serialize + 'static> Call<T> {
    /// Asks the server function itself.
    #[cfg(feature = "ssr")]
    pub fn here(
        name: &str,
        arguments: Value,
        answer: impl Future<Output = Result<T, AppError>> + Send + 'static,
    ) -> Self {
        let answer = Box::pin(async move {
            let answer = answer.await?;
            serde_json::to_value(answer).map_err(|_| AppError::not_understood())
        });
        Self { question: question(name, &arguments), answer, of: PhantomData }
    }
}

impl<T> Call<T> {
    /// Asks the server.
    #[cfg(not(feature = "ssr"))]
    pub fn there(name: &'static str, arguments: Value) -> Self {
        let question = question(name, &arguments);
        Self { question, answer: super::post::post(name, arguments.to_string()), of: PhantomData }
    }
}

fn question(name: &str, arguments: &Value) -> String {
    format!("{name} {arguments}")
}

impl<T: DeserializeOwned + 'static> IntoFuture for Call<T> {
    type Output = Result<T, AppError>;
    type IntoFuture = Pending<T>;

    fn into_future(self) -> Pending<T> {
        Box::pin(async move {
            let answer = self.answer.await?;
            super::decode(&answer).map_err(|_| AppError::not_understood())
        })
    }
}

/// Declares what a page can ask of the server: on the server as a server function under `/rpc/` with
/// this body, in the browser as the request for it.
macro_rules! calls {
    ($(
        $(#[$attribute:meta])*
        pub async fn $name:ident($($argument:ident: $type:ty),* $(,)?) -> Result<$answer:ty, AppError> $body:block
    )*) => {
        $(
            $(#[$attribute])*
            pub fn $name($($argument: $type),*) -> $crate::wire::Call<$answer> {
                let arguments = serde_json::json!({ $(stringify!($argument): &$argument),* });
                #[cfg(feature = "ssr")]
                return $crate::wire::Call::here(stringify!($name), arguments, functions::$name($($argument),*));
                #[cfg(not(feature = "ssr"))]
                return $crate::wire::Call::there(stringify!($name), arguments);
            }
        )*

        #[cfg(feature = "ssr")]
        pub mod functions {
            use leptos::prelude::*;

            use super::*;

            $(
                #[server(input = $crate::wire::Json, output = $crate::wire::Json)]
                pub async fn $name($($argument: $type),*) -> Result<$answer, AppError> $body
            )*
        }
    };
}
pub(crate) use calls;
