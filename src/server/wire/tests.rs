use bytes::{Bytes, BytesMut};
use proptest::prelude::*;

use super::*;

const MASK: [u8; 4] = [0x11, 0x22, 0x33, 0x44];

/// A client frame; `first` is the whole first byte.
fn client(first: u8, payload: &[u8]) -> Vec<u8> {
    let mut out = vec![first];
    match payload.len() {
        n @ 0..=125 => out.push(0x80 | n as u8),
        n @ 126..=0xffff => {
            out.push(0xfe);
            out.extend_from_slice(&(n as u16).to_be_bytes());
        }
        n => {
            out.push(0xff);
            out.extend_from_slice(&(n as u64).to_be_bytes());
        }
    }
    out.extend_from_slice(&MASK);
    out.extend(payload.iter().zip(MASK.iter().cycle()).map(|(b, m)| b ^ m));
    out
}

fn decode(flavour: Flavour, limit: usize, bytes: &[u8]) -> (Vec<Incoming>, Option<Violation>) {
    let mut decoder = Decoder::new(flavour, limit);
    decoder.buffer().extend_from_slice(bytes);
    let mut seen = Vec::new();
    loop {
        match decoder.poll() {
            Ok(Some(incoming)) => seen.push(incoming),
            Ok(None) => return (seen, None),
            Err(violation) => return (seen, Some(violation)),
        }
    }
}

fn complaint(flavour: Flavour, bytes: &[u8]) -> Option<(u16, String)> {
    let (_, violation) = decode(flavour, 1000, bytes);
    violation.expect("a violation").close
}

fn text(payload: &'static str) -> Incoming {
    Incoming::Text(Bytes::from_static(payload.as_bytes()))
}

#[test]
fn fragments_with_a_ping_between_make_one_message() {
    let mut bytes = client(0x01, b"frag");
    bytes.extend(client(0x89, b"mid"));
    bytes.extend(client(0x00, b"men"));
    bytes.extend(client(0x80, b"ted"));
    let expected = vec![
        Incoming::Ping(Bytes::from_static(b"mid")),
        text("fragmented"),
    ];
    for flavour in [Flavour::Gorilla, Flavour::Coder] {
        assert_eq!(decode(flavour, 10, &bytes), (expected.clone(), None));
    }
}

#[test]
fn gorilla_names_every_fault_of_a_header_at_once() {
    let cases: [(&[u8], &str); 9] = [
        (&[0x81, 0x02], "bad MASK"),
        (&[0xc1, 0x80], "RSV1 set"),
        (&[0x83, 0x80], "bad opcode 3"),
        (&[0x89, 0xfe], "len > 125 for control"),
        (&[0x09, 0x80], "FIN not set on control"),
        (&[0x80, 0x80], "continuation after FIN"),
        (
            &[0x7f, 0x00],
            "RSV1 set, RSV2 set, RSV3 set, bad opcode 15, bad MASK",
        ),
        (
            &[0x08, 0xfe],
            "len > 125 for control, FIN not set on control",
        ),
        (&[0xa0, 0x80], "RSV2 set, continuation after FIN"),
    ];
    for (bytes, reason) in cases {
        let expected = Some((1002, reason.to_owned()));
        assert_eq!(complaint(Flavour::Gorilla, bytes), expected);
    }
    let mut bytes = client(0x01, b"a");
    bytes.extend(client(0x81, b"b"));
    let expected = Some((1002, "data before FIN".to_owned()));
    assert_eq!(complaint(Flavour::Gorilla, &bytes), expected);
}

#[test]
fn coder_stops_at_the_first_fault() {
    let rsv = "received header with unexpected rsv bits set: true:false:false";
    let mut unfinished = client(0x01, b"a");
    unfinished.extend(client(0x82, b"b"));
    for (bytes, reason) in [
        (client(0xc1, b""), rsv),
        (client(0x83, b""), "received unknown opcode opcode(3)"),
        (
            client(0x89, &[0; 126]),
            "received control frame payload with invalid length: 126",
        ),
        (client(0x09, b""), "received fragmented control frame"),
        (
            client(0x80, b""),
            "received continuation frame without text or binary frame",
        ),
        (
            unfinished,
            "received new data message without finishing the previous message",
        ),
        (
            client(0x88, &1005_u16.to_be_bytes()),
            "received invalid close payload: invalid status code StatusNoStatusRcvd",
        ),
        (
            client(0x88, &999_u16.to_be_bytes()),
            "received invalid close payload: invalid status code StatusCode(999)",
        ),
    ] {
        assert_eq!(
            complaint(Flavour::Coder, &bytes),
            Some((1002, reason.to_owned()))
        );
    }
}

#[test]
fn coder_takes_an_unmasked_payload_for_a_header() {
    let bytes = b"\x81\x0e{\"type\":\"foo\"}";
    let reason = "received header with unexpected rsv bits set: true:true:true".to_owned();
    assert_eq!(complaint(Flavour::Coder, bytes), Some((1002, reason)));
}

#[test]
fn close_payloads_that_must_not_be_sent() {
    let close = |payload: &[u8]| client(0x88, payload);
    let bad = Some((1002, "bad close code 1005".to_owned()));
    let code = close(&1005_u16.to_be_bytes());
    assert_eq!(complaint(Flavour::Gorilla, &code), bad);
    let utf8 = Some((1002, "invalid utf8 payload in close frame".to_owned()));
    assert_eq!(complaint(Flavour::Gorilla, &close(b"\x03\xe8\xff")), utf8);
    let one_byte = decode(Flavour::Gorilla, 10, &close(b"\x03"));
    assert_eq!(
        one_byte,
        (vec![Incoming::Close(Bytes::from_static(b"\x03"))], None)
    );
    let short = complaint(Flavour::Coder, &close(b"\x03"));
    let text = "received invalid close payload: close payload \"\\x03\" too small, \
                cannot even contain the 2 byte status code";
    assert_eq!(short, Some((1002, text.to_owned())));
}

#[test]
fn size_limits() {
    let at_limit = client(0x82, &[7; 300]);
    let over = client(0x82, &[7; 301]);
    for flavour in [Flavour::Gorilla, Flavour::Coder] {
        assert_eq!(decode(flavour, 300, &at_limit).1, None, "{flavour:?}");
    }
    let gorilla = decode(Flavour::Gorilla, 300, &over[..8]).1;
    assert_eq!(gorilla.and_then(|v| v.close), Some((1009, String::new())));
    assert_eq!(decode(Flavour::Coder, 300, &over[..8]).1, None);
    let coder = decode(Flavour::Coder, 300, &over).1.and_then(|v| v.close);
    assert_eq!(coder, Some((1009, "read limited at 301 bytes".to_owned())));
}

#[test]
fn an_absurd_length_ends_it_in_silence() {
    let bytes = [
        0x82, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0, 0, 0, 0,
    ];
    for flavour in [Flavour::Gorilla, Flavour::Coder] {
        assert_eq!(complaint(flavour, &bytes), None);
    }
}

#[test]
fn nothing_is_read_behind_a_close() {
    let mut bytes = client(0x88, &[]);
    bytes.extend(client(0x81, b"late"));
    let closed = (vec![Incoming::Close(Bytes::new())], None);
    assert_eq!(decode(Flavour::Gorilla, 10, &bytes), closed);
}

#[test]
fn closes_are_echoed_by_habit() {
    let payload = b"\x03\xe8bye";
    for (flavour, payload, expected) in [
        (Flavour::Gorilla, &payload[..], &b"\x88\x02\x03\xe8"[..]),
        (Flavour::Coder, payload, b"\x88\x05\x03\xe8bye"),
        (Flavour::Gorilla, b"", b"\x88\x00"),
        (Flavour::Gorilla, b"\x03", b"\x88\x00"),
        (Flavour::Coder, b"", b"\x88\x00"),
    ] {
        let mut out = BytesMut::new();
        close_echo(flavour, payload, &mut out);
        assert_eq!(&out[..], expected, "{flavour:?}");
    }
}

#[test]
fn fragments_carry_the_opcode_once() {
    let mut out = BytesMut::new();
    fragments(Opcode::Text, &[b"ab", b"", b"c"], &mut out);
    assert_eq!(&out[..], b"\x01\x02ab\x00\x00\x80\x01c");
}

#[tokio::test]
async fn a_given_up_write_never_tears_a_frame() {
    let (ours, theirs) = tokio::io::duplex(8);
    let writer = Writer::new(ours);
    let given_up = tokio::time::timeout(
        std::time::Duration::from_millis(5),
        writer.text(b"longer than the pipe"),
    );
    assert!(given_up.await.is_err());
    let finish = tokio::spawn(async move {
        writer.text(b"next").await?;
        writer.shutdown().await
    });
    let mut seen = Vec::new();
    let mut theirs = theirs;
    tokio::io::AsyncReadExt::read_to_end(&mut theirs, &mut seen)
        .await
        .unwrap();
    finish.await.unwrap().unwrap();
    assert_eq!(seen, b"\x81\x14longer than the pipe\x81\x04next");
}

#[tokio::test]
async fn ending_frees_a_write_nobody_reads() {
    let (ours, mut theirs) = tokio::io::duplex(8);
    let writer = Writer::new(ours);
    let stuck = writer.clone();
    let stuck = tokio::spawn(async move { stuck.text(b"longer than the pipe").await });
    tokio::task::yield_now().await;
    writer.end().await;
    assert!(stuck.await.unwrap().is_err());
    assert!(writer.text(b"later").await.is_err());
    let mut seen = Vec::new();
    tokio::io::AsyncReadExt::read_to_end(&mut theirs, &mut seen)
        .await
        .unwrap();
    assert_eq!(seen, b"\x81\x14longer");
}

#[tokio::test]
async fn a_link_answers_pings_closes_and_faults() {
    for (sent, answered) in [
        (client(0x89, b"hi"), &b"\x8a\x02hi"[..]),
        (client(0x88, b"\x0f\xa0why"), b"\x88\x02\x0f\xa0"),
        (vec![0x81, 0x00], b"\x88\x0a\x03\xeabad MASK"),
    ] {
        let (read, write) = (std::io::Cursor::new(sent), tokio::io::duplex(64));
        let (ours, mut theirs) = write;
        let mut link = Link::new(read, ours, Decoder::new(Flavour::Gorilla, 10));
        while link.recv().await.is_ok() {}
        drop(link);
        let mut seen = Vec::new();
        tokio::io::AsyncReadExt::read_to_end(&mut theirs, &mut seen)
            .await
            .unwrap();
        assert_eq!(seen, answered);
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn any_bytes_are_taken_or_refused(bytes in prop::collection::vec(any::<u8>(), 0..200)) {
        for flavour in [Flavour::Gorilla, Flavour::Coder] {
            let _ = decode(flavour, 100, &bytes);
        }
    }

    #[test]
    fn cuts_do_not_matter(
        parts in prop::collection::vec(prop::collection::vec(any::<u8>(), 0..300), 1..5),
        step in 1_usize..50,
    ) {
        let mut bytes = Vec::new();
        for (i, part) in parts.iter().enumerate() {
            let fin = if i + 1 == parts.len() { 0x80 } else { 0 };
            bytes.extend(client(fin | if i == 0 { 2 } else { 0 }, part));
        }
        let mut decoder = Decoder::new(Flavour::Coder, 10_000);
        let mut seen = Vec::new();
        for chunk in bytes.chunks(step) {
            decoder.buffer().extend_from_slice(chunk);
            while let Some(incoming) = decoder.poll().expect("well-formed") {
                seen.push(incoming);
            }
        }
        prop_assert_eq!(seen, vec![Incoming::Binary(Bytes::from(parts.concat()))]);
    }
}
