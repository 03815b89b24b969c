use axum::{
    body::Bytes,
    extract::{FromRequest, Request},
    http::StatusCode,
    response::{IntoResponse, Response},
};
use serde::de::DeserializeOwned;

use crate::middleware::{error_pages::Refusal, is_form};

/// A page's form as a struct of `String`, `bool` (check boxes with `value="true"`) and `Vec<String>`, all of them
/// `#[serde(default)]`, so that whatever was typed reaches the handler and can be shown again.
pub struct PageForm<T>(pub T);

impl<T: DeserializeOwned, S: Send + Sync> FromRequest<S> for PageForm<T> {
    type Rejection = Response;

    async fn from_request(request: Request, state: &S) -> Result<Self, Response> {
        if !is_form(request.headers()) {
            return Err(Refusal::not_a_form().into_response());
        }
        let body = Bytes::from_request(request, state).await.map_err(IntoResponse::into_response)?;
        read(&body).map(Self).ok_or_else(|| {
            let words = "This form was not understood. Load its page again and send it from there.";
            Refusal::new(StatusCode::UNPROCESSABLE_ENTITY, words).into_response()
        })
    }
}

fn read<T: DeserializeOwned>(body: &[u8]) -> Option<T> {
    // Browsers end lines so, scripts do not.
    let body = String::from_utf8_lossy(body).replace("%0D%0A", "%0A");
    serde_html_form::from_str(&body).ok()
}

#[cfg(test)]
mod tests {
    use serde::Deserialize;

    use super::*;

    #[derive(Debug, Default, PartialEq, Deserialize)]
    #[serde(default)]
    struct Form {
        name: String,
        agree: bool,
        roles: Vec<String>,
    }

    #[test]
    fn what_is_missing_is_empty_and_what_repeats_is_a_list() {
        assert_eq!(read::<Form>(b""), Some(Form::default()));
        let form = read::<Form>(b"name=a%0D%0Ab+c&roles=x&unknown=1&agree=true&roles=y");
        let roles = vec!["x".to_owned(), "y".to_owned()];
        assert_eq!(form, Some(Form { name: "a\nb c".to_owned(), agree: true, roles }));
        assert_eq!(read::<Form>(b"agree=on"), None);
    }
}
