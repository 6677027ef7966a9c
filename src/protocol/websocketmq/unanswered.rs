//! What it means that a reply did not come.

use super::clients;
use super::dialect::{Dialect, Generation};
use super::envelope::REGISTER;
use super::proxied::PROXY;
use crate::frame::Direction;
use crate::protocol::Unanswered;

/// The sentence for an ask that is given up; `silent` if it is a call of the broker that was left
/// without an answer on purpose.
pub(super) fn why(ask: &Unanswered<'_>, dialect: Dialect, silent: bool) -> &'static str {
    match (ask.direction, ask.cut) {
        (Direction::In, true) => theirs_cut(dialect),
        (Direction::In, false) if silent => {
            "left without an answer on purpose: the broker has given up on it now, and its caller gets a time-out"
        }
        (Direction::In, false) => {
            "no answer of ours left in time: the broker has given up on it, and drops one that comes now"
        }
        (Direction::Out, true) => {
            "the connection ended before the reply, which is not sent again on another one; whether the call was carried out is not known"
        }
        (Direction::Out, false) => ours(ask.label, dialect),
    }
}

const fn theirs_cut(dialect: Dialect) -> &'static str {
    match dialect.generation() {
        Generation::One => {
            "the connection ended before our answer; the server still waits for one until its time is over, from any connection"
        }
        Generation::Two => {
            "the connection ended before our answer: the broker fails the call at once"
        }
    }
}

/// A request or a change of subscription of ours whose time is over.
fn ours(label: &str, dialect: Dialect) -> &'static str {
    match dialect {
        _ if dialect.generation() == Generation::One
            && (label == REGISTER || label == clients::LIST) =>
        {
            "a message of generation 2, sent before it was known that the server speaks generation 1, which passes over such messages: nothing is lost by it"
        }
        Dialect::G1_0 => {
            "generation 1.0 waits 5 s for a handler and then says nothing: there is none, or it failed"
        }
        Dialect::G1_1 => {
            "generation 1.1 answers with `context deadline exceeded` when the `ttl` of the request is over: that may come just after this; else a handler still works"
        }
        Dialect::G1 | Dialect::G1_2 | Dialect::G1_3 => {
            "silence is how generation 1 says that no handler has this topic, and also that its handler failed; it never looks at `ttl`"
        }
        _ if label == PROXY => {
            "the broker itself waits 10 s for the target: its failure may come just after this; give the call more time to see it. Nothing tells the target to stop"
        }
        _ if label == REGISTER || label == clients::LIST => {
            "every broker of this generation answers this one, if only with 404: either the reply was dropped because the queue for us was full, or the connection is dead"
        }
        _ => {
            "no reply in time: its handler still works (nothing cancels it), or the broker dropped the reply because its queue for us was full, which it does in silence"
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sentences_by_generation_direction_and_cause() {
        use Direction::{In, Out};
        for (direction, label, cut, dialect, silent, part) in [
            (
                Out,
                "t",
                false,
                Dialect::G1_3,
                false,
                "no handler has this topic",
            ),
            (
                Out,
                "t",
                false,
                Dialect::G1_1,
                false,
                "context deadline exceeded",
            ),
            (Out, "t", false, Dialect::G1_0, false, "5 s"),
            (Out, "t", false, Dialect::G2_3, false, "dropped the reply"),
            (
                Out,
                "system:proxy",
                false,
                Dialect::G2,
                false,
                "10 s for the target",
            ),
            (
                Out,
                "system:register",
                false,
                Dialect::G2,
                false,
                "every broker",
            ),
            (Out, "t", true, Dialect::G2, false, "not sent again"),
            (In, "t", true, Dialect::G1_3, false, "any connection"),
            (
                In,
                "t",
                true,
                Dialect::G2_3,
                false,
                "fails the call at once",
            ),
            (In, "t", false, Dialect::G2_3, false, "has given up"),
            (In, "t", false, Dialect::G2_3, true, "on purpose"),
        ] {
            let ask = Unanswered {
                key: "k",
                label,
                direction,
                cut,
            };
            let said = why(&ask, dialect, silent);
            assert!(said.contains(part), "{ask:?}: {said}");
        }
    }
}
