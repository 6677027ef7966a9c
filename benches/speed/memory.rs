//! Memory: bytes a stored entry costs beside its payload, and resident memory while ten million
//! frames pass through a store with a cap.

use tokio_util::sync::CancellationToken;
use wspect::session::{self, SessionId};

use crate::flood::{Flood, Sample};
use crate::rig::{plan, resident, runtime};
use crate::screen::Screen;

const MIB: f64 = 1_048_576.0;

/// Pushes `frames` through each store and prints a row per store.
pub(crate) fn run(frames: u64) {
    println!(
        "{frames} frames through a store with a cap, screen on; MiB resident, sampled at every tenth"
    );
    for cap in [64_usize, 256] {
        for sample in [Sample::Small, Sample::Plain] {
            through(sample, frames, cap);
        }
    }
}

fn through(sample: Sample, frames: u64, cap: usize) {
    let flood = Flood::start(sample.prologue(), &sample.frame());
    let before = resident("self");
    let (samples, beside, kept, ever) = runtime().block_on(async {
        let (feed, mut deliveries) = session::queue();
        let plan = plan(&flood.url(), sample.system());
        let handle = session::start(plan, SessionId(1), feed, CancellationToken::new());
        let mut screen = Screen::new(cap << 20);
        let mut samples = Vec::new();
        while screen.seen < frames {
            let delivery = deliveries.recv().await.expect("the session runs");
            screen.take(delivery, &handle);
            if screen.seen * 10 / frames > samples.len() as u64 {
                samples.push(resident("self").saturating_sub(before) as f64 / MIB);
            }
        }
        let store = &screen.state.store;
        let timeline = store.timeline(SessionId(1)).expect("entries were kept");
        let payload: u64 = (timeline.first()..timeline.next())
            .filter_map(|seq| timeline.entry(seq))
            .map(|entry| entry.payload.len() as u64)
            .sum();
        let kept = timeline.len();
        let beside = (store.used() as u64).saturating_sub(payload) as f64 / kept as f64;
        let facts = (samples, beside, kept, timeline.next());
        drop(deliveries);
        handle.cancel.cancel();
        let _ = handle.task.await;
        facts
    });
    let curve: Vec<String> = samples.iter().map(|mib| format!("{mib:.0}")).collect();
    println!(
        "cap {cap:>3} MiB, {:<20} {beside:>5.1} B an entry beside its payload; kept {kept} of {ever}; resident {}",
        sample.name(),
        curve.join(" ")
    );
}
