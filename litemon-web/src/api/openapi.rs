//! The OpenAPI 3.1 document, from the table of routes and the types.

use schemars::{JsonSchema, SchemaGenerator, generate::SchemaSettings};
use serde_json::{Map, Value, json};

use super::{
    ROOT, ROUTES, Route, Shape,
    query::{Kind, Parameter},
    types::{Changes, Problem, Summary},
};

/// What it says of this API as a whole.
const ABOUT: &str = "What a running litemon knows. Times are RFC 3339 in UTC, durations whole \
                     milliseconds. Errors, addresses and recipients are null for a reader who may \
                     not know them. Fields are only ever added; readers pass over what they do not \
                     know. Errors are problem details (RFC 9457).";

/// The document.
pub(super) fn document() -> Value {
    let mut settings = SchemaSettings::draft2020_12().for_serialize();
    settings.definitions_path = "/components/schemas".into();
    settings.meta_schema = None;
    let mut generator = settings.into_generator();
    let mut paths = Map::new();
    for route in ROUTES {
        let path = paths.entry(format!("{ROOT}{}", route.path)).or_insert_with(|| json!({}));
        if let Value::Object(methods) = path {
            methods.insert(route.method.as_str().to_lowercase(), operation(route, &mut generator));
        }
    }
    json!({
        "openapi": "3.1.0",
        "info": {
            "title": "litemon",
            "version": "1",
            "description": ABOUT,
            "license": { "name": "MIT OR Apache-2.0", "identifier": "MIT OR Apache-2.0" },
        },
        "paths": paths,
        "components": { "schemas": generator.take_definitions(true) },
    })
}

fn operation(route: &Route, generator: &mut SchemaGenerator) -> Value {
    let (status, content) = content(&route.answer, generator);
    let problem = named::<Problem>(generator);
    json!({
        "operationId": route.name,
        "summary": route.about,
        "parameters": parameters(route),
        "responses": {
            status: { "description": route.about, "content": content },
            "default": {
                "description": "Why it is not answered",
                "content": { "application/problem+json": { "schema": problem } },
            },
        },
    })
}

fn named<T: JsonSchema>(generator: &mut SchemaGenerator) -> Value {
    generator.subschema_for::<T>().to_value()
}

fn content(shape: &Shape, generator: &mut SchemaGenerator) -> (String, Value) {
    match shape {
        Shape::Json(status, schema) => {
            let schema = schema(generator).to_value();
            (status.to_string(), json!({ "application/json": { "schema": schema } }))
        }
        Shape::Events => {
            let (summary, changes) = (named::<Summary>(generator), named::<Changes>(generator));
            let about = "`event: summary` and `event: changes`; the data of each is JSON";
            let schema = json!({
                "type": "string",
                "description": about,
                "contentMediaType": "text/event-stream",
                "contentSchema": { "anyOf": [summary, changes] },
            });
            ("200".to_owned(), json!({ "text/event-stream": { "schema": schema } }))
        }
        Shape::Document => {
            ("200".to_owned(), json!({ "application/json": { "schema": { "type": "object" } } }))
        }
    }
}

fn parameters(route: &Route) -> Vec<Value> {
    let in_path = route.path.split(['{', '}']).skip(1).step_by(2).map(|name| {
        let schema = match name {
            "number" => json!({ "type": "integer", "minimum": 1 }),
            _ => json!({ "type": "string", "pattern": "^[A-Za-z0-9][A-Za-z0-9._-]{0,62}$" }),
        };
        json!({ "name": name, "in": "path", "required": true, "schema": schema })
    });
    in_path.chain(route.parameters.iter().map(in_query)).collect()
}

fn in_query(parameter: &Parameter) -> Value {
    let schema = match parameter.kind {
        Kind::Time => json!({ "type": "string", "examples": ["2016-04-14T05:33:14Z"] }),
        Kind::Number(least, most, usual) => {
            let mut schema = json!({ "type": "integer", "minimum": least, "maximum": most });
            if let (Some(usual), Value::Object(schema)) = (usual, &mut schema) {
                schema.insert("default".to_owned(), usual.into());
            }
            schema
        }
        Kind::Word(words) => json!({ "type": "string", "enum": words, "default": words.first() }),
    };
    json!({
        "name": parameter.name,
        "in": "query",
        "description": parameter.about,
        "schema": schema,
    })
}
