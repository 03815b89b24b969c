mod choice;
mod message;
mod number;
mod text;

pub(crate) use number::not_a_number;

use serde_json::{Map, Value};

use crate::error::{ErrorCode, FieldError};
use crate::form::{Field, Form, Item, Kind, fields_of, word_of};

/// More mistakes than anybody reads; a hostile list of a million wrong entries stays cheap.
const MAX_ERRORS: usize = 100;

/// Everything that is wrong with an input, in the order of the form; empty means it may be sent.
/// Limits of [`Field::advisory`] fields are left out (see [`warnings`]).
///
/// `null` counts as absent. Members the form does not know are reported as
/// [`ErrorCode::UnknownField`], last.
pub fn validate(form: &Form, input: &Value) -> Vec<FieldError> {
    run(form, input, false)
}

/// Limits that were read from an author's prose and are exceeded: worth saying, never blocking.
pub fn warnings(form: &Form, input: &Value) -> Vec<FieldError> {
    run(form, input, true)
}

fn run(form: &Form, input: &Value, advisory: bool) -> Vec<FieldError> {
    let mut walk = Walk { errors: Vec::new(), collect_advisory: advisory, in_advisory: false };
    match input {
        Value::Object(o) => walk.object(&form.items, o, ""),
        other => walk.report("", ErrorCode::WrongType, format!("The input must be an object, not {}.", word_of(other))),
    }
    walk.errors
}

/// Absent, as the encoding rules see it: nothing that would be sent.
pub(crate) fn is_blank(v: &Value) -> bool {
    match v {
        Value::Null => true,
        Value::String(s) => s.is_empty(),
        Value::Array(list) => list.is_empty(),
        Value::Object(o) => o.is_empty(),
        _ => false,
    }
}

struct Walk {
    errors: Vec<FieldError>,
    collect_advisory: bool,
    in_advisory: bool,
}

impl Walk {
    fn report(&mut self, path: &str, code: ErrorCode, message: String) {
        let advisory = self.in_advisory && code.is_limit();
        if advisory == self.collect_advisory && self.errors.len() < MAX_ERRORS {
            self.errors.push(FieldError::new(path, code, message));
        }
    }

    fn full(&self) -> bool {
        self.errors.len() >= MAX_ERRORS
    }

    fn object(&mut self, items: &[Item], o: &Map<String, Value>, at: &str) {
        for field in fields_of(items) {
            self.field(field, o.get(&field.key).unwrap_or(&Value::Null), &join(at, &field.key));
        }
        for key in o.keys().filter(|key| fields_of(items).all(|field| field.key != **key)) {
            if self.full() {
                return;
            }
            self.report(&join(at, key), ErrorCode::UnknownField, message::unknown_field(key, fields_of(items)));
        }
    }

    fn field(&mut self, field: &Field, v: &Value, path: &str) {
        let outer = self.in_advisory;
        self.in_advisory |= field.advisory;
        if is_blank(v) && !wrong_blank(&field.kind, v) {
            if field.required {
                self.report(path, ErrorCode::Required, message::required(field));
            }
        } else {
            self.value(&field.kind, v, path);
        }
        self.in_advisory = outer;
    }

    fn value(&mut self, kind: &Kind, v: &Value, path: &str) {
        match kind {
            Kind::String(rules) | Kind::Text { rules, .. } => text::check(self, rules, v, path),
            Kind::Number(rules) => number::check(self, rules, v, path),
            Kind::Boolean { .. } => {
                if !v.is_boolean() {
                    self.wrong_type(path, "yes or no (true or false)", v);
                }
            }
            Kind::Date { min, max } => text::check_date(self, min.as_deref(), max.as_deref(), v, path),
            Kind::Select { options } | Kind::Radio { options } => choice::check_one(self, options, v, path),
            Kind::Multiselect { options, min, max } => choice::check_many(self, options, (*min, *max), v, path),
            Kind::File(_) => {
                if !v.is_string() && !v.is_object() {
                    self.wrong_type(path, "a file id or an object", v);
                }
            }
            Kind::Array { item, min, max } => {
                if let Some(list) = self.list(v, (*min, *max), path) {
                    for (i, entry) in list.iter().enumerate() {
                        if self.full() {
                            return;
                        }
                        self.value(item, entry, &format!("{path}[{i}]"));
                    }
                }
            }
            Kind::Object { items } => match v {
                Value::Object(o) => self.object(items, o, path),
                other => self.wrong_type(path, "an object", other),
            },
            Kind::ObjectArray { items, min, max } => {
                if let Some(list) = self.list(v, (*min, *max), path) {
                    for (i, entry) in list.iter().enumerate() {
                        if self.full() {
                            return;
                        }
                        let at = format!("{path}[{i}]");
                        match entry {
                            Value::Object(o) => self.object(items, o, &at),
                            other => self.wrong_type(&at, "an object", other),
                        }
                    }
                }
            }
            Kind::Json { declared } => match declared.as_str() {
                "object" if !v.is_object() => self.wrong_type(path, "an object", v),
                "objectArray" if !v.is_array() => self.wrong_type(path, "a list", v),
                _ => {}
            },
        }
    }

    fn list<'a>(&mut self, v: &'a Value, limits: (Option<u64>, Option<u64>), path: &str) -> Option<&'a [Value]> {
        let Value::Array(list) = v else {
            self.wrong_type(path, "a list", v);
            return None;
        };
        self.count(list.len(), limits, ("entry", "entries"), path);
        Some(list)
    }

    fn count(&mut self, have: usize, (min, max): (Option<u64>, Option<u64>), noun: (&str, &str), path: &str) {
        let have = have as u64;
        if let Some(min) = min.filter(|min| have < *min) {
            self.report(path, ErrorCode::TooFew, message::at_least(min, have, noun, "Add"));
        }
        if let Some(max) = max.filter(|max| have > *max) {
            self.report(path, ErrorCode::TooMany, message::at_most(max, have, noun));
        }
    }

    fn wrong_type(&mut self, path: &str, want: &str, got: &Value) {
        self.report(path, ErrorCode::WrongType, format!("This must be {want}, not {}.", word_of(got)));
    }
}

/// A blank of another shape, such as `[]` for a text, is a mistake and not an absent value.
fn wrong_blank(kind: &Kind, v: &Value) -> bool {
    match v {
        Value::Array(_) => !matches!(
            kind,
            Kind::Array { .. } | Kind::ObjectArray { .. } | Kind::Multiselect { .. } | Kind::Json { .. }
        ),
        Value::Object(_) => !matches!(kind, Kind::Object { .. } | Kind::Json { .. } | Kind::File(_)),
        _ => false,
    }
}

fn join(at: &str, key: &str) -> String {
    if at.is_empty() { key.into() } else { format!("{at}.{key}") }
}

#[cfg(test)]
mod tests;
