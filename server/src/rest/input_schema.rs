//! A form in the words of Codika's `inputSchema`: what the author wrote, as far as it was understood.
//! It can be given back when a workflow is added by hand.

use schema::{Choice, Field, Form, Item, Kind, TextRules};
use serde_json::{Map, Value, json};

pub fn input_schema(form: &Form) -> Value {
    items(&form.items)
}

fn items(items: &[Item]) -> Value {
    items.iter().map(item).collect()
}

fn item(item: &Item) -> Value {
    match item {
        Item::Section(section) => without_nulls(json!({
            "type": "section",
            "title": section.title,
            "description": section.description,
            "collapsible": section.collapsible,
            "defaultOpen": section.default_open,
            "inputSchema": items(&section.items),
        })),
        Item::Field(field) => self::field(field),
    }
}

fn field(field: &Field) -> Value {
    let own = json!({
        "key": field.key,
        "label": field.label,
        "description": field.description,
        "tooltip": field.tooltip,
        "placeholder": field.placeholder,
        "required": field.required,
        "defaultValue": field.default,
    });
    joined(own, kind(&field.kind))
}

fn kind(kind: &Kind) -> Value {
    match kind {
        Kind::String(rules) => joined(json!({ "type": "string" }), text_rules(rules)),
        Kind::Text { rules, rows } => joined(json!({ "type": "text", "rows": rows }), text_rules(rules)),
        Kind::Number(rules) => without_nulls(json!({
            "type": "number",
            "numberType": if rules.integer { "integer" } else { "double" },
            "min": rules.min,
            "max": rules.max,
            "step": rules.step,
        })),
        Kind::Boolean { enabled_label, disabled_label } => {
            json!({ "type": "boolean", "enabledLabel": enabled_label, "disabledLabel": disabled_label })
        }
        Kind::Date { min, max } => without_nulls(json!({ "type": "date", "minDate": min, "maxDate": max })),
        Kind::Select { options } => json!({ "type": "select", "options": choices(options) }),
        Kind::Radio { options } => json!({ "type": "radio", "options": choices(options) }),
        Kind::Multiselect { options, min, max } => without_nulls(json!({
            "type": "multiselect",
            "options": choices(options),
            "minSelections": min,
            "maxSelections": max,
        })),
        Kind::File(rules) => without_nulls(json!({
            "type": "file",
            "maxSize": rules.max_size,
            "allowedMimeTypes": rules.allowed,
            "showPreview": rules.show_preview,
            "tags": rules.tags,
            "maxFiles": rules.max_files,
        })),
        Kind::Array { item, min, max } => without_nulls(json!({
            "type": "array",
            "itemField": self::kind(item),
            "minItems": min,
            "maxItems": max,
        })),
        Kind::Object { items } => json!({ "type": "object", "schema": self::items(items) }),
        Kind::ObjectArray { items, min, max } => without_nulls(json!({
            "type": "objectArray",
            "itemSchema": self::items(items),
            "minItems": min,
            "maxItems": max,
        })),
        Kind::Json { declared } => json!({ "type": declared }),
    }
}

fn text_rules(rules: &TextRules) -> Value {
    json!({
        "minLength": rules.min_length,
        "maxLength": rules.max_length,
        "regex": rules.pattern,
        "regexError": rules.pattern_message,
    })
}

fn choices(options: &[Choice]) -> Value {
    options.iter().map(|option| json!({ "value": option.value, "label": option.label })).collect()
}

fn joined(one: Value, other: Value) -> Value {
    [one, other].into_iter().flat_map(members).collect()
}

/// What was not said is left out.
fn without_nulls(value: Value) -> Value {
    members(value).collect()
}

fn members(value: Value) -> impl Iterator<Item = (String, Value)> {
    let members = match value {
        Value::Object(members) => members,
        _ => Map::new(),
    };
    members.into_iter().filter(|(_, value)| !value.is_null())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_told_reads_as_the_same_form() {
        let written = json!([
            { "key": "plain" },
            { "key": "word", "type": "string", "label": "A word", "required": true, "minLength": 1, "maxLength": 9,
              "regex": "^a", "regexError": "Start with a", "placeholder": "abc", "tooltip": "tip", "description": "d" },
            { "key": "story", "type": "text", "rows": 9, "defaultValue": "once" },
            { "key": "count", "type": "number", "numberType": "integer", "min": 1, "max": 5, "step": 2 },
            { "key": "price", "type": "number", "min": 0.5 },
            { "key": "sure", "type": "boolean", "enabledLabel": "Yes", "disabledLabel": "No", "defaultValue": false },
            { "key": "day", "type": "date", "minDate": "2020-01-01" },
            { "type": "section", "title": "More", "collapsible": true, "defaultOpen": true, "inputSchema": [
                { "key": "one", "type": "select", "options": [{ "value": "a", "label": "A" }, { "value": "b", "label": "b" }] },
                { "key": "either", "type": "radio", "options": [{ "value": "a", "label": "A" }] },
                { "key": "some", "type": "multiselect", "options": [{ "value": "a", "label": "A" }],
                  "minSelections": 1, "maxSelections": 2 }
            ] },
            { "key": "scan", "type": "file", "maxSize": 9, "allowedMimeTypes": ["image/*"], "maxFiles": 2, "tags": ["t"] },
            { "key": "words", "type": "array", "itemField": { "type": "number", "max": 3 }, "maxItems": 4 },
            { "key": "who", "type": "object", "schema": [{ "key": "name", "type": "string" }] },
            { "key": "lines", "type": "objectArray", "itemSchema": [{ "key": "sku" }], "minItems": 1 },
            { "key": "odd", "type": "hologram" }
        ]);
        let form = Form::parse(&written).expect("a form");
        let told = input_schema(&form);
        assert_eq!(Form::parse(&told), Ok(form));
        assert_eq!(told[1]["maxLength"], 9);
        assert_eq!(told[0].get("description"), None);
    }
}
