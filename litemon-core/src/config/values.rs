//! Small types of the file: one or many, text, secrets.

use std::{borrow::Cow, collections::BTreeMap, fmt, marker::PhantomData, path::PathBuf};

use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::{
    Deserialize, Deserializer,
    de::{self, IntoDeserializer, value},
};

use crate::secret::Secret;

/// A list, or a single value that stands for a list of one.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OneOrMany<T>(pub Vec<T>);

impl<'de, T: Deserialize<'de>> Deserialize<'de> for OneOrMany<T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Visitor<T>(PhantomData<T>);
        impl<'de, T: Deserialize<'de>> de::Visitor<'de> for Visitor<T> {
            type Value = OneOrMany<T>;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a string or a list of strings")
            }

            fn visit_str<E: de::Error>(self, text: &str) -> Result<Self::Value, E> {
                let one: value::StrDeserializer<'_, E> = text.into_deserializer();
                T::deserialize(one).map(|one| OneOrMany(vec![one]))
            }

            fn visit_seq<A: de::SeqAccess<'de>>(self, mut seq: A) -> Result<Self::Value, A::Error> {
                let mut many = Vec::new();
                while let Some(one) = seq.next_element()? {
                    many.push(one);
                }
                Ok(OneOrMany(many))
            }
        }
        deserializer.deserialize_any(Visitor(PhantomData))
    }
}

impl<T: JsonSchema> JsonSchema for OneOrMany<T> {
    fn inline_schema() -> bool {
        true
    }

    fn schema_name() -> Cow<'static, str> {
        format!("OneOrMany_{}", T::schema_name()).into()
    }

    fn json_schema(generator: &mut SchemaGenerator) -> Schema {
        let one = generator.subschema_for::<T>();
        json_schema!({ "anyOf": [one, { "type": "array", "items": one }] })
    }
}

/// Text; a bare whole number counts as its digits.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Text(pub String);

impl<'de> Deserialize<'de> for Text {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Visitor;
        impl de::Visitor<'_> for Visitor {
            type Value = Text;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a string")
            }

            fn visit_str<E: de::Error>(self, text: &str) -> Result<Text, E> {
                Ok(Text(text.to_owned()))
            }

            fn visit_i64<E: de::Error>(self, number: i64) -> Result<Text, E> {
                Ok(Text(number.to_string()))
            }

            fn visit_u64<E: de::Error>(self, number: u64) -> Result<Text, E> {
                Ok(Text(number.to_string()))
            }
        }
        deserializer.deserialize_any(Visitor)
    }
}

impl JsonSchema for Text {
    fn inline_schema() -> bool {
        true
    }

    fn schema_name() -> Cow<'static, str> {
        "Text".into()
    }

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        json_schema!({ "type": ["string", "integer"] })
    }
}

/// Where a secret comes from: a text, `{ env = "NAME" }` or `{ file = "PATH" }`.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum SecretSource {
    /// It stands in the file itself.
    Literal(Secret),
    /// The value of an environment variable.
    Env(String),
    /// The first line of a file that only its owner may read.
    File(PathBuf),
}

#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct SecretTable {
    /// Name of the environment variable that holds it.
    env: Option<String>,
    /// Path of the file that holds it; only its owner may have access to that file.
    file: Option<PathBuf>,
}

impl<'de> Deserialize<'de> for SecretSource {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Visitor;
        impl<'de> de::Visitor<'de> for Visitor {
            type Value = SecretSource;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a string, { env = \"NAME\" } or { file = \"PATH\" }")
            }

            fn visit_str<E: de::Error>(self, text: &str) -> Result<SecretSource, E> {
                Ok(SecretSource::Literal(Secret::new(text.to_owned())))
            }

            fn visit_i64<E: de::Error>(self, number: i64) -> Result<SecretSource, E> {
                self.visit_str(&number.to_string())
            }

            fn visit_u64<E: de::Error>(self, number: u64) -> Result<SecretSource, E> {
                self.visit_str(&number.to_string())
            }

            fn visit_map<A: de::MapAccess<'de>>(self, map: A) -> Result<SecretSource, A::Error> {
                let table = SecretTable::deserialize(value::MapAccessDeserializer::new(map))?;
                match (table.env, table.file) {
                    (Some(name), None) => Ok(SecretSource::Env(name)),
                    (None, Some(path)) => Ok(SecretSource::File(path)),
                    _ => Err(de::Error::custom("expected either env or file, and not both")),
                }
            }
        }
        deserializer.deserialize_any(Visitor)
    }
}

impl JsonSchema for SecretSource {
    fn schema_name() -> Cow<'static, str> {
        "Secret".into()
    }

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        let table = |key: &str, what: &str| {
            serde_json::json!({
                "type": "object",
                "properties": { key: { "type": "string", "description": what } },
                "required": [key],
                "additionalProperties": false
            })
        };
        json_schema!({
            "description": "A secret: a text, or where to find it.",
            "anyOf": [
                { "type": ["string", "integer"] },
                table("env", "Name of the environment variable that holds it."),
                table("file", "Path of the file that holds it; only its owner may read it.")
            ]
        })
    }
}

/// Settings of a kind, not looked at yet. They may hold secrets: its `Debug` shows keys only.
#[derive(Clone, Default, PartialEq, Deserialize)]
#[serde(transparent)]
pub struct Settings(pub serde_json::Map<String, serde_json::Value>);

impl fmt::Debug for Settings {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_set().entries(self.0.keys()).finish()
    }
}

/// `true`/`false`, or a path in their place.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum SwitchOrPath {
    /// On or off.
    Switch(bool),
    /// On, with this path.
    Path(PathBuf),
}

impl<'de> Deserialize<'de> for SwitchOrPath {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Visitor;
        impl de::Visitor<'_> for Visitor {
            type Value = SwitchOrPath;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("true, false or a path")
            }

            fn visit_bool<E: de::Error>(self, on: bool) -> Result<SwitchOrPath, E> {
                Ok(SwitchOrPath::Switch(on))
            }

            fn visit_str<E: de::Error>(self, text: &str) -> Result<SwitchOrPath, E> {
                Ok(match text {
                    "true" => SwitchOrPath::Switch(true),
                    "false" => SwitchOrPath::Switch(false),
                    path => SwitchOrPath::Path(path.into()),
                })
            }
        }
        deserializer.deserialize_any(Visitor)
    }
}

impl JsonSchema for SwitchOrPath {
    fn inline_schema() -> bool {
        true
    }

    fn schema_name() -> Cow<'static, str> {
        "SwitchOrPath".into()
    }

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        json_schema!({ "type": ["boolean", "string"] })
    }
}

/// Labels of a server, as data.
pub type Labels = BTreeMap<String, Text>;

/// A line for a shell, or words for none.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum CommandWords {
    /// A line for a shell.
    Line(String),
    /// A program and its arguments.
    Argv(Vec<String>),
}

impl<'de> Deserialize<'de> for CommandWords {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Visitor;
        impl<'de> de::Visitor<'de> for Visitor {
            type Value = CommandWords;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a shell line or a list of words")
            }

            fn visit_str<E: de::Error>(self, text: &str) -> Result<CommandWords, E> {
                Ok(CommandWords::Line(text.to_owned()))
            }

            fn visit_seq<A: de::SeqAccess<'de>>(self, seq: A) -> Result<CommandWords, A::Error> {
                Vec::deserialize(value::SeqAccessDeserializer::new(seq)).map(CommandWords::Argv)
            }
        }
        deserializer.deserialize_any(Visitor)
    }
}

impl JsonSchema for CommandWords {
    fn inline_schema() -> bool {
        true
    }

    fn schema_name() -> Cow<'static, str> {
        "Command".into()
    }

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        json_schema!({ "anyOf": [
            { "type": "string" },
            { "type": "array", "items": { "type": "string" } }
        ] })
    }
}
