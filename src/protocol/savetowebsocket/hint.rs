//! Remarks on single members of an event's tree: what a member really holds where it looks like
//! something else, and the human reading of stroops, times and raw keys.

mod members;
mod raw;

use std::collections::HashSet;

use super::decimal::Decimal;
use super::shape::Shape;
use crate::body::{Body, Node, Value};

/// Most names of repeated members that are told.
const REPEATED_MAX: usize = 3;

/// Most members of one object that are compared with each other.
const MEMBERS_MAX: usize = 10_000;

/// Puts hints on the nodes of an event of this shape, folds what is raw, and notes what is
/// repeated.
pub(super) fn annotate(body: &mut Body, shape: Shape) {
    body.shape = (shape != Shape::Unknown).then(|| shape.processor());
    body.aside = shape.caution();
    let root = &mut body.root;
    if let Some(processor) = body.shape {
        add(root, processor);
    }
    body.notes.extend(repeated(root));
    for node in &mut root.children {
        if let Some(hint) = members::hint(shape, node) {
            add(node, &hint);
        }
        below(node);
    }
}

/// What is worth a hint below a member, whatever the shape.
fn below(node: &mut Node) {
    if raw::is_dump(node) {
        return raw::fold(node);
    }
    mark_repeated(node);
    for index in 0..node.children.len() {
        let hint = members::nested(node, &node.children[index]);
        let child = &mut node.children[index];
        if let Some(hint) = hint {
            add(child, &hint);
        }
        below(child);
    }
}

/// Adds to the hint a node has.
fn add(node: &mut Node, hint: &str) {
    match &mut node.hint {
        Some(before) => {
            before.push_str("; ");
            before.push_str(hint);
        }
        None => node.hint = Some(hint.to_owned()),
    }
}

/// Marks members that another one of the same name follows, and tells their names.
fn mark_repeated(node: &mut Node) -> Vec<String> {
    let count = node.children.len();
    if node.value != Value::Object || !(2..=MEMBERS_MAX).contains(&count) {
        return Vec::new();
    }
    let mut later = HashSet::with_capacity(count);
    let mut repeated = Vec::new();
    for index in (0..count).rev() {
        if !later.insert(node.children[index].name.clone()) {
            repeated.push(index);
        }
    }
    let mut names = Vec::new();
    for index in repeated.into_iter().rev() {
        let child = &mut node.children[index];
        add(child, "stands here again below");
        if !names.contains(&child.name) {
            names.push(child.name.clone());
        }
    }
    names
}

fn repeated(root: &mut Node) -> Option<String> {
    let names = mark_repeated(root);
    let told: Vec<_> = names
        .iter()
        .take(REPEATED_MAX)
        .map(|name| format!("`{name}`"))
        .collect();
    let more = if names.len() > REPEATED_MAX {
        " and others"
    } else {
        ""
    };
    let stand = if names.len() == 1 { "stands" } else { "stand" };
    (!told.is_empty()).then(|| {
        format!(
            "{}{more} {stand} here more than once; the server's filters go by the last",
            told.join(", ")
        )
    })
}

/// `12.5 units`, of so many stroops.
fn units(text: &str) -> Option<String> {
    let number = Decimal::parse(text)?;
    Some(format!("{} in units", number.from_stroops()))
}

#[cfg(test)]
mod tests;
