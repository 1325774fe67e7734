//! The JSON Schema of the file, kinds included.

use std::borrow::Cow;

use schemars::{JsonSchema, Schema, SchemaGenerator, generate::SchemaSettings, json_schema};
use serde_json::{Map, Value, json};

use super::{
    Config,
    file::{BudgetKey, CheckEntry, EventWord, GatherKey, QuietHours, TextTemplates},
    kind::Kinds,
    planning::Section,
};
use crate::model::Name;

impl JsonSchema for Name {
    fn inline_schema() -> bool {
        true
    }

    fn schema_name() -> Cow<'static, str> {
        "Name".into()
    }

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        json_schema!({ "type": "string", "pattern": "^[A-Za-z0-9][A-Za-z0-9._-]{0,62}$" })
    }
}

/// The schema of a kind's settings, without references.
pub(crate) fn settings_schema<T: JsonSchema>() -> Value {
    let settings =
        SchemaSettings::draft2020_12().with(|settings| settings.inline_subschemas = true);
    settings.into_generator().into_root_schema_for::<T>().to_value()
}

fn named(definition: &str) -> Schema {
    json_schema!({
        "type": "object",
        "propertyNames": { "pattern": "^[A-Za-z0-9][A-Za-z0-9._-]{0,62}$" },
        "additionalProperties": { "$ref": format!("#/$defs/{definition}") }
    })
}

pub(crate) fn resources_schema(_: &mut SchemaGenerator) -> Schema {
    named("Resource")
}

pub(crate) fn services_schema(_: &mut SchemaGenerator) -> Schema {
    named("Service")
}

pub(crate) fn checks_schema(_: &mut SchemaGenerator) -> Schema {
    named("Check")
}

pub(crate) fn messaging_schema(_: &mut SchemaGenerator) -> Schema {
    named("Messaging")
}

pub(crate) fn stats_schema(_: &mut SchemaGenerator) -> Schema {
    named("Stats")
}

pub(crate) fn notifiers_schema(_: &mut SchemaGenerator) -> Schema {
    json_schema!({ "$ref": "#/$defs/Notifiers" })
}

/// The JSON Schema (draft 2020-12) of the whole file with these kinds, as indented JSON.
#[must_use]
pub fn schema(kinds: &Kinds) -> String {
    let mut root = SchemaSettings::draft2020_12().into_generator().into_root_schema_for::<Config>();
    let mut definitions = Map::new();
    for (name, section) in [
        ("Resource", Section::Resources),
        ("Service", Section::Services),
        ("Messaging", Section::Messaging),
        ("Stats", Section::Stats),
    ] {
        let kind = section.kind().and_then(|kind| kinds.probe(kind));
        definitions.insert(name.to_owned(), entry(kind.map(|kind| kind.schema()), None));
    }
    let checks = kinds.probes().iter().map(|kind| entry(Some(kind.schema()), Some(kind.name())));
    definitions.insert("Check".to_owned(), json!({ "anyOf": checks.collect::<Vec<_>>() }));
    definitions.insert("Notifiers".to_owned(), notifiers(kinds));
    let object = root.ensure_object();
    let known = object.entry("$defs").or_insert_with(|| json!({}));
    if let Value::Object(known) = known {
        known.extend(definitions);
    }
    format!("{:#}", root.to_value())
}

/// A check's common keys together with those of its kind.
fn entry(settings: Option<Value>, kind: Option<&str>) -> Value {
    let mut common = settings_schema::<CheckEntry>();
    merge(&mut common, settings);
    if let Some(Value::Object(properties)) = common.get_mut("properties") {
        match kind {
            // Over several layers only one of them has to name the kind.
            Some(kind) => properties.insert("kind".to_owned(), json!({ "const": kind })),
            None => properties.remove("kind"),
        };
    }
    common
}

fn merge(common: &mut Value, settings: Option<Value>) {
    let Some(Value::Object(more)) =
        settings.and_then(|mut settings| settings.get_mut("properties").map(Value::take))
    else {
        return;
    };
    if let Some(Value::Object(properties)) = common.get_mut("properties") {
        properties.extend(more);
    }
    if let Value::Object(common) = common {
        for word in ["$schema", "title", "required"] {
            common.remove(word);
        }
    }
}

fn notifiers(kinds: &Kinds) -> Value {
    let mut by_kind = Map::new();
    for kind in kinds.notifiers() {
        let events = json!({ "type": "array", "items": settings_schema::<EventWord>() });
        let templates = settings_schema::<TextTemplates>();
        let mut properties = json!({ "events": events, "templates": templates });
        if kind.tells_people()
            && let Some(known) = properties.as_object_mut()
        {
            known.insert("gather".to_owned(), settings_schema::<GatherKey>());
            known.insert("budget".to_owned(), settings_schema::<BudgetKey>());
            known.insert("quiet".to_owned(), settings_schema::<QuietHours>());
        }
        let mut table =
            json!({ "type": "object", "properties": properties, "additionalProperties": false });
        merge(&mut table, Some(kind.schema()));
        by_kind.insert(
            kind.name().to_owned(),
            json!({ "type": "object", "additionalProperties": table }),
        );
    }
    json!({ "type": "object", "properties": by_kind, "additionalProperties": false })
}
