//! `{"reply":"id",…}`: an answer to a call of the broker.

use bytes::Bytes;

use crate::compose::document::Field;
use crate::compose::error::ComposeError;
use crate::protocol::Command;
use crate::protocol::websocketmq::Answer;

/// All keys of a reply.
pub(super) const KEYS: [&str; 9] = [
    "reply",
    "topic",
    "payload",
    "error",
    "soft",
    "unhandled",
    "silence",
    "verbatim",
    "lint",
];

/// The forms an answer has; none of them is a success without a payload.
const FORMS: [&str; 6] = [
    "payload",
    "error",
    "soft",
    "unhandled",
    "silence",
    "verbatim",
];

pub(super) fn read(
    whole: &Field<'_>,
    payload: Option<Bytes>,
) -> Result<(Command, String), ComposeError> {
    let text = |name: &str| match whole.member(name) {
        Some(field) => field.text().map(str::to_owned),
        None => Ok(String::new()),
    };
    let (id, topic) = (text("reply")?, text("topic")?);
    let given: Vec<_> = FORMS
        .into_iter()
        .filter_map(|form| whole.member(form))
        .collect();
    let answer = match given.as_slice() {
        [] => Answer::Payload(None),
        [form] => answer(form, payload)?,
        [first, second, ..] => {
            return Err(second.invalid(format!(
                "stands beside `{}`; an answer is one of {}",
                first.node.name,
                FORMS.join(", ")
            )));
        }
    };
    let label = if topic.is_empty() {
        id.clone()
    } else {
        topic.clone()
    };
    Ok((Command::Reply { id, topic, answer }, label))
}

fn answer(form: &Field<'_>, payload: Option<Bytes>) -> Result<Answer, ComposeError> {
    Ok(match form.node.name.as_str() {
        "payload" => Answer::Payload(payload),
        "error" => failure(form.clone())?,
        "soft" => Answer::Soft {
            message: form.text()?.to_owned(),
        },
        "verbatim" => Answer::Verbatim(Bytes::from(form.text()?.to_owned())),
        name => {
            if !form.truth()? {
                return Err(form.invalid(format!(
                    "is false, which says nothing: leave `{name}` out, or write true"
                )));
            }
            match name {
                "silence" => Answer::Silence,
                _ => Answer::Unhandled,
            }
        }
    })
}

fn failure(error: Field<'_>) -> Result<Answer, ComposeError> {
    let error = error.object()?;
    error.keys(&["code", "message"], |_| None)?;
    let code = error
        .member("code")
        .map_or(Ok(500), |code| code.integer())?;
    let message = match error.member("message") {
        Some(message) => message.text()?.to_owned(),
        None => String::new(),
    };
    Ok(Answer::Failure { code, message })
}
