//! Calls through the broker joined with their inner halves in another session.

use super::picture::{Call, CallState, Hops, Picture, Proxied};
use std::time::Duration;

/// How much earlier than its call an inner half may seem to come: stamps are taken by two tasks.
const SLACK: Duration = Duration::from_millis(50);

/// A call of one session to the client that another session is.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Joined {
    /// [`Proxied::number`] in the caller's session.
    pub proxied: u64,
    /// [`Call::number`] in the target's session.
    pub call: u64,
    /// True if the broker told the inner id; else target, topic, payload and order agree.
    pub certain: bool,
    /// How long each leg took, once both answers were seen.
    pub hops: Option<Hops>,
}

/// Joins the calls of `caller` to the client `target` is with their other halves there, in the
/// order they were made. Both must have been made by one process: their clocks are compared.
#[must_use]
pub fn join(caller: &Picture, target: &Picture) -> Vec<Joined> {
    let own = [&*target.identity.id, &*target.identity.asked];
    let to_it = |call: &&Proxied| !call.target.is_empty() && own.contains(&&*call.target);
    let mut taken = vec![false; target.calls.len()];
    let mut joined = Vec::new();
    // Those the broker named first: they cannot be anything else.
    for certain in [true, false] {
        for proxied in caller.proxied.iter().filter(to_it) {
            if proxied.inner.is_some() != certain {
                continue;
            }
            let found = target
                .calls
                .iter()
                .enumerate()
                .find(|(place, call)| !taken[*place] && fits(proxied, call));
            let Some((place, call)) = found else { continue };
            taken[place] = true;
            joined.push(Joined {
                proxied: proxied.number,
                call: call.number,
                certain,
                hops: hops(proxied, call),
            });
        }
    }
    joined.sort_by_key(|pair| pair.proxied);
    joined
}

fn fits(proxied: &Proxied, call: &Call) -> bool {
    if let Some(inner) = &proxied.inner {
        return *inner == call.id;
    }
    let after = call.at.mono + SLACK >= proxied.at.mono;
    let before = proxied
        .answered
        .is_none_or(|end| call.at.mono <= end.mono + SLACK);
    let same = proxied.topic == call.topic && proxied.digest == call.digest;
    after && before && same
}

fn hops(proxied: &Proxied, call: &Call) -> Option<Hops> {
    let CallState::Answered(work) = call.state else {
        return None;
    };
    Some(Hops {
        there: call.at.since(proxied.at),
        work,
        back: proxied.answered?.since(call.at.after(work)),
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::frame::Stamp;
    use crate::protocol::websocketmq::picture::Identity;
    use crate::transport::clock;

    const MS: Duration = Duration::from_millis(1);

    fn proxied(number: u64, topic: &str, digest: u64, at: Stamp) -> Proxied {
        Proxied {
            number,
            id: format!("outer-{number}"),
            seq: number,
            target: "target-1".to_owned(),
            topic: topic.to_owned(),
            digest,
            at,
            answered: Some(at.after(MS * 10)),
            answer: None,
            inner: None,
            hops: None,
            failure: None,
        }
    }

    fn call(number: u64, topic: &str, digest: u64, at: Stamp) -> Call {
        Call {
            number,
            id: format!("inner-{number}"),
            topic: topic.to_owned(),
            payload: None,
            digest,
            seq: number,
            at,
            due: at.after(MS * 10_000),
            state: CallState::Answered(MS * 4),
            by: String::new(),
            proxied: None,
        }
    }

    fn pictures(proxied: Vec<Proxied>, calls: Vec<Call>) -> (Picture, Picture) {
        let caller = Picture {
            proxied: proxied.into(),
            ..Picture::default()
        };
        let target = Picture {
            identity: Identity {
                id: "target-1".to_owned(),
                ..Identity::default()
            },
            calls: calls.into(),
            ..Picture::default()
        };
        (caller, target)
    }

    #[test]
    fn equal_calls_are_joined_in_order_and_hops_add_up() {
        let start = clock::now();
        let at = |ms: u32| start.after(MS * ms);
        let (caller, target) = pictures(
            vec![
                proxied(0, "t", 7, at(0)),
                proxied(1, "t", 7, at(1)),
                proxied(2, "u", 7, at(2)),
            ],
            vec![
                call(5, "t", 7, at(3)),
                call(6, "t", 8, at(3)),
                call(7, "t", 7, at(4)),
            ],
        );
        let joined = join(&caller, &target);
        let pairs: Vec<_> = joined
            .iter()
            .map(|it| (it.proxied, it.call, it.certain))
            .collect();
        assert_eq!(pairs, [(0, 5, false), (1, 7, false)]);
        let hops = joined[0].hops.unwrap();
        assert_eq!([hops.there, hops.work, hops.back], [MS * 3, MS * 4, MS * 3]);
        assert_eq!(hops.there + hops.work + hops.back, MS * 10);
    }

    #[test]
    fn the_inner_id_decides_and_times_must_fit() {
        let start = clock::now();
        let at = |ms: u32| start.after(MS * ms);
        let named = Proxied {
            inner: Some("inner-6".to_owned()),
            ..proxied(1, "t", 7, at(1))
        };
        let (caller, target) = pictures(
            vec![proxied(0, "t", 7, at(0)), named],
            vec![call(6, "t", 7, at(3)), call(9, "t", 7, at(500))],
        );
        let joined = join(&caller, &target);
        let pairs: Vec<_> = joined
            .iter()
            .map(|it| (it.proxied, it.call, it.certain))
            .collect();
        assert_eq!(
            pairs,
            [(1, 6, true)],
            "what came half a second later is another call"
        );
        let stranger = Picture::default();
        assert!(join(&caller, &stranger).is_empty());
    }
}
