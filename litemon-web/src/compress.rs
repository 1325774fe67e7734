//! Answers made smaller for those who take them so (gzip, RFC 9110 section 8.4). Live streams stay
//! as they are: a small event would wait in the compressor for more.

use std::{io::Write as _, time::Duration};

use flate2::{Compression, write::GzEncoder};
use http::{
    HeaderMap, HeaderValue, Response, StatusCode,
    header::{ACCEPT_ENCODING, CONTENT_ENCODING, CONTENT_LENGTH, CONTENT_TYPE, VARY},
};
use http_body_util::{BodyExt as _, Full};
use hyper::body::{Body as _, Bytes};

use crate::body::Body;

/// What is smaller gains nothing.
const LEAST: u64 = 1024;
/// Above it the last percents cost most of the time.
const LEVEL: u32 = 5;
const DEADLINE: Duration = Duration::from_secs(5);

/// Whether a reader takes gzip: named, or by `*`, and not refused by `q=0`.
pub(crate) fn takes_gzip(headers: &HeaderMap) -> bool {
    let given = headers.get_all(ACCEPT_ENCODING).iter().filter_map(|value| value.to_str().ok());
    let codings: Vec<_> = given.flat_map(|value| value.split(',')).map(coding).collect();
    let find = |wanted: &str| codings.iter().find(|(name, _)| name.eq_ignore_ascii_case(wanted));
    find("gzip").or_else(|| find("*")).is_some_and(|(_, taken)| *taken)
}

fn coding(text: &str) -> (&str, bool) {
    let (name, rest) = text.split_once(';').unwrap_or((text, ""));
    let weight = rest.trim().strip_prefix("q=").and_then(|q| q.trim().parse::<f32>().ok());
    (name.trim(), weight.is_none_or(|weight| weight > 0.0))
}

/// The answer, compressed if it is a text of some length.
pub(crate) async fn gzip(answer: Response<Body>) -> Response<Body> {
    if !is_worth_it(&answer) {
        return answer;
    }
    let (mut head, body) = answer.into_parts();
    // The body is whole already: its size is known.
    let whole = match tokio::time::timeout(DEADLINE, body.collect()).await {
        Ok(Ok(whole)) => whole.to_bytes(),
        _ => {
            head.status = StatusCode::INTERNAL_SERVER_ERROR;
            Bytes::new()
        }
    };
    head.headers.append(VARY, HeaderValue::from_static("accept-encoding"));
    let Some(small) = compressed(&whole) else {
        return Response::from_parts(head, Body::new(Full::new(whole)));
    };
    head.headers.insert(CONTENT_ENCODING, HeaderValue::from_static("gzip"));
    head.headers.insert(CONTENT_LENGTH, HeaderValue::from(small.len()));
    Response::from_parts(head, Body::new(Full::new(Bytes::from(small))))
}

fn is_worth_it(answer: &Response<Body>) -> bool {
    let kind = answer.headers().get(CONTENT_TYPE).and_then(|kind| kind.to_str().ok());
    let kind = kind.unwrap_or_default().split(';').next().unwrap_or_default();
    let text = matches!(
        kind,
        "text/html" | "text/css" | "text/javascript" | "application/json" | "image/svg+xml"
    );
    let long = answer.body().size_hint().exact().is_some_and(|length| length >= LEAST);
    text && long && !answer.headers().contains_key(CONTENT_ENCODING)
}

fn compressed(whole: &[u8]) -> Option<Vec<u8>> {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::new(LEVEL));
    encoder.write_all(whole).ok()?;
    encoder.finish().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn takes(value: &'static str) -> bool {
        let mut headers = HeaderMap::new();
        headers.insert(ACCEPT_ENCODING, HeaderValue::from_static(value));
        takes_gzip(&headers)
    }

    #[test]
    fn only_who_takes_gzip_gets_it() {
        for value in ["gzip", "br, GZIP;q=0.5", "*", "deflate, gzip ; q=1.0", "gzip,*;q=0"] {
            assert!(takes(value), "{value}");
        }
        for value in ["", "br", "gzip;q=0", "gzip; q=0.000, *", "identity", "*;q=0", "xgzip"] {
            assert!(!takes(value), "{value}");
        }
        assert!(!takes_gzip(&HeaderMap::new()));
    }

    async fn answer(kind: &'static str, length: usize) -> Response<Body> {
        let body = Body::new(Full::new(Bytes::from("a".repeat(length))));
        let mut answer = Response::new(body);
        answer.headers_mut().insert(CONTENT_TYPE, HeaderValue::from_static(kind));
        gzip(answer).await
    }

    #[tokio::test]
    async fn texts_of_some_length_are_compressed_and_streams_are_not() {
        let page = answer("text/html; charset=utf-8", 5000).await;
        assert_eq!(page.headers()[CONTENT_ENCODING], "gzip");
        let length: usize = page.headers()[CONTENT_LENGTH].to_str().unwrap().parse().unwrap();
        assert!(length < 100);
        assert_eq!(page.into_body().collect().await.unwrap().to_bytes().len(), length);
        for (kind, length) in [("text/html", 100), ("text/event-stream", 5000), ("image/png", 5000)]
        {
            assert!(!answer(kind, length).await.headers().contains_key(CONTENT_ENCODING), "{kind}");
        }
    }
}
