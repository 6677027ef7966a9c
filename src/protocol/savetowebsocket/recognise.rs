//! Is this a `SaveToWebSocket` server?

use super::event::{self, Kind};
use crate::frame::{Direction, FrameKind};
use crate::protocol::{Confidence, Evidence, url};

/// By the welcome, which is always the first frame; the default path alone says little.
pub(super) fn recognise(evidence: &Evidence<'_>) -> Confidence {
    let first = evidence
        .first
        .filter(|frame| frame.direction == Direction::In && frame.kind == FrameKind::Text);
    if first.is_some_and(|frame| event::read(frame.payload).kind == Kind::Welcome) {
        return Confidence::new(98, "the first frame is a welcome that asks for a register");
    }
    if url::path(&evidence.opening.url) == "/ws" {
        return Confidence::new(15, "the path is /ws");
    }
    Confidence::NONE
}
