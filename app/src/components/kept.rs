use leptos::prelude::*;

use crate::{
    error::{AppError, Kind},
    providers::live::Live,
};

/// What a page showed last, so that a server that is away for a moment does not empty the screen.
pub struct Kept<K: 'static, T: 'static> {
    last: StoredValue<Option<(K, T)>>,
    live: Option<Live>,
}

impl<K, T> Clone for Kept<K, T> {
    fn clone(&self) -> Self {
        *self
    }
}

impl<K, T> Copy for Kept<K, T> {}

impl<K, T> Kept<K, T>
where
    K: PartialEq + Send + Sync + 'static,
    T: Clone + Send + Sync + 'static,
{
    pub fn empty() -> Self {
        Self { last: StoredValue::new(None), live: use_context() }
    }

    /// The answer, or what was last known under this key when the server could not be asked. Then it is
    /// asked again in a while.
    pub fn or_last(self, key: K, answer: Result<T, AppError>) -> Result<T, AppError> {
        match answer {
            Ok(fresh) => {
                self.last.set_value(Some((key, fresh.clone())));
                Ok(fresh)
            }
            Err(error) if matches!(error.kind, Kind::Network | Kind::Unavailable) => {
                if let Some(live) = self.live {
                    live.fell_behind();
                }
                let last = self.last.with_value(|kept| {
                    kept.as_ref().filter(|(known, _)| *known == key).map(|(_, value)| value.clone())
                });
                last.ok_or(error)
            }
            Err(error) => Err(error),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_a_server_that_is_away_is_bridged() {
        let owner = Owner::new();
        owner.set();
        let kept = Kept::empty();
        let away = || Err(AppError::new(Kind::Network, "away"));
        assert!(kept.or_last(1, away()).is_err());
        assert_eq!(kept.or_last(1, Ok("a")), Ok("a"));
        assert_eq!(kept.or_last(1, away()), Ok("a"));
        assert!(kept.or_last(2, away()).is_err(), "another page");
        assert!(kept.or_last(1, Err(AppError::new(Kind::LoggedOut, "out"))).is_err());
    }
}
