//! Schemas in readers' words.

use serde_json::Value;

use crate::site::view::{Field, Kind, Shape, Word};
use crate::site::{render_inline, render_plain};

/// Bounds that are told, with the words before and after each.
const BOUNDS: [(&str, &str, &str); 9] = [
    ("minimum", "at least ", ""),
    ("maximum", "at most ", ""),
    ("minLength", "at least ", " characters"),
    ("maxLength", "at most ", " characters"),
    ("minItems", "at least ", " entries"),
    ("maxItems", "at most ", " entries"),
    ("minProperties", "at least ", " names"),
    ("maxProperties", "at most ", " names"),
    ("pattern", "matches ", ""),
];

/// A text of an object; empty where there is none.
pub fn text<'a>(of: &'a Value, name: &str) -> &'a str {
    of[name].as_str().unwrap_or_default()
}

/// What a schema takes.
pub fn shape(schema: &Value) -> Shape {
    let shapes = |name: &str| schema[name].as_array().into_iter().flatten().map(shape).collect::<Vec<_>>();
    let (fields, all) = (fields(schema), shapes("allOf"));
    // Two types for one value are said in a few words; objects are shown one by one.
    let one = if is_of_objects(schema) { shapes("oneOf") } else { Vec::new() };
    let is_plain = fields.is_empty() && all.is_empty() && one.is_empty();
    Shape {
        title: title(schema),
        description_html: render_plain(text(schema, "description")),
        kind: is_plain.then(|| kind(schema)),
        fields,
        all,
        one,
    }
}

/// Whether it is a choice among objects.
fn is_of_objects(schema: &Value) -> bool {
    let choices = schema["oneOf"].as_array().into_iter().flatten();
    choices.clone().any(|choice| choice.get("properties").is_some() || choice.get("allOf").is_some())
}

/// Its name among others: its own, or the only word that its field `type` may be.
fn title(schema: &Value) -> String {
    let parts = schema["allOf"].as_array().into_iter().flatten().chain([schema]);
    let tag = parts.filter_map(|part| part.pointer("/properties/type/enum/0")).find_map(Value::as_str);
    schema["title"].as_str().or(tag).unwrap_or_default().to_owned()
}

/// The fields of an object, those first that must be there.
pub fn fields(schema: &Value) -> Vec<Field> {
    let required: Vec<_> = schema["required"].as_array().into_iter().flatten().filter_map(Value::as_str).collect();
    let properties = schema["properties"].as_object().into_iter().flatten();
    let mut fields: Vec<_> = properties.map(|(name, of)| field(name, of, of, &required)).collect();
    fields.sort_by_key(|field| !field.is_required);
    fields
}

/// A field with this schema.
pub fn field(name: &str, described: &Value, schema: &Value, required: &[&str]) -> Field {
    // What is counted is never less than nothing.
    let bound = |(key, before, after): &(&str, &str, &str)| {
        let value = schema.get(*key).filter(|value| **value != 0)?;
        let value = value.as_str().map_or_else(|| value.to_string(), str::to_owned);
        Some(format!("{before}{value}{after}").replace("at least 1 characters", "not empty"))
    };
    let default = schema.get("default").filter(|value| !value.is_null()).map(|value| format!("default {value}"));
    Field {
        name: name.to_owned(),
        kind: kind(schema),
        is_required: required.contains(&name),
        description_html: render_inline(text(described, "description")),
        notes: BOUNDS.iter().filter_map(bound).chain(default).collect(),
    }
}

/// A type, in a few words.
pub fn kind(schema: &Value) -> Kind {
    let mut words = Vec::new();
    say(schema, &mut words);
    Kind(words)
}

fn plain(text: &str) -> Word {
    Word { text: text.to_owned(), href: None, is_literal: false }
}

fn say(schema: &Value, words: &mut Vec<Word>) {
    if let Some(name) = text(schema, "$ref").rsplit('/').next().filter(|name| !name.is_empty()) {
        words.push(Word { text: name.to_owned(), href: Some(format!("#{name}")), is_literal: false });
        return;
    }
    for list in ["oneOf", "anyOf"] {
        if let Some(choices) = schema[list].as_array() {
            return say_each(choices, " or ", words);
        }
    }
    if let Some(parts) = schema["allOf"].as_array() {
        return say_each(parts, " and ", words);
    }
    let only = schema.pointer("/propertyNames/enum");
    words.extend(only.map(|_| plain("object with no name but ")));
    if let Some(values) = only.unwrap_or(&schema["enum"]).as_array() {
        for (index, value) in values.iter().enumerate() {
            words.extend((index > 0).then(|| plain(" ")));
            let text = value.as_str().map_or_else(|| value.to_string(), str::to_owned);
            words.push(Word { text, href: None, is_literal: true });
        }
        return;
    }
    let types = match &schema["type"] {
        Value::Array(types) => types.iter().filter_map(Value::as_str).collect(),
        Value::String(one) => vec![one.as_str()],
        _ => vec!["any value"],
    };
    for (index, name) in types.into_iter().enumerate() {
        words.extend((index > 0).then(|| plain(" or ")));
        let inner = match name {
            "array" => schema.get("items"),
            "object" => schema.get("additionalProperties").filter(|of| of.is_object()),
            _ => None,
        };
        match inner {
            Some(inner) => {
                words.push(plain(if name == "array" { "list of " } else { "object of names to " }));
                say(inner, words);
            }
            None => words.push(plain(if name == "array" { "list" } else { name })),
        }
    }
}

fn say_each(schemas: &[Value], between: &str, words: &mut Vec<Word>) {
    for (index, schema) in schemas.iter().enumerate() {
        words.extend((index > 0).then(|| plain(between)));
        say(schema, words);
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn said(schema: Value) -> String {
        kind(&schema).0.into_iter().map(|word| word.text).collect()
    }

    #[test]
    fn types_in_words() {
        for (schema, words) in [
            (json!({"type": "string"}), "string"),
            (json!({"type": ["string", "null"]}), "string or null"),
            (json!({"type": "array", "items": {"$ref": "#/components/schemas/Exit"}}), "list of Exit"),
            (json!({"type": "object", "additionalProperties": {"type": "string"}}), "object of names to string"),
            (json!({"type": "object", "additionalProperties": false}), "object"),
            (json!({"oneOf": [{"type": "boolean"}, {"enum": ["on", "off"]}]}), "boolean or on off"),
            (json!({"propertyNames": {"enum": ["GOGC"]}}), "object with no name but GOGC"),
            (json!({}), "any value"),
        ] {
            assert_eq!(said(schema.clone()), words, "{schema}");
        }
    }

    #[test]
    fn a_choice_of_objects_is_shown_one_by_one() {
        let tag = json!({"properties": {"type": {"enum": ["exit"]}}});
        let shown =
            shape(&json!({"oneOf": [{"allOf": [{"$ref": "#/x/Exit"}, tag]}, {"type": "object", "properties": {}}]}));
        assert_eq!((shown.one.len(), shown.one[0].title.as_str(), shown.kind.is_none()), (2, "exit", true));
    }
}
