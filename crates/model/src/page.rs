use serde::{Deserialize, Serialize};

/// Where the next page starts; opaque to its readers.
pub type Cursor = String;

/// One page of a list, newest first.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Page<T> {
    pub items: Vec<T>,
    pub next: Option<Cursor>,
}
