use serde::{Deserialize, Serialize};

/// The language of pages and messages.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[non_exhaustive]
pub enum Language {
    /// `en`
    #[default]
    #[serde(rename = "en")]
    English,
    /// `id`, Bahasa Indonesia
    #[serde(rename = "id")]
    Indonesian,
}
