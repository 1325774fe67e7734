//! Values as they have to be written where they stand, so that none becomes anything but a value.

use std::fmt::Write;

use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};

/// All but the characters that mean nothing in any part of a URL (RFC 3986, section 2.3).
const RESERVED: &AsciiSet = &NON_ALPHANUMERIC.remove(b'-').remove(b'.').remove(b'_').remove(b'~');

/// Where a rendered value stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Place {
    /// Where it is encoded later, or means nothing.
    Plain,
    /// In a URL.
    Url,
    /// Within the quotes of a JSON text.
    Json,
    /// In a form that is written out.
    Form,
    /// In XML or HTML.
    Markup,
    /// In the value of a header.
    Header,
}

const ALL: [Place; 6] =
    [Place::Plain, Place::Url, Place::Json, Place::Form, Place::Markup, Place::Header];

impl Place {
    pub(crate) const fn name(self) -> &'static str {
        match self {
            Self::Plain => "plain",
            Self::Url => "url",
            Self::Json => "json",
            Self::Form => "form",
            Self::Markup => "markup",
            Self::Header => "header",
        }
    }

    pub(crate) fn named(name: &str) -> Self {
        ALL.into_iter().find(|place| place.name() == name).unwrap_or(Self::Plain)
    }

    /// What the body of a request of this content type is.
    #[cfg(feature = "gateway")]
    pub(crate) fn of_content(content_type: &str) -> Self {
        let essence = content_type.split(';').next().unwrap_or_default();
        let essence = essence.trim().to_ascii_lowercase();
        let (_, sort) = essence.split_once('/').unwrap_or_default();
        let sort = sort.rsplit('+').next().unwrap_or_default();
        match sort {
            "json" => Self::Json,
            "xml" | "html" => Self::Markup,
            "x-www-form-urlencoded" => Self::Form,
            _ => Self::Plain,
        }
    }

    /// The value as it is written here.
    pub(crate) fn escape(self, value: &str) -> String {
        match self {
            Self::Plain => value.to_owned(),
            Self::Url => url_part(value),
            Self::Form => utf8_percent_encode(value, RESERVED).to_string(),
            Self::Json => json(value),
            Self::Markup => markup(value),
            // A line break would begin another header.
            Self::Header => value.chars().map(|c| if c.is_control() { ' ' } else { c }).collect(),
        }
    }
}

fn url_part(value: &str) -> String {
    // Whatever way dots alone are encoded, they lead to another folder of the URL.
    if !value.is_empty() && value.chars().all(|c| c == '.') {
        return "-".repeat(value.len());
    }
    utf8_percent_encode(value, RESERVED).to_string()
}

fn json(value: &str) -> String {
    let quoted = serde_json::Value::from(value).to_string();
    let inner = quoted.strip_prefix('"').and_then(|rest| rest.strip_suffix('"'));
    inner.unwrap_or_default().to_owned()
}

fn markup(value: &str) -> String {
    let mut out = String::with_capacity(value.len());
    for c in value.chars() {
        match c {
            '&' | '<' | '>' | '"' | '\'' => {
                let _ = write!(out, "&#{};", u32::from(c));
            }
            // XML cannot hold them in any way.
            c if c.is_control() && !matches!(c, '\n' | '\t') => out.push(' '),
            c => out.push(c),
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[cfg(feature = "gateway")]
    #[test]
    fn bodies_are_known_by_their_content_type() {
        for (content, place) in [
            ("application/json", Place::Json),
            ("Application/JSON; charset=utf-8", Place::Json),
            ("application/vnd.x+json", Place::Json),
            ("text/xml", Place::Markup),
            ("application/soap+xml;charset=utf-8", Place::Markup),
            ("text/html", Place::Markup),
            ("application/x-www-form-urlencoded", Place::Form),
            ("text/plain", Place::Plain),
            ("", Place::Plain),
        ] {
            assert_eq!(Place::of_content(content), place, "{content}");
        }
        for place in ALL {
            assert_eq!(Place::named(place.name()), place);
        }
    }

    /// Texts with what is special somewhere more often than by chance.
    fn nasty() -> impl Strategy<Value = String> {
        let special = r#"[a"\\/\.%&=?#+ <>'{}\r\n\t\u{0}\u{7f}é€\u{2028}😀]{0,24}"#;
        prop_oneof![special, any::<String>()]
    }

    proptest! {
        #[test]
        fn json_gives_the_value_back(value in nasty()) {
            let text = format!("{{\"a\": \"x{}y\"}}", Place::Json.escape(&value));
            let read: serde_json::Value = serde_json::from_str(&text).unwrap();
            prop_assert_eq!(read["a"].as_str().unwrap(), format!("x{value}y"));
        }

        #[test]
        fn a_form_gives_the_value_back(value in nasty()) {
            let text = format!("a={}&b=2", Place::Form.escape(&value));
            let read: Vec<_> = url::form_urlencoded::parse(text.as_bytes()).into_owned().collect();
            prop_assert_eq!(read, [("a".to_owned(), value), ("b".to_owned(), "2".to_owned())]);
        }

        #[test]
        fn a_value_changes_no_other_part_of_a_url(value in nasty()) {
            let part = Place::Url.escape(&value);
            let url = url::Url::parse(&format!("https://host:81/a/{part}/b?x={part}#f")).unwrap();
            prop_assert_eq!((url.host_str(), url.port()), (Some("host"), Some(81)));
            prop_assert_eq!(url.path(), format!("/a/{part}/b"));
            prop_assert_eq!(url.fragment(), Some("f"));
            let pairs: Vec<_> = url.query_pairs().into_owned().collect();
            prop_assert_eq!(pairs.len(), 1);
            if !value.chars().all(|c| c == '.') {
                prop_assert_eq!(&pairs[0].1, &value);
            }
        }

        #[test]
        fn markup_and_headers_keep_their_frame(value in nasty()) {
            let text = Place::Markup.escape(&value);
            prop_assert!(!text.contains(['<', '>', '"', '\'']));
            let header = Place::Header.escape(&value);
            prop_assert!(reqwest::header::HeaderValue::from_bytes(header.as_bytes()).is_ok());
        }
    }
}
