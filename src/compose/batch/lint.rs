//! The server's reading of a message, before it is sent.

use crate::compose::context::Context;
use crate::compose::document::Field;
use crate::compose::error::ComposeError;
use crate::protocol::raccoon::lint::{self, GRPC_MAX, Reading};
use crate::protocol::raccoon::{Settings, Transport, Wire};

/// What the server makes of `bytes`. What cannot be meant is refused, unless the document or the
/// settings ask for no lint; then it is among what is odd.
pub(super) fn read(
    whole: &Field<'_>,
    settings: &Settings,
    (wire, transport): (Wire, Transport),
    bytes: &[u8],
    context: &Context<'_>,
) -> Result<Reading, ComposeError> {
    let is_on = match whole.member("lint") {
        Some(field) => field.truth()?,
        None => settings.lint,
    };
    let mut reading = lint::read(wire, bytes, context.now_us.div_euclid(1_000_000));
    if transport == Transport::Grpc && bytes.len() > GRPC_MAX {
        reading.odd.push(format!(
            "the message has {} bytes: over gRPC the server refuses more than {GRPC_MAX}",
            bytes.len()
        ));
    }
    if is_on && !reading.refused.is_empty() {
        return Err(whole.invalid(format!(
            "{}. Write \"lint\": false beside it to send it all the same",
            reading.refused.join("; ")
        )));
    }
    let refused = std::mem::take(&mut reading.refused);
    reading.odd.splice(..0, refused);
    Ok(reading)
}
