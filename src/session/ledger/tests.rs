use super::*;
use crate::transport::clock;

const LIMIT: Duration = Duration::from_secs(10);

fn ask(ledger: &mut Ledger, key: &str, seq: Seq, at: Stamp) -> Option<Lost> {
    ledger.ask(Direction::Out, &asking(key, seq, at, LIMIT))
}

fn asking(key: &str, seq: Seq, at: Stamp, within: Duration) -> Asking<'_> {
    Asking {
        key,
        label: "click",
        group: "",
        series: Series::default(),
        seq,
        at,
        within,
    }
}

fn reply(ledger: &mut Ledger, key: &str, at: Stamp) -> Outcome {
    ledger.answer(Direction::In, key, Verdict::Ok, at).outcome
}

#[test]
fn in_time_is_ok_with_latency_and_then_duplicate() {
    let mut ledger = Ledger::default();
    let start = clock::now();
    assert!(ask(&mut ledger, "a", 3, start).is_none());
    let later = start.after(Duration::from_millis(7));
    let first = ledger.answer(Direction::In, "a", Verdict::Error, later);
    assert_eq!(first.outcome, Outcome::Error);
    assert_eq!(first.latency, Some(Duration::from_millis(7)));
    assert_eq!(first.asked, Some(3));
    assert_eq!(reply(&mut ledger, "a", later), Outcome::Duplicate);
    assert_eq!(ledger.open(Direction::Out), 0);
}

#[test]
fn after_the_deadline_is_lost_and_then_late_and_then_duplicate() {
    let mut ledger = Ledger::default();
    let start = clock::now();
    ask(&mut ledger, "a", 0, start);
    assert!(ledger.expire(start.mono + LIMIT / 2).is_none());
    let lost = ledger
        .expire(start.mono + LIMIT)
        .expect("the deadline has passed");
    assert_eq!((lost.why, &*lost.key), (Why::Timeout, "a"));
    let late = start.after(LIMIT * 2);
    assert_eq!(reply(&mut ledger, "a", late), Outcome::Late);
    assert_eq!(reply(&mut ledger, "a", late), Outcome::Duplicate);
}

#[test]
fn nobody_asked_is_orphan() {
    assert_eq!(
        reply(&mut Ledger::default(), "x", clock::now()),
        Outcome::Orphan
    );
}

#[test]
fn both_peers_may_use_one_key() {
    let mut ledger = Ledger::default();
    let now = clock::now();
    ledger.ask(Direction::Out, &asking("1", 0, now, LIMIT));
    ledger.ask(Direction::In, &asking("1", 1, now, LIMIT));
    let theirs = ledger.answer(Direction::Out, "1", Verdict::Ok, now);
    assert_eq!(theirs.asked, Some(1));
    assert_eq!(ledger.open(Direction::Out), 1);
}

#[test]
fn asks_under_one_key_are_answered_in_their_order() {
    let mut ledger = Ledger::default();
    let now = clock::now();
    for seq in 0..3 {
        assert!(ask(&mut ledger, "a", seq, now).is_none());
    }
    assert_eq!(ledger.open(Direction::Out), 3);
    let mut answer = || ledger.answer(Direction::In, "a", Verdict::Ok, now);
    let replies = [answer(), answer(), answer(), answer()];
    let asked: Vec<_> = replies.iter().map(|reply| reply.asked).collect();
    assert_eq!(asked, [Some(0), Some(1), Some(2), Some(2)]);
    assert_eq!(replies[3].outcome, Outcome::Duplicate);
    assert_eq!(ledger.open(Direction::Out), 0);
    assert!(ledger.ours.behind.is_empty());
}

#[test]
fn of_asks_under_one_key_each_has_its_own_deadline_and_end() {
    let mut ledger = Ledger::default();
    let now = clock::now();
    let later = now.after(LIMIT / 2);
    ask(&mut ledger, "a", 0, now);
    ask(&mut ledger, "a", 1, later);
    ask(&mut ledger, "a", 2, later);
    let due = now.mono + LIMIT;
    assert_eq!(ledger.expire(due).map(|lost| lost.seq), Some(0));
    assert!(ledger.expire(due).is_none(), "the second has time left");
    assert_eq!(ledger.next_due(), Some(later.mono + LIMIT));
    assert_eq!(ledger.oldest(), Some(later));
    let rest: Vec<_> = std::iter::from_fn(|| ledger.abandon())
        .map(|lost| lost.seq)
        .collect();
    assert_eq!((rest, ledger.open(Direction::Out)), (vec![1, 2], 0));
}

#[test]
fn the_oldest_leaves_at_the_bound() {
    let mut ledger = Ledger::default();
    let now = clock::now();
    for n in 0..OPEN_MAX {
        assert!(ask(&mut ledger, &n.to_string(), n as Seq, now).is_none());
    }
    let lost = ask(&mut ledger, "one more", 0, now).expect("one is evicted");
    assert_eq!((lost.why, &*lost.key), (Why::Evicted, "0"));
    assert_eq!(ledger.open(Direction::Out), OPEN_MAX);
}

#[test]
fn a_disconnect_loses_all_oldest_first() {
    let mut ledger = Ledger::default();
    let now = clock::now();
    ask(&mut ledger, "a", 0, now);
    ask(&mut ledger, "b", 1, now);
    let keys: Vec<_> = std::iter::from_fn(|| ledger.abandon())
        .map(|lost| lost.seq)
        .collect();
    assert_eq!(keys, [0, 1]);
    assert!(ledger.next_due().is_none());
}

#[test]
fn mixed_deadlines_expire_in_their_own_order() {
    let mut ledger = Ledger::default();
    let now = clock::now();
    ledger.ask(Direction::Out, &asking("slow", 0, now, LIMIT * 3));
    ledger.ask(Direction::Out, &asking("fast", 1, now, LIMIT));
    assert_eq!(ledger.next_due(), Some(now.mono + LIMIT));
    assert_eq!(
        ledger.expire(now.mono + LIMIT).map(|lost| lost.seq),
        Some(1)
    );
    assert!(ledger.expire(now.mono + LIMIT * 2).is_none());
    assert_eq!(ledger.oldest(), Some(now));
}

#[test]
fn open_asks_are_told_oldest_first_and_without_the_answered() {
    let mut ledger = Ledger::default();
    let now = clock::now();
    for (seq, key) in ["a", "b", "c", "d"].into_iter().enumerate() {
        ask(&mut ledger, key, seq as Seq, now);
    }
    reply(&mut ledger, "a", now);
    reply(&mut ledger, "c", now);
    let open: Vec<_> = ledger.open_asks(9).map(|ask| (ask.key, ask.seq)).collect();
    assert_eq!(open, [("b", 1), ("d", 3)]);
    assert_eq!(ledger.open_asks(1).count(), 1);
}

#[test]
fn the_lazy_queues_stay_small() {
    let mut ledger = Ledger::default();
    let now = clock::now();
    for n in 0..50_000_u32 {
        ask(&mut ledger, &n.to_string(), 0, now);
        reply(&mut ledger, &n.to_string(), now);
    }
    assert!(ledger.ours.order.len() < 2_048 && ledger.ours.due.len() < 2_048);
    assert!(ledger.ours.closed.len() <= REMEMBERED_MAX);
}

#[test]
fn asks_of_the_peer_are_counted_and_lost_apart_from_ours() {
    let mut ledger = Ledger::default();
    let now = clock::now();
    ledger.ask(Direction::In, &asking("a", 0, now, LIMIT));
    ask(&mut ledger, "a", 1, now.after(LIMIT / 2));
    let open = [Direction::In, Direction::Out].map(|direction| ledger.open(direction));
    assert_eq!(open, [1, 1]);
    assert_eq!(ledger.oldest(), Some(now.after(LIMIT / 2)));
    let lost = ledger.expire(now.mono + LIMIT).expect("theirs is over");
    assert_eq!((lost.direction, lost.seq), (Direction::In, 0));
    let lost = ledger.abandon().expect("ours is open");
    assert_eq!((lost.direction, lost.seq), (Direction::Out, 1));
}
