//! What a look at a frame costs: from one early member to the whole tree.
//!
//! `cargo bench --bench decode`

use std::hint::black_box;

use criterion::{Criterion, Throughput, criterion_group, criterion_main};
use prost_reflect::DynamicMessage;
use serde_json::json;
use wspect::compose::demo::Traffic;
use wspect::protocol::Command;
use wspect::protocol::savetowebsocket::{Columns, Filters, Reasoner, Shape, gist};
use wspect::schema::{Schema, json as tree, scan, wire};

/// An event of about 400 bytes, as Stellar streams carry them.
const EVENT: &[u8] = br#"{"timestamp":"1767225605","buyer_account_id":"GCA3MN6Y7TJMNWTDLHTJMMITUELQ3Z4V4S3SLOCNDYFUZ7M6YWGOTE64","seller_account_id":"GAV5QBWJP4HABLY2D7BTFD5HMOUSNFZDZDNY7LCPSOXXDWYYNVXJBKNV","asset_code":"USDC:GBQLHN7QXLK3OQAR5GAA7KDILA7BL7THDH3BLPOZWRMHMJPWTOZAFYWC","amount":"125.5000000","type":"payment","memo":"invoice 4711","ledger_seq_num":60123456,"x":{"a":[1,2,{"b":"c"}]}}"#;

fn text(criterion: &mut Criterion) {
    let mut group = criterion.benchmark_group("json_400");
    group.throughput(Throughput::Bytes(EVENT.len() as u64));
    for name in ["timestamp", "amount", "type", "absent"] {
        group.bench_function(format!("member_{name}"), |bencher| {
            bencher.iter(|| scan::member(black_box(EVENT), black_box(name)));
        });
    }
    group.bench_function("tree", |bencher| {
        bencher.iter(|| tree::tree(black_box(EVENT), 0));
    });
    group.bench_function("serde_value", |bencher| {
        bencher.iter(|| serde_json::from_slice::<serde_json::Value>(black_box(EVENT)));
    });
    group.finish();
}

fn protobuf(criterion: &mut Criterion) {
    let schema = Schema::demo();
    let message = schema
        .message("demo.PurchaseEvent", "the bench")
        .expect("it is compiled in");
    let purchase = json!({
        "order_id": "A-004711", "at": "2026-01-01T12:00:00.5Z", "currency": "EUR",
        "visitor": {"session": "s-0001", "customer_id": 9_007_199_254_740_993_u64, "country": "DE"},
        "items": [
            {"sku": "SHOE-42-RED", "quantity": 1, "price": 79.95},
            {"sku": "SOCK-3-PACK", "quantity": 2, "price": 9.5},
            {"sku": "COAT-M", "quantity": 1, "price": 199.0},
        ],
        "card": {"network": "visa", "last_digits": 4242},
        "receipt_sha256": "47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=",
    });
    let bytes = schema.encode(&message, &purchase).expect("it fits");
    let mut group = criterion.benchmark_group("protobuf_nested");
    group.throughput(Throughput::Bytes(bytes.len() as u64));
    group.bench_function("first_field", |bencher| {
        bencher.iter(|| wire::fields(black_box(&bytes)).next());
    });
    group.bench_function("fields", |bencher| {
        bencher.iter(|| wire::fields(black_box(&bytes)).count());
    });
    group.bench_function("schemaless_tree", |bencher| {
        bencher.iter(|| wire::tree(black_box(&bytes), 0));
    });
    group.bench_function("typed_tree", |bencher| {
        bencher.iter(|| schema.decode(&message, black_box(&bytes), 0));
    });
    group.bench_function("dynamic_message", |bencher| {
        bencher.iter(|| DynamicMessage::decode(message.clone(), black_box(&bytes[..])));
    });
    group.bench_function("encode", |bencher| {
        bencher.iter(|| schema.encode(&message, black_box(&purchase)));
    });
    group.finish();
}

/// What is asked of a Stellar event: its shape, what is comparable of it, one line, and whether
/// filters let it through.
fn stellar(criterion: &mut Criterion) {
    let filters = Filters {
        types: vec!["payment".to_owned()],
        asset_codes: vec!["USDC".to_owned()],
        min_amount: "100".to_owned(),
        ..Filters::default()
    };
    let reasoner = Reasoner::new(&filters);
    let mut group = criterion.benchmark_group("stellar_400");
    group.throughput(Throughput::Bytes(EVENT.len() as u64));
    group.bench_function("shape", |bencher| {
        bencher.iter(|| Shape::of(black_box(EVENT)));
    });
    group.bench_function("columns", |bencher| {
        bencher.iter(|| Columns::read(black_box(EVENT)));
    });
    group.bench_function("gist", |bencher| {
        bencher.iter(|| gist(black_box(EVENT)));
    });
    group.bench_function("judge", |bencher| {
        bencher.iter(|| reasoner.judge(black_box(EVENT)));
    });
    group.bench_function("explain", |bencher| {
        bencher.iter(|| reasoner.explain(black_box(EVENT)));
    });
    group.finish();
}

fn compose(criterion: &mut Criterion) {
    let mut traffic = Traffic::new(1);
    criterion.bench_function("demo_batch", |bencher| {
        bencher.iter(
            || match traffic.next(black_box(1_767_225_600_000_000)).command {
                Command::Batch(batch) => batch.bytes.len(),
                _ => 0,
            },
        );
    });
}

criterion_group!(benches, text, protobuf, stellar, compose);
criterion_main!(benches);
