//! Is this a Raccoon server?

use super::ack::Ack;
use crate::frame::{Direction, FrameKind, Opening};
use crate::protocol::{Confidence, Evidence, url};

/// The one path the server upgrades on.
const PATH: &str = "/api/v1/events";

/// By the first reply if there is one, else by the path; the bare answer to the upgrade supports
/// it.
pub(super) fn recognise(evidence: &Evidence<'_>) -> Confidence {
    if let Some(frame) = evidence
        .first
        .filter(|frame| frame.direction == Direction::In)
    {
        let ack = Ack::read(frame);
        let whole = ack.error.is_none() && ack.is_possible();
        match frame.kind {
            FrameKind::Binary if whole && ack.is_refusal() => {
                return Confidence::new(95, "the first frame is a Raccoon refusal");
            }
            FrameKind::Text if whole && ack.sent > 0 => {
                return Confidence::new(90, "the first frame is a Raccoon ack");
            }
            FrameKind::Binary if whole && ack.guid.is_some() => {
                return Confidence::new(90, "the first frame is a Raccoon ack");
            }
            _ => {}
        }
    }
    if url::is_grpc(&evidence.opening.url) {
        return Confidence::new(60, "of the systems known, only Raccoon speaks gRPC");
    }
    if url::path(&evidence.opening.url) != PATH {
        return Confidence::NONE;
    }
    if is_bare(evidence.opening) {
        Confidence::new(70, "the path is /api/v1/events and the 101 is bare")
    } else {
        Confidence::new(55, "the path is /api/v1/events")
    }
}

/// The server's 101 has the three headers every upgrade needs, and no other.
fn is_bare(opening: &Opening) -> bool {
    !opening.headers.is_empty()
        && opening.headers.iter().all(|(name, _)| {
            ["upgrade", "connection", "sec-websocket-accept"]
                .iter()
                .any(|known| name.eq_ignore_ascii_case(known))
        })
}
