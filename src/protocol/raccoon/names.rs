//! The contract's names and numbers.

/// Full name of a batch.
pub(super) const REQUEST: &str = "raystack.raccoon.v1beta1.SendEventRequest";
/// Full name of a reply.
pub(super) const RESPONSE: &str = "raystack.raccoon.v1beta1.SendEventResponse";

/// Path of the one gRPC method.
pub(super) const SEND_EVENT: &str = "/raystack.raccoon.v1beta1.EventService/SendEvent";

/// The batch was taken.
pub(super) const STATUS_SUCCESS: i64 = 1;
/// Taken, whatever that means in the server's ack mode.
pub(super) const OK: i64 = 1;
/// The batch could not be decoded.
pub(super) const BAD_REQUEST: i64 = 2;
/// Publishing failed, wholly or in part.
pub(super) const INTERNAL_ERROR: i64 = 3;
/// Refusal: the connection table is full.
pub(super) const MAX_CONNECTIONS: i64 = 4;
/// Refusal: the same id and group is connected.
pub(super) const MAX_USER: i64 = 5;

const STATUS: [&str; 3] = ["STATUS_UNSPECIFIED", "STATUS_SUCCESS", "STATUS_ERROR"];
const CODE: [&str; 6] = [
    "CODE_UNSPECIFIED",
    "CODE_OK",
    "CODE_BAD_REQUEST",
    "CODE_INTERNAL_ERROR",
    "CODE_MAX_CONNECTION_LIMIT_REACHED",
    "CODE_MAX_USER_LIMIT_REACHED",
];

/// The name of a status; `None` if the contract has no such number.
pub(super) fn status(number: i64) -> Option<&'static str> {
    STATUS.get(usize::try_from(number).ok()?).copied()
}

/// The name of a code; `None` if the contract has no such number.
pub(super) fn code(number: i64) -> Option<&'static str> {
    CODE.get(usize::try_from(number).ok()?).copied()
}

/// The name of a code as a label: without the prefix they all share.
pub(super) fn short_code(number: i64) -> Option<&'static str> {
    code(number)?.strip_prefix("CODE_")
}

/// What a status means, in a few words.
pub(super) const fn status_meaning(number: i64) -> &'static str {
    match number {
        0 => "never sent by this server",
        STATUS_SUCCESS => "taken",
        2 => "failed, see the code",
        _ => "not in the contract",
    }
}

/// What a code means, in a few words.
pub(super) const fn code_meaning(number: i64) -> &'static str {
    match number {
        0 => "never sent by this server",
        OK => "decoded (ASYNC), or published (SYNC)",
        BAD_REQUEST => "the server could not decode the batch",
        INTERNAL_ERROR => "publishing failed, wholly or in part",
        MAX_CONNECTIONS => "refused: the server's connection table is full",
        MAX_USER => "refused: this id and group is connected already",
        _ => "not in the contract",
    }
}

/// Number and meaning of a code by its full name.
#[must_use]
pub fn meaning_of(name: &str) -> Option<(i64, &'static str)> {
    let number = CODE.iter().position(|known| *known == name)? as i64;
    Some((number, code_meaning(number)))
}
