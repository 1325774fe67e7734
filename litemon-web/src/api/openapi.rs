//! The OpenAPI 3.1 document, from the table of routes and the types.

use schemars::{JsonSchema, SchemaGenerator, generate::SchemaSettings};
use serde_json::{Map, Value, json};

use super::{
    ROOT,
    query::{Kind, LONGEST_TEXT, Parameter},
    table::{ROUTES, Route, Shape},
    types::Problem,
};

/// What it says of this API as a whole.
const ABOUT: &str = "What a running litemon knows. Times are RFC 3339 in UTC, durations whole \
                     milliseconds. Errors, addresses and recipients are null for a reader who may \
                     not know them. Fields are only ever added; readers pass over what they do not \
                     know. Errors are problem details (RFC 9457).";

/// The schemas that were needed so far. What is taken may leave out more than what is said, so each
/// has a generator of its own; no type is in both but with one meaning.
struct Schemas {
    said: SchemaGenerator,
    taken: SchemaGenerator,
}

impl Schemas {
    fn new() -> Self {
        let generator = |settings: SchemaSettings| {
            let mut settings = settings;
            settings.definitions_path = "/components/schemas".into();
            settings.meta_schema = None;
            settings.into_generator()
        };
        let settings = SchemaSettings::draft2020_12;
        Self {
            said: generator(settings().for_serialize()),
            taken: generator(settings().for_deserialize()),
        }
    }

    fn take(mut self) -> Map<String, Value> {
        let mut all = self.taken.take_definitions(true);
        all.extend(self.said.take_definitions(true));
        all
    }
}

/// The document.
pub(super) fn document() -> Value {
    let mut schemas = Schemas::new();
    let mut paths = Map::new();
    for route in ROUTES {
        let path = paths.entry(format!("{ROOT}{}", route.path)).or_insert_with(|| json!({}));
        if let Value::Object(methods) = path {
            methods.insert(route.method.as_str().to_lowercase(), operation(route, &mut schemas));
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
        "components": { "schemas": schemas.take() },
    })
}

fn operation(route: &Route, schemas: &mut Schemas) -> Value {
    let (status, content) = content(&route.answer, &mut schemas.said);
    let problem = named::<Problem>(&mut schemas.said);
    let mut answer = json!({ "description": route.about });
    if let (Some(content), Value::Object(answer)) = (content, &mut answer) {
        answer.insert("content".to_owned(), content);
    }
    let mut operation = json!({
        "operationId": route.name,
        "summary": route.about,
        "parameters": parameters(route),
        "responses": {
            status: answer,
            "default": {
                "description": "Why it is not answered",
                "content": { "application/problem+json": { "schema": problem } },
            },
        },
    });
    if let (Some(schema), Value::Object(operation)) = (route.body, &mut operation) {
        let schema = schema(&mut schemas.taken).to_value();
        let body = json!({ "content": { "application/json": { "schema": schema } } });
        operation.insert("requestBody".to_owned(), body);
    }
    operation
}

fn named<T: JsonSchema>(generator: &mut SchemaGenerator) -> Value {
    generator.subschema_for::<T>().to_value()
}

/// The status, and what comes with it.
fn content(shape: &Shape, generator: &mut SchemaGenerator) -> (String, Option<Value>) {
    let good = || "200".to_owned();
    match shape {
        Shape::Json(status, schema) => {
            let schema = schema(generator).to_value();
            (status.to_string(), Some(json!({ "application/json": { "schema": schema } })))
        }
        Shape::Nothing(status) => (status.to_string(), None),
        Shape::Lines => {
            let schema = json!({ "type": "string", "description": "a JSON object in each line" });
            (good(), Some(json!({ "application/jsonl": { "schema": schema } })))
        }
        Shape::Events(about, data) => {
            let data: Vec<Value> = data.iter().map(|data| data(generator).to_value()).collect();
            let schema = json!({
                "type": "string",
                "description": about,
                "contentMediaType": "text/event-stream",
                "contentSchema": { "anyOf": data },
            });
            (good(), Some(json!({ "text/event-stream": { "schema": schema } })))
        }
        Shape::Document => {
            (good(), Some(json!({ "application/json": { "schema": { "type": "object" } } })))
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
        Kind::Text => json!({ "type": "string", "maxLength": LONGEST_TEXT }),
        Kind::Word(words) => json!({ "type": "string", "enum": words, "default": words.first() }),
    };
    json!({
        "name": parameter.name,
        "in": "query",
        "description": parameter.about,
        "schema": schema,
    })
}

/// Names of schemas that are something else when they are taken than when they are said.
#[cfg(test)]
pub(super) fn with_two_meanings() -> Vec<String> {
    let mut schemas = Schemas::new();
    for route in ROUTES {
        operation(route, &mut schemas);
    }
    let said = schemas.said.take_definitions(true);
    let taken = schemas.taken.take_definitions(true);
    let differs =
        |(name, schema): &(&String, &Value)| said.get(*name).is_some_and(|it| it != *schema);
    taken.iter().filter(differs).map(|(name, _)| name.clone()).collect()
}
