//! Filters and searches: the fast ways say what the slow way says.

use std::sync::LazyLock;
use std::sync::atomic::AtomicBool;

use super::*;
use crate::body::{Body, Node};
use crate::entry::Line;
use crate::frame::Frame;
use crate::store::job::{Progress, Towards};

fn decode(frame: &Frame<'_>) -> Body {
    let text = String::from_utf8_lossy(frame.payload);
    let root = serde_json::from_str::<serde_json::Value>(&text).map_or_else(
        |_| Node::text("", text.as_ref()),
        |value| {
            Node::object(
                "",
                vec![Node::text("x", value["x"].as_str().unwrap_or("-"))],
            )
        },
    );
    Body {
        root,
        ..Body::default()
    }
}

fn view() -> View {
    View {
        session: "demo".to_owned(),
        system: Some("generic"),
        decode: Arc::new(decode),
        verbatim: true,
    }
}

const PAYLOADS: &[&str] = &[
    r#"{"x":"lit"}"#,
    r#"{"x":"l\u0069t"}"#,
    r#"{"x":"other","y":"lit"}"#,
    "lit as text",
    "",
    "plain",
    "über LIT",
];

const EXPRESSIONS: &[&str] = &[
    r#".badge == "ack""#,
    r#".badge != "ack" and .dir == "out""#,
    ".latency_us > 2000",
    ".latency_us < 2000",
    ".latency_us <= 2000 | not",
    r#".outcome == null or .outcome == "ok""#,
    ".pair",
    ".asks == true",
    r#".label >= "b""#,
    ".size > 10 and .seq < 7",
    r#".kind == "ping" or .system == "generic""#,
    r#"select(.type == "frame")"#,
    r#""demo" == .session and .v == 1"#,
    r#".body.x == "lit""#,
    r#".size > 4 and .body.x == "lit""#,
    r#".body.x | startswith("l")"#,
    r#".body | contains("lit")"#,
    r#".badge == "ack" and .at > "2000""#,
    ".body.x.deeper == 1",
    r#".state == "open""#,
    ".label | length",
    r#".label | contains("i")"#,
    r#"(.label | startswith("L") | not) and (.badge | endswith("k"))"#,
    r#".outcome | startswith("o") | not"#,
];

static FILTERS: LazyLock<Vec<Arc<Filter>>> = LazyLock::new(|| {
    let compiled = EXPRESSIONS.iter().map(|text| Filter::compile(text));
    compiled
        .map(|filter| Arc::new(filter.expect("it is a filter")))
        .collect()
});

fn sieve(filter: &Arc<Filter>) -> Sieve {
    Sieve::of(Arc::clone(filter), Arc::new(view()))
}

fn chunk_of(rows: &[(usize, u8, bool, Option<u32>)]) -> Chunk {
    let start = clock::now();
    let mut chunk = Chunk::new(3, Vec::new());
    for (payload, pick, out, latency) in rows {
        let kinds = [
            EntryKind::Frame(FrameKind::Text),
            EntryKind::Frame(FrameKind::Binary),
            EntryKind::Frame(FrameKind::Ping),
            EntryKind::Lifecycle,
        ];
        let kind = kinds[usize::from(pick % 4)];
        let facts = br#"{"state":"open","badge":"ack"}"#;
        let text = PAYLOADS[payload % PAYLOADS.len()].as_bytes();
        let frame = matches!(kind, EntryKind::Frame(_));
        chunk.push(&Draft {
            at: start,
            kind,
            direction: if *out { Direction::Out } else { Direction::In },
            payload: if frame { text } else { facts },
            wire: &Wire::default(),
            badge: if pick % 3 == 0 {
                Badge::Ack
            } else {
                Badge::Ping
            },
            label: ["", "a", "b", "Lit"][usize::from(pick / 4 % 4)],
            outcome: latency.map(|_| Outcome::ALL[usize::from(pick % 5)]),
            latency: latency.map(|us| Duration::from_micros(us.into())),
            pair: latency.map(|_| 1),
            asks: *out,
            note: (pick % 7 == 0).then(|| "lit as well".to_owned()),
            error: (pick % 11 == 0).then(|| "Literally".to_owned()),
        });
    }
    chunk
}

/// The answer by building every line whole.
fn slowly(filter: &Filter, entry: &Entry<'_>) -> bool {
    let body = entry.frame().map(|frame| decode(&frame));
    let mut line = String::new();
    Line {
        entry,
        session: "demo",
        system: Some("generic"),
        body: body.as_ref(),
        raw: false,
    }
    .write_json(&mut line);
    filter.matches_line(&line).unwrap_or(false)
}

fn rows() -> impl Strategy<Value = Vec<(usize, u8, bool, Option<u32>)>> {
    let latency = prop::option::of(1_990_u32..2_010);
    prop::collection::vec(
        (0..PAYLOADS.len(), any::<u8>(), any::<bool>(), latency),
        1..40,
    )
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(32))]

    #[test]
    fn a_filter_decides_quickly_what_it_would_decide_on_the_line(rows in rows()) {
        let chunk = chunk_of(&rows);
        for filter in FILTERS.iter() {
            let sifted = sieve(filter).sift(&chunk, 0..Seq::MAX, &AtomicBool::new(false));
            let expected: Vec<Seq> = chunk.iter()
                .filter(|entry| slowly(filter, entry))
                .map(|entry| entry.seq)
                .collect();
            prop_assert_eq!(sifted.hits, expected, "{}", filter.text());
        }
    }

    #[test]
    fn a_search_finds_the_entries_that_hold_the_text(
        rows in rows(),
        range in (0_u64..45, 0_u64..45),
        max in 1_usize..9,
    ) {
        let chunk = chunk_of(&rows);
        for text in ["lit", "Lit", "LIT", "l", "/^lit/", "/LI./", r"/\bas\b|y/", "über", "tp",
            "/l.*t/", "/[^a]i[a-z]?/", "/x|/", "/t.?p/", "/lit$/", r"/\w+t/"] {
            let pattern = Pattern::compile(text).unwrap();
            let hits = pattern.hits(&chunk, range.0..range.1, max);
            let expected: Vec<Seq> = chunk.iter()
                .filter(|entry| (range.0..range.1).contains(&entry.seq) && pattern.matches(entry))
                .map(|entry| entry.seq)
                .take(max)
                .collect();
            prop_assert_eq!(hits, expected, "{}", text);
        }
    }
}

#[test]
fn case_counts_if_the_pattern_has_an_upper_case_letter() {
    for (pattern, text, found) in [
        ("lit", "LIT", true),
        ("Lit", "lit", false),
        ("Lit", "a Lit", true),
        ("123", "x123", true),
        ("a.c", "abc", false),
        ("/a.c/", "ABC", true),
        (r"/\S\d/", "x1", true),
        (r"/X\d/", "x1", false),
        ("/", "a/b", true),
        ("//", "a//b", true),
        ("straße", "STRASSE", false),
        ("é", "É", true),
    ] {
        let compiled = Pattern::compile(pattern).unwrap();
        assert_eq!(
            compiled.is_in(text.as_bytes()),
            found,
            "{pattern} in {text}"
        );
    }
    assert_eq!(
        Pattern::compile("/a(/").unwrap_err().to_string(),
        "`/a(/` is not a pattern: unclosed group; without slashes it is searched as it stands"
    );
    assert!(Pattern::compile("").is_err());
    assert!(Pattern::compile(r"/(a{1000}){1000}/").is_err());
}

#[test]
fn a_match_lies_within_one_payload() {
    let mut feeder = Feeder::new(1 << 20);
    feeder.add(
        A,
        &[(b"xxli", "", None), (b"t", "", None), (b"lilit", "", None)],
    );
    let piece = feeder.store.timeline(A).unwrap().piece(0).unwrap();
    let hits = |text| Pattern::compile(text).unwrap().hits(&piece, 0..9, 9);
    assert_eq!(hits("lit"), [2]);
    assert_eq!(hits("/^li/"), [2]);
    assert!(hits("tl").is_empty());
}

#[test]
fn a_sifting_sees_each_entry_once_while_entries_come_and_go() {
    let mut feeder = Feeder::new(600_000);
    let filter = Arc::new(Filter::compile(r#".label == "yes""#).unwrap());
    let large = vec![b'x'; 9_000];
    let fill = |feeder: &mut Feeder, count: usize| {
        for number in 0..count {
            let label = if number % 3 == 0 { "yes" } else { "no" };
            feeder.add(A, &[(&large, label, None), (b"small", "yes", None)]);
        }
    };
    fill(&mut feeder, 30);
    let mut sifting = Sifting::new(sieve(&filter), feeder.store.timeline(A).unwrap());
    let mut tasks = 0;
    loop {
        let Some(task) = sifting.next_task(feeder.store.timeline(A).unwrap()) else {
            break;
        };
        let timeline = feeder.store.timeline(A).unwrap();
        assert!(sifting.next_task(timeline).is_none(), "one at a time");
        assert!(!sifting.is_done(timeline));
        if tasks < 40 {
            fill(&mut feeder, 3);
        }
        tasks += 1;
        assert!(sifting.take(task.run()));
    }
    let timeline = feeder.store.timeline(A).unwrap();
    assert!(sifting.is_done(timeline));
    assert!(timeline.evicted() > 0 && tasks > 20);
    let expected: Vec<Seq> = (timeline.first()..timeline.next())
        .filter(|seq| timeline.entry(*seq).unwrap().label == "yes")
        .collect();
    assert_eq!(sifting.matches().iter().collect::<Vec<_>>(), expected);
    assert_eq!(
        sifting.matches().looked(),
        timeline.first()..timeline.next()
    );
}

#[test]
fn the_newest_entries_are_sifted_first() {
    let mut feeder = Feeder::new(64 << 20);
    let payload = vec![b'x'; Chunk::FULL_BYTES];
    for _ in 0..5 {
        feeder.add(A, &[(&payload, "", None)]);
    }
    let timeline = feeder.store.timeline(A).unwrap();
    let filter = Arc::new(Filter::compile("true").unwrap());
    let mut sifting = Sifting::new(sieve(&filter), timeline);
    for expected in [4, 3, 2, 1, 0] {
        let task = sifting.next_task(timeline).unwrap();
        sifting.take(task.run());
        assert_eq!(sifting.matches().get(0), Some(expected));
    }
    let mut other = Sifting::new(sifting.sieve().clone(), timeline);
    let answer = other.next_task(timeline).unwrap().run();
    assert!(!sifting.take(answer), "an answer to somebody else");
    other.give_back();
    assert!(other.next_task(timeline).is_some());
}

#[test]
fn a_dropped_sifting_stops_the_task_that_is_out() {
    let mut feeder = Feeder::new(1 << 20);
    feeder.add(A, &[(b"x", "", None)]);
    let timeline = feeder.store.timeline(A).unwrap();
    let filter = Arc::new(Filter::compile("true").unwrap());
    let mut sifting = Sifting::new(sieve(&filter), timeline);
    let task = sifting.next_task(timeline).unwrap();
    drop(sifting);
    let mut another = Sifting::new(sieve(&filter), timeline);
    assert!(!another.take(task.run()));
    assert!(another.matches().is_empty());
}

fn hunt(timeline: &Timeline, pattern: &str, towards: Towards, from: Seq) -> Progress {
    let pattern = Arc::new(Pattern::compile(pattern).unwrap());
    let mut hunt = Hunt::new(pattern, towards, from);
    while let Some(task) = hunt.next_task(timeline) {
        assert_eq!(hunt.progress(), Progress::Searching);
        assert!(hunt.take(&task.run()));
    }
    hunt.progress()
}

#[test]
fn a_hunt_goes_from_hit_to_hit_in_both_directions() {
    let mut feeder = Feeder::new(64 << 20);
    let payload = vec![b'x'; Chunk::FULL_BYTES / 3];
    for number in 0..20 {
        let text = if number % 6 == 2 {
            &b"here"[..]
        } else {
            &payload
        };
        feeder.add(A, &[(text, "", None)]);
    }
    let timeline = feeder.store.timeline(A).unwrap();
    for (towards, from, expected) in [
        (Towards::Newer, 0, Progress::Found(2)),
        (Towards::Newer, 2, Progress::Found(8)),
        (Towards::Newer, 13, Progress::Found(14)),
        (Towards::Newer, 14, Progress::Nowhere),
        (Towards::Newer, Seq::MAX, Progress::Nowhere),
        (Towards::Older, 20, Progress::Found(14)),
        (Towards::Older, Seq::MAX, Progress::Found(14)),
        (Towards::Older, 14, Progress::Found(8)),
        (Towards::Older, 2, Progress::Nowhere),
        (Towards::Older, 0, Progress::Nowhere),
    ] {
        assert_eq!(
            hunt(timeline, "here", towards, from),
            expected,
            "{towards:?} {from}"
        );
    }
}

#[tokio::test]
async fn the_worker_answers_until_it_is_dropped() {
    let mut feeder = Feeder::new(64 << 20);
    let payload = vec![b'x'; Chunk::FULL_BYTES];
    for _ in 0..20 {
        feeder.add(A, &[(&payload, "yes", None)]);
    }
    let timeline = feeder.store.timeline(A).unwrap();
    let (worker, mut answers) = Worker::start().unwrap();
    let filter = Arc::new(Filter::compile(r#".label | test("yes")"#).unwrap());
    let mut sifting = Sifting::new(sieve(&filter), timeline);
    while let Some(task) = sifting.next_task(timeline) {
        worker.offer(task).unwrap();
        let answer = answers.recv().await.expect("the worker is there");
        assert!(sifting.take(answer));
    }
    assert_eq!(sifting.matches().len(), 20);
    drop(worker);
    assert!(answers.recv().await.is_none());
}
