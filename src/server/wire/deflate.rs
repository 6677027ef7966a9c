//! permessage-deflate (RFC 7692) as the nhooyr library does it: without context takeover in either
//! direction, and with its habit of writing one message as many frames.

use bytes::BytesMut;
use miniz_oxide::deflate::core::{CompressorOxide, TDEFLFlush, compress_to_output};
use miniz_oxide::inflate::{TINFLStatus, decompress_to_vec_with_limit};

use super::{Opcode, encode};

/// What the server answers to an offer it accepts.
pub const ACCEPTED: &str =
    "permessage-deflate; client_no_context_takeover; server_no_context_takeover";

/// Messages shorter than this are not compressed.
const THRESHOLD: usize = 512;

/// The end of a flushed deflate stream, which does not go over the wire.
const TAIL: [u8; 4] = [0, 0, 0xff, 0xff];

/// An empty last block: with it behind the tail, a message is a whole stream.
const END: [u8; 5] = [1, 0, 0, 0xff, 0xff];

/// Bytes the library's compressor hands over at a time.
const PIECE: usize = 246;

/// The fastest level; the library has but one.
const LEVEL: u8 = 1;

/// Why a compressed message cannot be read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Unpacked {
    TooLong,
    Corrupt,
}

/// Inflates one message of at most `limit` bytes.
pub(super) fn unpack(packed: &[u8], limit: usize) -> Result<Vec<u8>, Unpacked> {
    let stream = [packed, &TAIL, &END].concat();
    decompress_to_vec_with_limit(&stream, limit).map_err(|failed| match failed.status {
        TINFLStatus::HasMoreOutput => Unpacked::TooLong,
        _ => Unpacked::Corrupt,
    })
}

fn pack(message: &[u8]) -> Vec<u8> {
    let mut compressor = CompressorOxide::default();
    compressor.set_format_and_level(miniz_oxide::DataFormat::Raw, LEVEL);
    let mut packed = Vec::with_capacity(message.len() / 2);
    compress_to_output(&mut compressor, message, TDEFLFlush::Sync, |piece| {
        packed.extend_from_slice(piece);
        true
    });
    packed
}

/// Appends a text message as the library writes it once the extension has been agreed on: never in
/// one frame. A short one is a frame that is not final, and an empty one that is. Of a long one
/// the library holds back four bytes each time its compressor hands over a piece, for they might
/// be the tail; so every piece comes as two frames.
pub fn message(payload: &[u8], out: &mut BytesMut) {
    if payload.len() < THRESHOLD {
        encode::frame(Opcode::Text, false, payload, out);
    } else {
        let packed = pack(payload);
        let packed = packed.strip_suffix(&TAIL).unwrap_or(&packed);
        let mut opcode = Opcode::Text;
        let mut written = 0;
        let mut write_up_to = |end: usize| {
            if end > written {
                encode::compressed(opcode, &packed[written..end], out);
                opcode = Opcode::Continuation;
                written = end;
            }
        };
        let mut held_back = 0;
        for end in (PIECE..packed.len()).step_by(PIECE).chain([packed.len()]) {
            let safe = end.saturating_sub(TAIL.len());
            write_up_to(held_back.min(safe));
            write_up_to(safe);
            held_back = end;
        }
        write_up_to(packed.len());
    }
    encode::frame(Opcode::Continuation, true, &[], out);
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::super::{Decoder, Flavour, Incoming, Violation};
    use super::*;

    /// First bytes and payloads of the frames in `bytes`.
    fn frames(mut bytes: &[u8]) -> Vec<(u8, Vec<u8>)> {
        let mut found = Vec::new();
        while let [first, second, rest @ ..] = bytes {
            let (length, rest) = match second {
                126 => (
                    usize::from(u16::from_be_bytes([rest[0], rest[1]])),
                    &rest[2..],
                ),
                short => (usize::from(*short), rest),
            };
            found.push((*first, rest[..length].to_vec()));
            bytes = &rest[length..];
        }
        found
    }

    fn written(payload: &[u8]) -> Vec<(u8, Vec<u8>)> {
        let mut out = BytesMut::new();
        message(payload, &mut out);
        frames(&out)
    }

    #[test]
    fn a_short_message_is_plain_and_comes_in_two_frames() {
        assert_eq!(written(b"{}"), [(0x01, b"{}".to_vec()), (0x80, Vec::new())]);
    }

    #[test]
    fn a_long_one_is_compressed_and_every_piece_comes_in_two_frames() {
        let numbers: Vec<_> = (0..2_000).map(|n| (n * 7919 % 1_013).to_string()).collect();
        let text = numbers.join(" ");
        let frames = written(text.as_bytes());
        assert_eq!(frames[0].0, 0x41);
        let lengths: Vec<_> = frames.iter().map(|(_, payload)| payload.len()).collect();
        assert_eq!(lengths[..4], [242, 4, 242, 4]);
        let (last, before) = frames.split_last().unwrap();
        assert_eq!(*last, (0x80, Vec::new()));
        assert!(before[1..].iter().all(|(first, _)| *first == 0));
        let packed: Vec<u8> = before.iter().flat_map(|(_, part)| part.clone()).collect();
        assert_eq!(unpack(&packed, text.len()), Ok(text.clone().into_bytes()));
        assert_eq!(unpack(&packed, text.len() - 1), Err(Unpacked::TooLong));
    }

    /// A client frame with a mask of zeros.
    fn sent(first: u8, payload: &[u8]) -> Vec<u8> {
        let mut frame = vec![first, 0x80 | payload.len() as u8, 0, 0, 0, 0];
        frame.extend_from_slice(payload);
        frame
    }

    fn received(limit: usize, bytes: &[u8]) -> Result<Option<Incoming>, Violation> {
        let mut decoder = Decoder::new(Flavour::Nhooyr, limit).deflating();
        decoder.buffer().extend_from_slice(bytes);
        decoder.poll()
    }

    #[test]
    fn clients_may_send_plain_and_compressed_messages() {
        let text = vec![b'x'; 600];
        let packed: Vec<u8> = written(&text)
            .into_iter()
            .flat_map(|(_, part)| part)
            .collect();
        let incoming = received(600, &sent(0xc1, &packed));
        assert_eq!(incoming, Ok(Some(Incoming::Text(text.into()))));
        let too_long = received(599, &sent(0xc1, &packed)).unwrap_err();
        assert!(too_long.is_too_big());
        let plain = received(9, &sent(0x81, b"plain"));
        assert_eq!(plain, Ok(Some(Incoming::Text("plain".into()))));
        let corrupt = received(9, &sent(0xc1, b"\xff\xff")).unwrap_err();
        assert_eq!(corrupt.close, None);
        let marked = [sent(0x01, b"a"), sent(0xc0, b"b")].concat();
        let (code, _) = received(9, &marked).unwrap_err().close.unwrap();
        assert_eq!(code, 1002, "only the first frame is marked");
    }

    #[test]
    fn what_is_no_deflate_stream_is_corrupt() {
        assert_eq!(unpack(b"\xff\xff\xff\xff", 100), Err(Unpacked::Corrupt));
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(64))]

        #[test]
        fn any_bytes_are_survived(bytes in proptest::collection::vec(any::<u8>(), 0..256)) {
            let _ = unpack(&bytes, 10_000);
        }

        #[test]
        fn what_is_packed_is_unpacked(bytes in proptest::collection::vec(any::<u8>(), 512..4096)) {
            let frames = written(&bytes);
            let packed: Vec<u8> = frames.into_iter().flat_map(|(_, part)| part).collect();
            prop_assert_eq!(unpack(&packed, bytes.len()), Ok(bytes));
        }
    }
}
