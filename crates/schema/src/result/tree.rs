//! A JSON value as far as anybody can look at it. A view shows a few hundred values of a result that may have a
//! million, and each value takes many times the room of its text: of long lists and objects only the beginning is
//! kept, and the rest is counted.

use serde::de::{DeserializeSeed, Deserializer, Error, IgnoredAny, MapAccess, SeqAccess, Visitor};
use serde_json::{Number, Value};

/// Of one list or object. More than any view shows, so that what is decided by looking at all of them is decided by
/// many.
const MAX_KEPT: usize = 2_000;
/// Of one result.
pub const MAX_VALUES: usize = 60_000;

#[derive(Clone, Debug, PartialEq)]
pub enum Tree {
    Null,
    Bool(bool),
    Number(Number),
    Text(String),
    List(List),
    Object(Object),
}

#[derive(Clone, Debug, Default, PartialEq)]
pub struct List {
    pub kept: Vec<Tree>,
    pub total: usize,
}

#[derive(Clone, Debug, Default, PartialEq)]
pub struct Object {
    /// In the order in which they came; each name once.
    pub kept: Vec<(String, Tree)>,
    pub total: usize,
}

impl Tree {
    /// Reads JSON; `left` says how many values may still be kept, and is what is left of them afterwards.
    ///
    /// # Errors
    /// When it is none.
    pub fn read(text: &[u8], left: &mut usize) -> Result<Self, serde_json::Error> {
        let mut reader = serde_json::Deserializer::from_slice(text);
        let tree = Reader(left).deserialize(&mut reader)?;
        reader.end()?;
        Ok(tree)
    }

    pub fn is_text(&self) -> bool {
        matches!(self, Self::Text(_))
    }

    pub fn is_scalar(&self) -> bool {
        !matches!(self, Self::List(_) | Self::Object(_))
    }

    pub fn as_text(&self) -> Option<&str> {
        match self {
            Self::Text(text) => Some(text),
            _ => None,
        }
    }

    pub fn as_object(&self) -> Option<&Object> {
        match self {
            Self::Object(object) => Some(object),
            _ => None,
        }
    }
}

impl Object {
    pub fn get(&self, name: &str) -> Option<&Tree> {
        self.kept.iter().find(|(known, _)| known == name).map(|(_, value)| value)
    }

    pub fn is_empty(&self) -> bool {
        self.total == 0
    }

    /// Of a repeated name the last value counts.
    fn put(&mut self, name: String, value: Tree) {
        match self.kept.iter_mut().find(|(known, _)| *known == name) {
            Some((_, known)) => *known = value,
            None => {
                self.kept.push((name, value));
                self.total += 1;
            }
        }
    }
}

impl From<&Value> for Tree {
    fn from(value: &Value) -> Self {
        match value {
            Value::Null => Self::Null,
            Value::Bool(flag) => Self::Bool(*flag),
            Value::Number(number) => Self::Number(number.clone()),
            Value::String(text) => Self::Text(text.clone()),
            Value::Array(items) => {
                Self::List(List { kept: items.iter().map(Self::from).collect(), total: items.len() })
            }
            Value::Object(members) => {
                let kept = members.iter().map(|(name, value)| (name.clone(), Self::from(value))).collect();
                Self::Object(Object { kept, total: members.len() })
            }
        }
    }
}

/// With what is left to be kept.
struct Reader<'a>(&'a mut usize);

impl Reader<'_> {
    fn has_room(&self, kept: usize) -> bool {
        *self.0 > 0 && kept < MAX_KEPT
    }
}

impl<'de> DeserializeSeed<'de> for Reader<'_> {
    type Value = Tree;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<Tree, D::Error> {
        *self.0 = self.0.saturating_sub(1);
        deserializer.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for Reader<'_> {
    type Value = Tree;

    fn expecting(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("a JSON value")
    }

    fn visit_unit<E: Error>(self) -> Result<Tree, E> {
        Ok(Tree::Null)
    }

    fn visit_bool<E: Error>(self, flag: bool) -> Result<Tree, E> {
        Ok(Tree::Bool(flag))
    }

    fn visit_i64<E: Error>(self, number: i64) -> Result<Tree, E> {
        Ok(Tree::Number(number.into()))
    }

    fn visit_u64<E: Error>(self, number: u64) -> Result<Tree, E> {
        Ok(Tree::Number(number.into()))
    }

    fn visit_f64<E: Error>(self, number: f64) -> Result<Tree, E> {
        Ok(Number::from_f64(number).map_or(Tree::Null, Tree::Number))
    }

    fn visit_str<E: Error>(self, text: &str) -> Result<Tree, E> {
        Ok(Tree::Text(text.to_owned()))
    }

    fn visit_string<E: Error>(self, text: String) -> Result<Tree, E> {
        Ok(Tree::Text(text))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut items: A) -> Result<Tree, A::Error> {
        let mut list = List::default();
        while self.has_room(list.kept.len()) {
            let Some(item) = items.next_element_seed(Reader(self.0))? else { return Ok(Tree::List(list)) };
            list.kept.push(item);
            list.total += 1;
        }
        while items.next_element::<IgnoredAny>()?.is_some() {
            list.total += 1;
        }
        Ok(Tree::List(list))
    }

    fn visit_map<A: MapAccess<'de>>(self, mut members: A) -> Result<Tree, A::Error> {
        let mut object = Object::default();
        while self.has_room(object.kept.len()) {
            let Some(name) = members.next_key::<String>()? else { return Ok(Tree::Object(object)) };
            object.put(name, members.next_value_seed(Reader(self.0))?);
        }
        while members.next_entry::<IgnoredAny, IgnoredAny>()?.is_some() {
            object.total += 1;
        }
        Ok(Tree::Object(object))
    }
}
