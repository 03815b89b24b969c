use std::collections::HashSet;

use serde_json::Value;

use super::kind::word_of;
use super::read::{Object, choices, count, flag, member, number, strings, text};
use super::{Field, FileRules, Form, Item, Kind, NumberRules, Section, TextRules};
use crate::SchemaError;

/// Deeper than any form a person could fill in, shallow enough for every stack.
const MAX_DEPTH: usize = 24;
const MAX_FIELDS: usize = 2_000;

pub fn form(v: &Value) -> Result<Form, SchemaError> {
    match v {
        Value::Null => Ok(Form::default()),
        Value::Array(list) => {
            let mut parser = Parser { fields: 0 };
            Ok(Form { items: parser.items(list, "", 0, &mut HashSet::new())? })
        }
        other => Err(SchemaError::NotAList { found: word_of(other).into() }),
    }
}

struct Parser {
    fields: usize,
}

impl Parser {
    /// `seen` holds the keys of one object level; sections share it with what is around them.
    fn items<'a>(
        &mut self,
        list: &'a [Value],
        path: &str,
        depth: usize,
        seen: &mut HashSet<&'a str>,
    ) -> Result<Vec<Item>, SchemaError> {
        if depth > MAX_DEPTH {
            return Err(SchemaError::TooDeep { limit: MAX_DEPTH });
        }
        let mut out = Vec::with_capacity(list.len().min(MAX_FIELDS));
        for (i, v) in list.iter().enumerate() {
            let here = format!("{path}[{i}]");
            let o = match v {
                Value::Object(o) => o,
                Value::Null => continue,
                other => {
                    return Err(SchemaError::ItemNotAnObject { path: here, found: word_of(other).into() });
                }
            };
            self.fields += 1;
            if self.fields > MAX_FIELDS {
                return Err(SchemaError::TooManyFields { limit: MAX_FIELDS });
            }
            if member(o, &["type"]).and_then(Value::as_str) == Some("section") {
                let inner = list_member(o, &["inputSchema", "fields"]);
                out.push(Item::Section(Section {
                    title: text(o, &["title", "label"]).unwrap_or_default(),
                    description: text(o, &["description"]),
                    collapsible: flag(o, "collapsible").unwrap_or(false),
                    default_open: flag(o, "defaultOpen").unwrap_or(false),
                    items: self.items(inner, &here, depth + 1, seen)?,
                }));
                continue;
            }
            let key = ["key", "name"].iter().find_map(|n| o.get(*n).and_then(Value::as_str).filter(|s| !s.is_empty()));
            let Some(key) = key else {
                return Err(SchemaError::MissingKey { path: here });
            };
            if seen.insert(key) {
                out.push(Item::Field(self.field(key, o, &here, depth)?));
            }
        }
        Ok(out)
    }

    fn field(&mut self, key: &str, o: &Object, path: &str, depth: usize) -> Result<Field, SchemaError> {
        Ok(Field {
            key: key.into(),
            label: text(o, &["label"]).unwrap_or_else(|| key.into()),
            description: text(o, &["description"]),
            tooltip: text(o, &["tooltip"]),
            placeholder: text(o, &["placeholder"]),
            required: flag(o, "required").unwrap_or(false),
            default: member(o, &["defaultValue"]).cloned(),
            advisory: false,
            kind: self.kind(o, path, depth)?,
        })
    }

    fn kind(&mut self, o: &Object, path: &str, depth: usize) -> Result<Kind, SchemaError> {
        if depth > MAX_DEPTH {
            return Err(SchemaError::TooDeep { limit: MAX_DEPTH });
        }
        let word = text(o, &["type"]).unwrap_or_else(|| "string".into());
        let (min, max) = (count(o, &["minItems", "minSelections"]), count(o, &["maxItems", "maxSelections"]));
        Ok(match word.as_str() {
            "string" => Kind::String(text_rules(o)),
            "text" => {
                Kind::Text { rules: text_rules(o), rows: count(o, &["rows"]).map_or(4, |n| n.clamp(1, 40) as u32) }
            }
            "number" => Kind::Number(number_rules(o)),
            "boolean" => Kind::Boolean {
                enabled_label: text(o, &["enabledLabel"]).unwrap_or_else(|| "Enabled".into()),
                disabled_label: text(o, &["disabledLabel"]).unwrap_or_else(|| "Disabled".into()),
            },
            "date" => Kind::Date { min: text(o, &["minDate"]), max: text(o, &["maxDate"]) },
            // Choices without options could never be filled in.
            "select" | "radio" => match choices(o) {
                options if options.is_empty() => Kind::String(text_rules(o)),
                options if word == "select" => Kind::Select { options },
                options => Kind::Radio { options },
            },
            "multiselect" => {
                let min = count(o, &["minSelections", "minItems"]);
                let max = count(o, &["maxSelections", "maxItems"]);
                match choices(o) {
                    options if options.is_empty() => {
                        Kind::Array { item: Box::new(Kind::String(TextRules::default())), min, max }
                    }
                    options => Kind::Multiselect { options, min, max },
                }
            }
            "file" => Kind::File(FileRules {
                max_size: count(o, &["maxSize"]),
                allowed: strings(o, "allowedMimeTypes"),
                show_preview: flag(o, "showPreview").unwrap_or(false),
                tags: strings(o, "tags"),
                max_files: count(o, &["maxFiles"]),
            }),
            "array" => {
                let item = match member(o, &["itemField"]) {
                    Some(Value::Object(item)) => self.kind(item, path, depth + 1)?,
                    _ => Kind::String(TextRules::default()),
                };
                Kind::Array { item: Box::new(item), min, max }
            }
            "object" => match member(o, &["schema", "fields"]) {
                Some(Value::Array(list)) => {
                    Kind::Object { items: self.items(list, path, depth + 1, &mut HashSet::new())? }
                }
                _ => Kind::Json { declared: word },
            },
            "objectArray" => match member(o, &["itemSchema", "fields"]) {
                Some(Value::Array(list)) => {
                    Kind::ObjectArray { items: self.items(list, path, depth + 1, &mut HashSet::new())?, min, max }
                }
                _ => Kind::Json { declared: word },
            },
            _ => Kind::Json { declared: word },
        })
    }
}

fn list_member<'a>(o: &'a Object, names: &[&str]) -> &'a [Value] {
    member(o, names).and_then(Value::as_array).map_or(&[], Vec::as_slice)
}

fn text_rules(o: &Object) -> TextRules {
    TextRules {
        min_length: count(o, &["minLength"]),
        max_length: count(o, &["maxLength"]),
        pattern: text(o, &["regex"]),
        pattern_message: text(o, &["regexError"]),
    }
}

fn number_rules(o: &Object) -> NumberRules {
    NumberRules {
        integer: text(o, &["numberType"]).as_deref() == Some("integer"),
        min: number(o, "min"),
        max: number(o, "max"),
        step: number(o, "step").filter(|s| *s > 0.0),
    }
}
