use proptest::prelude::*;

use super::*;

/// Everything that comes of bytes that arrive in pieces of these sizes.
fn decoded(bytes: &[u8], sizes: &[usize]) -> Result<Vec<Received>, Malformed> {
    let mut decoder = Decoder::default();
    let mut frames = Vec::new();
    let mut rest = bytes;
    let mut sizes = sizes.iter().copied().filter(|size| *size > 0).cycle();
    while !rest.is_empty() {
        let (now, later) = rest.split_at(sizes.next().unwrap_or(rest.len()).min(rest.len()));
        rest = later;
        decoder.push(now);
        while let Some(frame) = decoder.next()? {
            frames.push(frame);
        }
        assert!(decoder.buffer.len() <= LONGEST);
    }
    Ok(frames)
}

fn one(text: &str) -> Received {
    let mut frames = decoded(text.as_bytes(), &[]).unwrap();
    assert_eq!(frames.len(), 1, "{frames:?}");
    frames.remove(0)
}

fn wrong(bytes: &[u8]) -> &'static str {
    decoded(bytes, &[]).unwrap_err().0
}

#[test]
fn escapes_colons_and_the_first_of_equal_headers() {
    let frame =
        one("MESSAGE\nmessage-id:ID\\chost-1:2\na:x\\\\y\\nz\\r\na:second\nempty:\n\nbody\0\n\n");
    assert_eq!(frame.command, ServerCommand::Message);
    assert_eq!(frame.headers["message-id"], "ID:host-1:2");
    assert_eq!(frame.headers["a"], "x\\y\nz\r");
    assert_eq!(frame.headers["empty"], "");
    assert_eq!(frame.body, "body");
}

#[test]
fn connected_has_no_escapes() {
    let frame = one("CONNECTED\r\nserver:a\\c:b\r\nversion:1.2\r\n\r\n\0");
    assert_eq!(frame.headers["server"], "a\\c:b");
    assert_eq!(frame.headers["version"], "1.2");
}

#[test]
fn stomp_1_0_has_no_escapes() {
    let mut decoder = Decoder::default();
    decoder.without_escapes();
    decoder.push(b"MESSAGE\nx:a\\q:b\n\n\0");
    assert_eq!(decoder.next().unwrap().unwrap().headers["x"], "a\\q:b");
}

#[test]
fn a_body_may_hold_anything_as_long_as_it_says_how_long_it_is() {
    let mut bytes = b"\n\r\nMESSAGE\ncontent-length:6\ncontent-length:1\n\n".to_vec();
    bytes.extend_from_slice(b"a\0\xff\n\n\0\0RECEIPT\nreceipt-id:r\n\n\0");
    for size in 1..bytes.len() {
        let frames = decoded(&bytes, &[size]).unwrap();
        assert_eq!(frames.len(), 2, "{frames:?}");
        assert_eq!(frames[0].body, "a\0\u{fffd}\n\n\0");
        assert_eq!(frames[1].headers["receipt-id"], "r");
    }
}

#[test]
fn what_is_no_frame_is_an_error() {
    assert_eq!(wrong(b"HTTP/1.1 400 Bad Request\r\nServer: x\r\n\r\n\0"), "no command of a server");
    assert_eq!(wrong(b"SEND\n\n\0"), "no command of a server");
    assert_eq!(wrong(b"MESSAGE\nnocolon\n\n\0"), "a header without a colon");
    assert!(wrong(b"MESSAGE\n:x\n\n\0").starts_with("a header without a name"));
    assert!(wrong(b"MESSAGE\na:x\ry\n\n\0").ends_with("carriage return"));
    assert_eq!(wrong(b"MESSAGE\na:\\t\n\n\0"), "an unknown escape");
    assert_eq!(wrong(b"MESSAGE\na:\xff\n\n\0"), "not UTF-8");
    assert_eq!(wrong(b"MESSAGE\0"), "no end of the head");
    assert_eq!(wrong(b"MESSAGE\na:\0b\n\n\0"), "no end of the head");
    assert_eq!(wrong(b"MESSAGE\ncontent-length:-1\n\n\0"), "content-length");
    assert_eq!(wrong(b"MESSAGE\ncontent-length:1\n\nab\0"), "no NUL behind its content-length");
    assert_eq!(wrong(b"MESSAGE\ncontent-length:999999\n\n"), TOO_LONG.0);
    assert_eq!(wrong(&vec![b'x'; LONGEST + 1]), TOO_LONG.0);
    let endless = [b"MESSAGE\n\n".to_vec(), vec![b'x'; LONGEST + 1]].concat();
    assert_eq!(wrong(&endless), TOO_LONG.0);
    let headers: String = (0..300).map(|n| format!("h{n}:\n")).collect();
    assert_eq!(wrong(format!("MESSAGE\n{headers}\n\0").as_bytes()), "too many headers");
}

#[test]
fn what_is_wrong_is_the_same_however_it_comes() {
    let bytes = b"\x01LESS\0\0iscription:0\r\nmessage-id\r\n\r\nab\0";
    for size in 1..=bytes.len() {
        assert_eq!(decoded(bytes, &[size]).unwrap_err().0, "no command of a server", "{size}");
    }
}

#[test]
fn what_is_sent_is_escaped_after_the_login() {
    let text = |escape| {
        String::from_utf8(encode(ClientCommand::Send, &[("destination", "a:b\\c")], "t", escape))
            .unwrap()
    };
    assert_eq!(text(true), "SEND\ndestination:a\\cb\\\\c\n\nt\0");
    assert_eq!(text(false), "SEND\ndestination:a:b\\c\n\nt\0");
}

/// Bytes that are nearly frames.
fn nearly() -> impl Strategy<Value = Vec<u8>> {
    let piece = prop_oneof![
        Just(b"MESSAGE".to_vec()),
        Just(b"CONNECTED".to_vec()),
        Just(b"ERROR".to_vec()),
        Just(b"content-length:".to_vec()),
        Just(b"3".to_vec()),
        Just(b":".to_vec()),
        Just(b"\n".to_vec()),
        Just(b"\n\n".to_vec()),
        Just(b"\r\n".to_vec()),
        Just(b"\0".to_vec()),
        Just(b"\\c".to_vec()),
        Just(b"\\".to_vec()),
        proptest::collection::vec(any::<u8>(), 0..6),
    ];
    proptest::collection::vec(piece, 0..40).prop_map(|pieces| pieces.concat())
}

type Summary = (ServerCommand, Vec<(String, String)>, String);

fn summary(frames: &[Received]) -> Vec<Summary> {
    let one = |frame: &Received| {
        let mut headers: Vec<_> = frame.headers.clone().into_iter().collect();
        headers.sort();
        (frame.command, headers, frame.body.clone())
    };
    frames.iter().map(one).collect()
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 2000, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn whatever_comes_in_whatever_pieces_reads_the_same(
        bytes in prop_oneof![nearly(), proptest::collection::vec(any::<u8>(), 0..200)],
        sizes in proptest::collection::vec(1usize..20, 1..8),
    ) {
        let whole = decoded(&bytes, &[]).map(|frames| summary(&frames));
        let pieces = decoded(&bytes, &sizes).map(|frames| summary(&frames));
        prop_assert_eq!(whole, pieces);
    }

    #[test]
    fn every_frame_comes_back_as_it_was_sent(
        headers in proptest::collection::hash_map("[a-z-]{1,8}", "([!-~é]([ -~é]{0,10}[!-~é])?)?", 0..6),
        body in "[^\0]{0,50}",
        sizes in proptest::collection::vec(1usize..20, 1..8),
    ) {
        let mut headers = headers;
        headers.remove("content-length");
        let list: Vec<(&str, &str)> =
            headers.iter().map(|(key, value)| (key.as_str(), value.as_str())).collect();
        let bytes = encode(ClientCommand::Send, &list, &body, true);
        let bytes = [b"MESSAGE".as_slice(), &bytes[4..]].concat();
        let frames = decoded(&bytes, &sizes).unwrap();
        prop_assert_eq!(frames.len(), 1);
        prop_assert_eq!(&frames[0].headers, &headers);
        prop_assert_eq!(&frames[0].body, &body);
    }
}
