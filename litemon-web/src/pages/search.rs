//! What a reader looks for in the list of incidents, as its address says it.

use litemon_core::model::{CheckId, IncidentNumber};
use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};
use serde::Deserialize;

/// The longest text that is looked for.
const LONGEST: usize = 130;

/// `?before=&server=&check=&state=` as it came.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(crate) struct Asked {
    before: String,
    server: String,
    check: String,
    state: String,
}

/// What is looked for; nothing means all.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub(crate) struct Search {
    /// Only numbers below this one.
    pub(crate) before: Option<IncidentNumber>,
    pub(crate) server: Option<String>,
    /// A check's name, with or without its server.
    pub(crate) check: Option<String>,
    /// Only open ones, or only those that are over.
    pub(crate) open: Option<bool>,
}

impl From<Asked> for Search {
    fn from(asked: Asked) -> Self {
        let text = |text: String| {
            let text: String = text.trim().chars().take(LONGEST).collect();
            (!text.is_empty()).then_some(text)
        };
        Self {
            before: asked.before.parse().ok().filter(|number| *number > 0),
            server: text(asked.server),
            check: text(asked.check),
            open: match asked.state.as_str() {
                "open" => Some(true),
                "closed" => Some(false),
                _ => None,
            },
        }
    }
}

impl Search {
    /// Whether incidents of a check are looked for.
    pub(crate) fn finds(&self, check: &CheckId) -> bool {
        self.server.as_deref().is_none_or(|server| server == check.owner())
            && self
                .check
                .as_deref()
                .is_none_or(|name| [check.name(), check.as_str()].contains(&name))
    }

    /// Whether anything is left out but for what an earlier page has.
    pub(crate) fn narrows(&self) -> bool {
        self.server.is_some() || self.check.is_some() || self.open.is_some()
    }

    /// The same with numbers below another one.
    pub(crate) fn below(&self, before: IncidentNumber) -> Self {
        Self { before: Some(before), ..self.clone() }
    }

    /// As the end of an address, behind a question mark; empty when all is shown.
    pub(crate) fn query(&self) -> String {
        let state = self.open.map(|open| if open { "open" } else { "closed" });
        let before = self.before.map(|number| number.to_string());
        let pairs = [
            ("before", before.as_deref()),
            ("server", self.server.as_deref()),
            ("check", self.check.as_deref()),
            ("state", state),
        ];
        query(&pairs)
    }
}

/// `a=1&b=2` of those that have a value.
pub(super) fn query(pairs: &[(&str, Option<&str>)]) -> String {
    let pairs: Vec<_> = pairs
        .iter()
        .filter_map(|(name, value)| {
            Some(format!("{name}={}", utf8_percent_encode((*value)?, NON_ALPHANUMERIC)))
        })
        .collect();
    pairs.join("&")
}

/// A path with its query, if there is one.
pub(super) fn address(path: &str, query: &str) -> String {
    if query.is_empty() { path.to_owned() } else { format!("{path}?{query}") }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_looked_for_can_be_read_back_from_its_address() {
        let asked = |before: &str, server: &str, state: &str| {
            let check = "web-1/nginx".to_owned();
            let (before, server, state) = (before.into(), server.into(), state.into());
            Search::from(Asked { before, server, check, state })
        };
        let search = asked("17", " web-1 ", "closed");
        assert_eq!(search.query(), "before=17&server=web%2D1&check=web%2D1%2Fnginx&state=closed");
        let nonsense = asked("-1", "", "ajar");
        assert_eq!((nonsense.before, nonsense.server.clone(), nonsense.open), (None, None, None));
        assert!(search.finds(&CheckId::parse("web-1/nginx").unwrap()));
        assert!(!search.finds(&CheckId::parse("web-2/nginx").unwrap()));
        assert!(!nonsense.finds(&CheckId::parse("web-1/cpu").unwrap()));
        assert!(Search::default().query().is_empty() && !Search::default().narrows());
    }
}
