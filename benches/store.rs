//! What the store costs: memory per entry, keeping entries, and looking through a million of them.
//!
//! `cargo bench --bench store`; the figures are in `docs/benchmarks.md`.
//! `WSPECT_BENCH_ENTRIES` changes the million.

use std::fmt::Write as _;
use std::hint::black_box;
use std::sync::Arc;
use std::sync::atomic::AtomicBool;
use std::time::Duration;

use criterion::measurement::WallTime;
use criterion::{BatchSize, BenchmarkGroup, Criterion, Throughput};
use wspect::body::Body;
use wspect::entry::{Badge, Chunk, Draft, EntryKind};
use wspect::frame::{Direction, Frame, FrameKind, Seq, Stamp, Wire};
use wspect::protocol::savetowebsocket::{Filters, Reasoner};
use wspect::schema::json;
use wspect::session::SessionId;
use wspect::store::tally::Assay;
use wspect::store::{Filter, Pattern, Sieve, Store, Tally, Timeline, View};
use wspect::transport::clock;

const SESSION: SessionId = SessionId(1);
/// Entries a session hands over at once under load.
const BATCH: usize = 512;

/// The payload of event `number`: about 400 bytes of JSON, one in a thousand a refund.
fn event(number: usize, out: &mut String) {
    out.clear();
    let kind = if number % 1_000 == 999 {
        "refund"
    } else {
        "payment"
    };
    let _ = write!(
        out,
        r#"{{"timestamp":"{}","buyer_account_id":"GCA3MN6Y7TJMNWTDLHTJMMITUELQ3Z4V4S3SLOCNDYFUZ7M6YWGOTE64","seller_account_id":"GAV5QBWJP4HABLY2D7BTFD5HMOUSNFZDZDNY7LCPSOXXDWYYNVXJBKNV","asset_code":"USDC:GBQLHN7QXLK3OQAR5GAA7KDILA7BL7THDH3BLPOZWRMHMJPWTOZAFYWC","amount":"{}.5000000","type":"{kind}","memo":"invoice {number}","ledger_seq_num":{},"x":{{"a":[1,2,{{"b":"c"}}]}}}}"#,
        1_767_225_605 + number,
        number % 977,
        60_123_456 + number,
    );
}

fn draft<'a>(payload: &'a str, label: &'a str, at: Stamp, wire: &'a Wire) -> Draft<'a> {
    Draft {
        at,
        kind: EntryKind::Frame(FrameKind::Text),
        direction: Direction::In,
        payload: payload.as_bytes(),
        wire,
        badge: Badge::Event,
        label,
        outcome: None,
        latency: None,
        pair: None,
        asks: false,
        note: None,
        error: None,
    }
}

/// Puts `count` entries into `store`, as a session under load would.
fn fill(store: &mut Store, count: usize, payload: &mut dyn FnMut(usize, &mut String)) {
    let start = clock::now();
    let wire = Wire::default();
    let (mut text, mut free) = (String::new(), Vec::new());
    let mut next = store.timeline(SESSION).map_or(0, Timeline::next);
    let mut done = 0;
    while done < count {
        let mut chunk = Chunk::new(next, std::mem::take(&mut free));
        for number in done..(done + BATCH).min(count) {
            payload(number, &mut text);
            let label = if number % 1_000 == 999 {
                "refund"
            } else {
                "payment"
            };
            let at = start.after(Duration::from_micros(number as u64));
            chunk.push(&draft(&text, label, at, &wire));
        }
        done += chunk.len();
        next = chunk.next();
        free = store.add(SESSION, chunk).unwrap_or_default();
    }
}

/// Resident memory of this process, bytes; 0 where it cannot be told.
fn resident() -> usize {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let line = status.lines().find(|line| line.starts_with("VmRSS:"));
    let kilobytes = line.and_then(|line| line.split_whitespace().nth(1)?.parse::<usize>().ok());
    kilobytes.unwrap_or_default() << 10
}

/// Prints what an entry costs beside its payload, and what stays resident under a cap.
fn memory() {
    // Before anything else has been given back to the allocator.
    let mut text = String::new();
    event(0, &mut text);
    for cap in [64 << 20, 256 << 20] {
        let before = resident();
        let mut store = Store::new(cap);
        let mut peak = 0;
        for _ in 0..5 {
            fill(&mut store, 400_000, &mut |_, out| out.clone_from(&text));
            peak = peak.max(resident().saturating_sub(before));
        }
        let timeline = store
            .timeline(SESSION)
            .map_or((0, 0), |t| (t.len(), t.evicted()));
        println!(
            "cap {} MiB, 2 M entries of {} B: resident {} MiB, accounted {} MiB, kept and evicted {timeline:?}",
            cap >> 20,
            text.len(),
            peak >> 20,
            store.used() >> 20,
        );
    }
    for size in [0, 64, 400, 1_024] {
        let mut store = Store::new(usize::MAX);
        let count = 400_000;
        fill(&mut store, count, &mut |_, out| {
            out.clear();
            out.extend(std::iter::repeat_n('x', size));
        });
        let beside = store.used() as f64 / count as f64 - size as f64;
        println!("accounted beside {size} B of payload: {beside:.1} B an entry");
    }
}

fn keep(criterion: &mut Criterion) {
    let mut group = criterion.benchmark_group("keep");
    group.sample_size(10);
    for size in [64_usize, 400] {
        let text = "x".repeat(size);
        let wire = Wire::default();
        let at = clock::now();
        group.throughput(Throughput::Elements(BATCH as u64));
        group.bench_function(format!("push_{size}"), |bencher| {
            let mut free = Vec::new();
            let mut store = Store::new(64 << 20);
            let mut next = 0;
            bencher.iter(|| {
                let mut chunk = Chunk::new(next, std::mem::take(&mut free));
                for _ in 0..BATCH {
                    chunk.push(&draft(black_box(&text), "label", at, &wire));
                }
                next = chunk.next();
                free = store.add(SESSION, chunk).unwrap_or_default();
            });
        });
        group.bench_function(format!("merge_single_{size}"), |bencher| {
            let mut store = Store::new(64 << 20);
            let mut next = 0;
            bencher.iter_batched(
                || {
                    let mut chunk = Chunk::new(next, Vec::with_capacity(size));
                    next = chunk.push(&draft(&text, "label", at, &wire)) + 1;
                    chunk
                },
                |chunk| store.add(SESSION, chunk),
                BatchSize::PerIteration,
            );
        });
    }
    group.finish();
}

fn decode(frame: &Frame<'_>) -> Body {
    let root = json::tree(frame.payload, 0).unwrap_or_default();
    Body {
        root,
        ..Body::default()
    }
}

/// Runs `look` over every piece of the history, as the worker does; gives the hits.
fn walk(timeline: &Timeline, mut look: impl FnMut(&Chunk) -> usize) -> usize {
    let (mut at, mut hits) = (timeline.first(), 0);
    while let Some(piece) = timeline.piece(at) {
        hits += look(&piece);
        at = piece.next();
    }
    hits
}

fn look(criterion: &mut Criterion) {
    let count = std::env::var("WSPECT_BENCH_ENTRIES").ok();
    let count = count
        .and_then(|count| count.parse().ok())
        .unwrap_or(1_000_000);
    let mut store = Store::new(usize::MAX);
    fill(&mut store, count, &mut event);
    let timeline = store.timeline(SESSION).expect("it was filled");
    let mut group = criterion.benchmark_group(format!("history_{count}"));
    group
        .sample_size(10)
        .warm_up_time(Duration::from_millis(500));
    for (name, text) in [
        ("literal_case", "Refund"),
        ("literal_folded", "refund"),
        ("literal_absent", "NOWHERE"),
        ("regex_with_literal", r#"/Type|type":"re[a-f]und/"#),
        ("regex_folded", r#"/type":"re[a-f]und/"#),
        ("regex", "/[0-9]{5}99[0-9]\"/"),
    ] {
        let pattern = Pattern::compile(text).expect("it is a pattern");
        group.bench_function(format!("search_{name}"), |bencher| {
            let hits = |chunk: &Chunk| pattern.hits(chunk, 0..Seq::MAX, usize::MAX).len();
            bencher.iter(|| walk(timeline, hits));
        });
    }
    let view = Arc::new(View {
        session: "bench".to_owned(),
        system: Some("generic"),
        decode: Arc::new(decode),
        verbatim: true,
    });
    filters(&mut group, timeline, &view);
    group.finish();
    evaluate(criterion, timeline, &view);
}

/// Filters that are mostly decided without building lines.
fn filters(group: &mut BenchmarkGroup<'_, WallTime>, timeline: &Timeline, view: &Arc<View>) {
    let stop = AtomicBool::new(false);
    for (name, text) in [
        ("summary", r#".label == "refund" and .size > 100"#),
        ("path_literal", r#".body.type == "refund""#),
        (
            "path_after_summary",
            r#".label == "refund" and .body.x.a[1] == 2"#,
        ),
    ] {
        let filter = Filter::compile(text).expect("it is an expression");
        let sieve = Sieve::of(Arc::new(filter), Arc::clone(view));
        group.bench_function(format!("filter_{name}"), |bencher| {
            let hits = |chunk: &Chunk| sieve.sift(chunk, 0..Seq::MAX, &stop).hits.len();
            bencher.iter(|| walk(timeline, hits));
        });
    }
}

/// The whole line built, body decoded where it matters, and jq run over it.
fn evaluate(criterion: &mut Criterion, timeline: &Timeline, view: &Arc<View>) {
    let stop = AtomicBool::new(false);
    let mut group = criterion.benchmark_group("jq");
    group.sample_size(10);
    let piece = timeline.piece(0).expect("it was filled");
    group.throughput(Throughput::Elements(piece.len() as u64));
    for (name, text) in [
        ("without_body", r#".label | test("refund")"#),
        ("with_body", ".body.amount | tonumber > 900"),
    ] {
        let filter = Filter::compile(text).expect("it is an expression");
        let sieve = Sieve::of(Arc::new(filter), Arc::clone(view));
        group.bench_function(name, |bencher| {
            bencher.iter(|| sieve.sift(&piece, 0..Seq::MAX, &stop));
        });
    }
    group.bench_function("compile", |bencher| {
        bencher.iter(|| Filter::compile(black_box(r#".badge == "ack" and .body.code == 5"#)));
    });
    group.finish();
}

/// Filter reasoning over 100,000 stored events of about 400 bytes: both verdicts on each, counted,
/// newest piece first as the screen asks for them; how soon the first figures are there.
fn reason() {
    let count = 100_000;
    let mut store = Store::new(usize::MAX);
    fill(&mut store, count, &mut event);
    let timeline = store.timeline(SESSION).expect("it was filled");
    for (name, filters) in [
        ("type", r#"{"types":["payment"]}"#),
        (
            "type, asset and amount",
            r#"{"types":["payment"],"asset_codes":["USDC"],"min_amount":"100"}"#,
        ),
    ] {
        let filters = serde_json::from_str::<Filters>(filters).expect("they are filters");
        let reasoner = Reasoner::new(&filters);
        let assay = Assay::new(move |entry| Some(reasoner.judge(entry.payload).standing() as u32));
        let mut first = Vec::new();
        let mut whole = Vec::new();
        for _ in 0..9 {
            let mut tally = Tally::new(assay.clone(), timeline);
            let started = clock::now();
            let took = || clock::now().since(started).as_secs_f64() * 1e3;
            while let Some(task) = tally.next_task(timeline) {
                tally.take(&task.run());
                if first.len() == whole.len() {
                    first.push(took());
                }
            }
            assert_eq!(tally.looked_at(), count as u64);
            whole.push(took());
        }
        first.sort_by(f64::total_cmp);
        whole.sort_by(f64::total_cmp);
        println!(
            "filter reasoning by {name} over {count} events: first figures {:.1} ms, all {:.1} ms (medians of 9)",
            first[4], whole[4]
        );
    }
}

fn main() {
    let mut criterion = Criterion::default().configure_from_args();
    // Under `cargo test` there is nothing to measure.
    if std::env::args().any(|argument| argument == "--bench") {
        memory();
        reason();
        keep(&mut criterion);
        look(&mut criterion);
        criterion.final_summary();
    }
}
