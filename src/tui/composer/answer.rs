//! The form of an answer to a call of the broker.

/// What a call is answered with.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum AnswerForm {
    /// A success with a payload, or without one.
    #[default]
    Payload,
    /// A failure: code and message.
    Failure,
    /// A failure as browsers report it.
    Soft,
    /// That nobody handles the topic.
    Unhandled,
    /// Nothing at all.
    Silence,
    /// A message as it stands.
    Verbatim,
}

impl AnswerForm {
    /// All forms, in the order of the selector.
    pub const ALL: [Self; 6] = [
        Self::Payload,
        Self::Failure,
        Self::Soft,
        Self::Unhandled,
        Self::Silence,
        Self::Verbatim,
    ];

    /// The word on the selector.
    #[must_use]
    pub const fn title(self) -> &'static str {
        match self {
            Self::Payload => "success, with this payload",
            Self::Failure => "failure, with code and message",
            Self::Soft => "failure as browsers report it: taken for a success",
            Self::Unhandled => "nobody handles this topic",
            Self::Silence => "silence: the broker waits its time out",
            Self::Verbatim => "this message as it stands",
        }
    }

    /// The document's key.
    #[must_use]
    pub const fn key(self) -> &'static str {
        match self {
            Self::Payload => "payload",
            Self::Failure => "error",
            Self::Soft => "soft",
            Self::Unhandled => "unhandled",
            Self::Silence => "silence",
            Self::Verbatim => "verbatim",
        }
    }

    /// True if a text of several lines belongs to it.
    #[must_use]
    pub const fn has_body(self) -> bool {
        matches!(self, Self::Payload | Self::Verbatim)
    }

    /// The fields of one line that belong to it, by their places in the form of a reply.
    #[must_use]
    pub const fn lines(self) -> &'static [usize] {
        match self {
            Self::Failure => &[2, 3],
            Self::Soft => &[3],
            Self::Payload | Self::Unhandled | Self::Silence | Self::Verbatim => &[],
        }
    }

    /// The form `steps` further on.
    #[must_use]
    pub fn turned(self, steps: isize) -> Self {
        let at = Self::ALL.iter().position(|one| *one == self).unwrap_or(0);
        let next = at as isize + steps;
        Self::ALL[next.rem_euclid(Self::ALL.len() as isize) as usize]
    }
}
