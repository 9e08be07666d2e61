//! The JSON Schema (draft 2020-12) of the configuration file, printed from the table of keys.

use serde_json::{Map, Value, json};

use super::{
    choices::ACCESS,
    keys::{self, Key, Presence, Shape},
};
use crate::policy::MAPPED;

/// The schema, for editors that complete and underline TOML.
#[must_use]
pub(crate) fn json_schema() -> Value {
    let mut schema = table("");
    schema["$schema"] = json!("https://json-schema.org/draft/2020-12/schema");
    schema["title"] = json!("sigma-gateway configuration");
    schema["$defs"] = json!({ "secret": secret(), "condition": condition(), "value": value() });
    schema
}

fn table(pattern: &str) -> Value {
    let properties: Map<String, Value> =
        keys::below(pattern).map(|(name, key)| (name.to_owned(), property(key))).collect();
    let is_required = |(name, key): (&'static str, &Key)| matches!(key.presence, Presence::Required(_)).then_some(name);
    let required: Vec<&str> = keys::below(pattern).filter_map(is_required).collect();
    json!({ "type": "object", "properties": properties, "required": required, "additionalProperties": false })
}

fn property(key: &Key) -> Value {
    let mut property = of_shape(key);
    property["description"] = json!(key.doc);
    if let Presence::Default(toml) = key.presence {
        // The defaults are texts, booleans, arrays and empty tables: written alike in TOML and in JSON.
        property["default"] = serde_json::from_str(toml).unwrap_or_default();
    }
    property
}

fn of_shape(key: &Key) -> Value {
    match key.shape {
        Shape::Table => table(key.path),
        Shape::Keyed => json!({
            "type": "object",
            "propertyNames": { "pattern": "^[A-Za-z0-9_-]{1,64}$" },
            "additionalProperties": table(&key.inside()),
        }),
        Shape::List => json!({ "type": "array", "items": table(&key.inside()) }),
        Shape::OneOrMore => {
            let table = table(&key.inside());
            json!({ "oneOf": [table, { "type": "array", "items": table, "minItems": 1 }] })
        }
        Shape::Text | Shape::Certificates | Shape::Words | Shape::Picture => text(),
        Shape::Texts => json!({ "type": "array", "items": text() }),
        Shape::Integer(most) => json!({ "type": "integer", "minimum": 1, "maximum": most }),
        Shape::Boolean => json!({ "type": "boolean" }),
        Shape::Url => json!({ "type": "string", "format": "uri" }),
        Shape::Address => json!({ "type": "string", "pattern": ":[0-9]+$" }),
        Shape::Duration => json!({ "type": "string", "pattern": "^(?=.)([0-9]+d)?([0-9]+h)?([0-9]+m)?([0-9]+s)?$" }),
        Shape::Moment => json!({ "type": "string", "format": "date-time" }),
        Shape::Choice(built, _) => json!({ "enum": built }),
        Shape::ChoiceOrClaim(built) => json!({ "oneOf": [{ "enum": built }, claim()] }),
        Shape::OneOrMoreTexts => names(),
        Shape::Secret => reference("secret"),
        Shape::Secrets => json!({ "type": "array", "items": reference("secret"), "minItems": 1 }),
        Shape::OneOrMoreSecrets => {
            let several = json!({ "type": "array", "items": reference("secret"), "minItems": 1 });
            json!({ "oneOf": [reference("secret"), several] })
        }
        Shape::Scalars => {
            json!({ "type": "object", "additionalProperties": { "type": ["string", "integer", "boolean"] } })
        }
        Shape::Templates => json!({ "type": "object", "additionalProperties": { "type": "string" } }),
        Shape::Condition => reference("condition"),
        Shape::Access => json!({ "oneOf": [{ "enum": ACCESS.words }, when()] }),
        Shape::Allow => {
            json!({ "oneOf": [{ "const": MAPPED }, { "type": "array", "items": text(), "minItems": 1 }] })
        }
        // Not built yet: no value is right.
        Shape::Unbuilt(_) => json!({ "not": {} }),
    }
}

fn text() -> Value {
    json!({ "type": "string", "minLength": 1 })
}

fn reference(name: &str) -> Value {
    json!({ "$ref": format!("#/$defs/{name}") })
}

fn secret() -> Value {
    let properties = json!({ "file": text(), "env": text() });
    json!({ "type": "object", "properties": properties, "minProperties": 1, "maxProperties": 1, "additionalProperties": false })
}

fn when() -> Value {
    let properties = json!({ "when": reference("condition") });
    json!({ "type": "object", "properties": properties, "required": ["when"], "additionalProperties": false })
}

fn condition() -> Value {
    let conditions = json!({ "type": "array", "items": reference("condition"), "minItems": 1 });
    let values =
        json!({ "oneOf": [reference("value"), { "type": "array", "items": reference("value"), "minItems": 1 }] });
    json!({
        "type": "object",
        "properties": {
            "provider": names(), "all": conditions, "any": conditions, "not": reference("condition"),
            "absent": { "const": "empty" },
        },
        "additionalProperties": values,
    })
}

fn names() -> Value {
    json!({ "oneOf": [text(), { "type": "array", "items": text(), "minItems": 1 }] })
}

fn claim() -> Value {
    json!({ "type": "object", "properties": { "claim": text() }, "required": ["claim"], "additionalProperties": false })
}

fn value() -> Value {
    let glob = json!({ "type": "object", "properties": { "glob": text() }, "required": ["glob"], "additionalProperties": false });
    let exact = json!({ "type": "object", "properties": { "exact": text() }, "required": ["exact"], "additionalProperties": false });
    json!({ "oneOf": [{ "type": ["string", "integer", "boolean"] }, glob, exact] })
}
