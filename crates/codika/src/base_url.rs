use std::{fmt, str::FromStr};

use url::Url;

/// Where the platform answers: `http` or `https`, a host, maybe a path, nothing else.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct BaseUrl(Url);

/// Why a text is not a base URL. Never holds the text, which may carry a password.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum BaseUrlError {
    #[error("the base URL is not a URL")]
    Syntax,
    #[error("the base URL must start with http:// or https://")]
    Scheme,
    #[error("the base URL must not hold a user name or password")]
    UserInfo,
    #[error("the base URL must not hold a query or a fragment")]
    QueryOrFragment,
}

impl BaseUrl {
    /// # Errors
    /// [`BaseUrlError`] naming the part that does not fit.
    pub fn parse(text: &str) -> Result<Self, BaseUrlError> {
        let mut url = Url::parse(text.trim()).map_err(|_| BaseUrlError::Syntax)?;
        if !matches!(url.scheme(), "http" | "https") {
            return Err(BaseUrlError::Scheme);
        }
        if !url.username().is_empty() || url.password().is_some() {
            return Err(BaseUrlError::UserInfo);
        }
        if url.query().is_some() || url.fragment().is_some() {
            return Err(BaseUrlError::QueryOrFragment);
        }
        let path = url.path().trim_end_matches('/').to_owned();
        url.set_path(&path);
        Ok(Self(url))
    }

    /// The URL with `encoded` segments after its own path.
    pub(crate) fn join<'a>(&self, encoded: impl IntoIterator<Item = &'a str>) -> Url {
        let mut path = self.0.path().trim_end_matches('/').to_owned();
        for segment in encoded {
            path.push('/');
            path.push_str(segment);
        }
        let mut url = self.0.clone();
        url.set_path(&path);
        url
    }

    pub(crate) fn host(&self) -> Option<url::Host<&str>> {
        self.0.host()
    }

    /// Whether what is sent there can be read on its way: plain `http` to another machine.
    pub fn is_exposed(&self) -> bool {
        let local = match self.0.host() {
            Some(url::Host::Domain(name)) => name == "localhost" || name.ends_with(".localhost"),
            Some(url::Host::Ipv4(address)) => address.is_loopback(),
            Some(url::Host::Ipv6(address)) => address.is_loopback(),
            None => false,
        };
        !self.is_https() && !local
    }

    pub(crate) fn is_https(&self) -> bool {
        self.0.scheme() == "https"
    }
}

impl fmt::Display for BaseUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.0.as_str().trim_end_matches('/'))
    }
}

impl FromStr for BaseUrl {
    type Err = BaseUrlError;

    fn from_str(text: &str) -> Result<Self, BaseUrlError> {
        Self::parse(text)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keeps_a_path_and_drops_its_last_slash() {
        for (text, shown) in [
            ("https://api.codika.io", "https://api.codika.io"),
            (" http://127.0.0.1:9100/ ", "http://127.0.0.1:9100"),
            ("https://host.example/a/b/", "https://host.example/a/b"),
        ] {
            let base = BaseUrl::parse(text).unwrap();
            assert_eq!(base.to_string(), shown);
            assert_eq!(base.join(["status", "x%2Fy"]).as_str(), format!("{shown}/status/x%2Fy"));
        }
    }

    #[test]
    fn plain_http_is_exposed_but_on_this_machine() {
        for (text, exposed) in [
            ("https://host.example", false),
            ("http://host.example", true),
            ("http://10.0.0.1", true),
            ("http://127.0.0.1:9100", false),
            ("http://[::1]", false),
            ("http://localhost", false),
        ] {
            assert_eq!(BaseUrl::parse(text).unwrap().is_exposed(), exposed, "{text}");
        }
    }

    #[test]
    fn refuses_what_does_not_belong() {
        for (text, error) in [
            ("api.codika.io", BaseUrlError::Syntax),
            ("https://", BaseUrlError::Syntax),
            ("ftp://host", BaseUrlError::Scheme),
            ("file:///etc/passwd", BaseUrlError::Scheme),
            ("https://me:pw@host", BaseUrlError::UserInfo),
            ("https://me@host", BaseUrlError::UserInfo),
            ("https://host?api_key=x", BaseUrlError::QueryOrFragment),
            ("https://host#x", BaseUrlError::QueryOrFragment),
        ] {
            assert_eq!(BaseUrl::parse(text), Err(error), "{text}");
        }
    }
}
