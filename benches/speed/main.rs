//! The figures of `docs/benchmarks.md`: `cargo bench --bench speed` measures all of them,
//! `cargo bench --bench speed -- ingest` (or `memory`, `truth`, `calls`, `startup`, `load`) one kind. `quick` makes
//! every run a tenth as long. `soak`, ten minutes long, runs only when it is named.

mod calls;
mod flood;
mod ingest;
mod load;
mod memory;
mod program;
mod rig;
mod screen;
mod soak;
mod startup;
mod truth;

fn main() {
    let words: Vec<String> = std::env::args().skip(1).collect();
    let told = |word: &str| words.iter().any(|given| given == word);
    // `cargo test --benches` runs this with `--test`: it has been compiled, that is the test.
    if told("--test") {
        return;
    }
    let kinds = ["ingest", "memory", "truth", "calls", "startup", "load"];
    let all = !told("soak") && !kinds.iter().any(|kind| told(kind));
    let scale = if told("quick") { 10 } else { 1 };
    if all || told("ingest") {
        ingest::run(7, 2_000_000 / scale);
    }
    if all || told("memory") {
        memory::run(10_000_000 / scale);
    }
    if all || told("truth") {
        truth::run(5_000 / scale);
    }
    if all || told("calls") {
        calls::run(9 / scale.min(3));
    }
    if all || told("startup") {
        startup::run(30 / scale, 10 / scale.min(2));
    }
    if all || told("load") {
        load::run(10 / scale.min(5));
    }
    if told("soak") {
        soak::run(600 / scale);
    }
}
