//! `docs/shapes.md` is what the program knows of shapes.

use std::collections::BTreeSet;
use std::fmt::Write as _;

use super::{SAMPLES, SHAPES};
use crate::protocol::savetowebsocket::Shape;

const HEAD: &str = "\
# Shapes of Stellar events

What SaveToWebSocket sends is what a processor of its pipeline wrote, and nothing in an event says which one that was:
`payment` is the `type` of five shapes, `trade` and `contract` are those of two each, and half of the processors write no
`type` at all. wspect knows the shapes by their members. The processor stands beside the event's tree and in the member
`shape` of its line (see [output.md](output.md)); an event without a `type` is labelled by its shape, in parentheses.

Amounts are in units with up to 7 decimals unless the table says otherwise; a stroop is 0.0000001 of a unit.

| Processor | Label without a type | What to know |
| --- | --- | --- |
";

/// `WRITE_DOCS=1 cargo test --lib shapes_page` writes the page anew.
#[test]
fn the_shapes_page_is_what_the_program_knows() {
    let mut page = HEAD.to_owned();
    let shapes: BTreeSet<_> = [SAMPLES, SHAPES]
        .into_iter()
        .flat_map(str::lines)
        .map(|line| Shape::of(line.as_bytes()))
        .collect();
    for shape in shapes {
        let defects = shape.defects().join(". ");
        writeln!(
            page,
            "| {} | `{}` | {defects} |",
            shape.processor(),
            shape.label()
        )
        .unwrap();
    }
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/docs/shapes.md");
    if std::env::var_os("WRITE_DOCS").is_some() {
        std::fs::write(path, &page).unwrap();
    }
    assert!(
        std::fs::read_to_string(path).unwrap_or_default() == page,
        "docs/shapes.md differs; WRITE_DOCS=1 writes it anew"
    );
}
