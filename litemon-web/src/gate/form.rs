//! What a request carries in its body: a form, or JSON.

use std::{error::Error, time::Duration};

use http_body_util::{BodyExt as _, LengthLimitError, Limited};
use hyper::body::Bytes;
use url::form_urlencoded;

use crate::pages::Trouble;

/// The longest body that is read, in bytes.
pub(crate) const MOST: usize = 64 * 1024;
/// The longest that its sender may take.
const WITHIN: Duration = Duration::from_secs(10);

/// The bytes of a body, put on a request whose route takes one.
#[derive(Clone, Debug, Default)]
pub(crate) struct Payload(pub(crate) Bytes);

/// Reads a body.
///
/// # Errors
/// When it is longer than [`MOST`], is not all there in ten seconds, or breaks off.
pub(crate) async fn read<B>(body: B) -> Result<Payload, Trouble>
where
    B: hyper::body::Body + Send,
    B::Error: Into<Box<dyn Error + Send + Sync>>,
{
    let whole = Box::pin(Limited::new(body, MOST).collect());
    match tokio::time::timeout(WITHIN, whole).await {
        Ok(Ok(whole)) => Ok(Payload(whole.to_bytes())),
        Ok(Err(error)) if error.is::<LengthLimitError>() => Err(Trouble::TooLarge),
        Ok(Err(_)) | Err(_) => Err(Trouble::BrokenOff),
    }
}

/// The fields of a form, or of a query: names with values, in their order.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Form(Vec<(String, String)>);

impl Form {
    /// Reads `a=1&b=2`. Anything is some form.
    pub(crate) fn parse(bytes: &[u8]) -> Self {
        Self(form_urlencoded::parse(bytes).into_owned().collect())
    }

    /// The first value of a field; empty when it is not there.
    pub(crate) fn get(&self, name: &str) -> &str {
        let found = self.0.iter().find(|(given, _)| given == name);
        found.map_or("", |(_, value)| value.as_str())
    }

    /// The first value, without blanks around it; `None` when nothing is left.
    pub(crate) fn filled(&self, name: &str) -> Option<&str> {
        Some(self.get(name).trim()).filter(|value| !value.is_empty())
    }

    /// Whether the field is there, as a ticked box is.
    pub(crate) fn has(&self, name: &str) -> bool {
        self.all(name).next().is_some()
    }

    /// All values of a field, as of many ticked boxes with one name.
    pub(crate) fn all<'a>(&'a self, name: &'a str) -> impl Iterator<Item = &'a str> {
        self.0.iter().filter(move |(given, _)| given == name).map(|(_, value)| value.as_str())
    }

    /// Every field.
    pub(crate) fn pairs(&self) -> impl Iterator<Item = (&str, &str)> {
        self.0.iter().map(|(name, value)| (name.as_str(), value.as_str()))
    }
}

#[cfg(test)]
mod tests {
    use std::convert::Infallible;

    use http_body_util::{Full, StreamBody};
    use hyper::body::Frame;

    use super::*;

    #[test]
    fn fields_are_found_by_their_names() {
        let form = Form::parse(b"server=a&server=b%26&name=+x+&empty=&%ff=1&lone");
        assert_eq!(form.all("server").collect::<Vec<_>>(), ["a", "b&"]);
        assert_eq!((form.get("name"), form.filled("name")), (" x ", Some("x")));
        assert_eq!(form.filled("empty"), None);
        assert!(form.has("lone") && form.has("empty") && !form.has("other"));
        assert_eq!(form.pairs().count(), 6);
    }

    #[tokio::test(start_paused = true)]
    async fn a_body_has_an_end_in_length_and_in_time() {
        let body = |length: usize| Full::new(Bytes::from(vec![b'x'; length]));
        assert_eq!(read(body(MOST)).await.unwrap().0.len(), MOST);
        assert_eq!(read(body(MOST + 1)).await.unwrap_err(), Trouble::TooLarge);
        let endless = futures_util::stream::pending::<Result<Frame<Bytes>, Infallible>>();
        assert_eq!(read(StreamBody::new(endless)).await.unwrap_err(), Trouble::BrokenOff);
    }
}
