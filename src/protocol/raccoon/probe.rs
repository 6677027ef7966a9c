//! A batch without events: the server acknowledges it and publishes nothing.

use super::{EncodedBatch, Settings, Transport, Wire};
use crate::frame::Stamp;

/// Makes one under `guid`, over the transport and wire the settings say. In ASYNC its ack measures
/// the network and the server's reader, in SYNC the wait for a worker too.
#[must_use]
pub fn probe(settings: &Settings, guid: &str, now: Stamp) -> EncodedBatch {
    let transport = settings.transport.unwrap_or_default();
    let wire = match transport {
        Transport::Grpc => Wire::Protobuf,
        Transport::WebSocket | Transport::Rest => settings.wire,
    };
    let seconds = now.wall_us.div_euclid(1_000_000);
    let nanos = now.wall_us.rem_euclid(1_000_000) * 1_000;
    let bytes = match wire {
        Wire::Protobuf => {
            let mut time = vec![0x08];
            varint(seconds, &mut time);
            time.push(0x10);
            varint(nanos, &mut time);
            let mut bytes = vec![0x0a];
            varint(guid.len() as i64, &mut bytes);
            bytes.extend_from_slice(guid.as_bytes());
            bytes.push(0x12);
            varint(time.len() as i64, &mut bytes);
            bytes.extend_from_slice(&time);
            bytes
        }
        Wire::Json => {
            let mut text = String::from("{\"req_guid\":");
            crate::body::write_json_string(guid, &mut text);
            let time = format!(",\"sent_time\":{{\"seconds\":{seconds},\"nanos\":{nanos}}}");
            (text + &time + ",\"events\":[]}").into_bytes()
        }
    };
    EncodedBatch {
        guid: guid.to_owned(),
        transport,
        wire,
        bytes: bytes.into(),
    }
}

fn varint(number: i64, out: &mut Vec<u8>) {
    let mut rest = number as u64;
    while rest >= 0x80 {
        out.push(rest as u8 | 0x80);
        rest >>= 7;
    }
    out.push(rest as u8);
}

#[cfg(test)]
mod tests {
    use super::super::batch::Batch;
    use super::*;
    use crate::transport::clock;

    #[test]
    fn the_server_reads_an_empty_batch_on_both_wires() {
        let now = clock::now();
        for wire in [Wire::Protobuf, Wire::Json] {
            let settings = Settings {
                wire,
                ..Settings::default()
            };
            let sent = probe(&settings, "0b1c7a52", now);
            let read = match wire {
                Wire::Protobuf => Batch::protobuf(&sent.bytes),
                Wire::Json => Batch::json(&sent.bytes),
            };
            let seconds = now.wall_us / 1_000_000;
            assert_eq!((&*read.guid, read.tally.total()), ("0b1c7a52", 0));
            assert_eq!(read.sent, Some(seconds));
            assert!(read.notes(seconds).is_empty(), "{read:?}");
        }
    }

    #[test]
    fn over_grpc_it_is_protobuf_whatever_the_wire() {
        let settings = Settings {
            wire: Wire::Json,
            transport: Some(Transport::Grpc),
            ..Settings::default()
        };
        assert_eq!(probe(&settings, "g", clock::now()).wire, Wire::Protobuf);
    }
}
