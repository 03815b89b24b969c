use leptos::prelude::*;

use crate::error::{AppError, Kind};

/// What a page showed last, so that a server that is away for a moment does not empty the screen.
pub struct Kept<K: 'static, T: 'static>(StoredValue<Option<(K, T)>>);

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
        Self(StoredValue::new(None))
    }

    /// The answer, or what was last known under this key when the server could not be asked. The bar
    /// above says that updates are paused.
    pub fn or_last(self, key: K, answer: Result<T, AppError>) -> Result<T, AppError> {
        match answer {
            Ok(fresh) => {
                self.0.set_value(Some((key, fresh.clone())));
                Ok(fresh)
            }
            Err(error) if matches!(error.kind, Kind::Network | Kind::Unavailable) => {
                let last = self.0.with_value(|kept| {
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
