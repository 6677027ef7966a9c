//! A decoded body laid out for looking at: nodes in reading order, branches that open and close.
//!
//! The nodes lie in one vector in the order they are read, each with the number of its
//! descendants. The next row is then the next node, or the one behind a closed branch, and only
//! the rows on screen are ever built, however large the body is.

use std::collections::HashMap;
use std::ops::Range;

use crate::body::{Look, Node, Value};

/// Largest body that starts with all branches open.
const OPEN_ALL: usize = 200;
/// Depth up to which branches of larger bodies start open.
const OPEN_DEPTH: u16 = 2;

/// One node of the tree, without its children.
#[derive(Clone, Debug)]
pub struct Item {
    /// Field name or index; empty for the root. Not sanitised.
    pub name: String,
    /// Its value; objects and arrays are empty here.
    pub value: Value,
    /// Short remark.
    pub hint: Option<String>,
    /// Bytes of the payload it was read from.
    pub span: Option<Range<usize>>,
    /// Distance from the root.
    pub depth: u16,
    /// Number of children.
    pub children: u32,
    /// True for the last child of its parent.
    pub last: bool,
    parent: u32,
    descendants: u32,
    open: bool,
}

/// A decoded body laid out for looking at.
#[derive(Clone, Debug, Default)]
pub struct Tree {
    items: Vec<Item>,
}

/// Branches a person opened or closed, by path of names: what was closed stays closed in the
/// next entry of the same make.
pub type Folds = HashMap<String, bool, foldhash::fast::RandomState>;

impl Tree {
    /// Lays `root` out; `folds` says what a person opened and closed before.
    #[must_use]
    pub fn new(root: Node, folds: &Folds) -> Self {
        let mut tree = Self::default();
        tree.lay(root, 0, 0, true);
        let all = tree.items.len() <= OPEN_ALL;
        for item in &mut tree.items {
            item.open &= all || item.depth < OPEN_DEPTH;
        }
        if !folds.is_empty() {
            tree.apply(folds);
        }
        tree
    }

    fn lay(&mut self, node: Node, parent: u32, depth: u16, last: bool) {
        let index = self.items.len();
        let count = node.children.len();
        let last_shown = node
            .children
            .iter()
            .rposition(|child| child.look != Look::Hidden);
        self.items.push(Item {
            name: node.name,
            value: node.value,
            hint: node.hint,
            span: node.span,
            depth,
            children: count as u32,
            last,
            parent,
            descendants: 0,
            open: node.look != Look::Closed,
        });
        for (at, child) in node.children.into_iter().enumerate() {
            if child.look != Look::Hidden {
                let last = last_shown == Some(at);
                self.lay(child, index as u32, depth.saturating_add(1), last);
            }
        }
        self.items[index].descendants = (self.items.len() - index - 1) as u32;
    }

    fn apply(&mut self, folds: &Folds) {
        let mut paths: Vec<String> = Vec::new();
        let mut index = 0;
        while index < self.items.len() {
            let item = &self.items[index];
            let depth = usize::from(item.depth);
            paths.truncate(depth);
            let mut path = paths.last().cloned().unwrap_or_default();
            path.push('/');
            path.push_str(&item.name);
            if item.children > 0
                && let Some(open) = folds.get(&path)
            {
                self.items[index].open = *open;
            }
            // What lies in a closed branch is not walked: opening it shows the default.
            index = self.next(index).unwrap_or(self.items.len());
            paths.push(path);
        }
    }

    /// Number of nodes, hidden ones included.
    #[must_use]
    pub fn len(&self) -> usize {
        self.items.len()
    }

    /// True if there is no node.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.items.is_empty()
    }

    /// The node at `index`.
    #[must_use]
    pub fn item(&self, index: usize) -> Option<&Item> {
        self.items.get(index)
    }

    /// True if the node at `index` is a branch and open.
    #[must_use]
    pub fn is_open(&self, index: usize) -> bool {
        self.items
            .get(index)
            .is_some_and(|item| item.children > 0 && item.open)
    }

    /// The row after `index`.
    #[must_use]
    pub fn next(&self, index: usize) -> Option<usize> {
        let item = self.items.get(index)?;
        let hidden = if item.open {
            0
        } else {
            item.descendants as usize
        };
        let next = index + 1 + hidden;
        (next < self.items.len()).then_some(next)
    }

    /// The row before `index`.
    #[must_use]
    pub fn before(&self, index: usize) -> Option<usize> {
        Some(self.visible(index.checked_sub(1)?))
    }

    /// The row that stands for `index`: the outermost closed branch around it, or itself.
    #[must_use]
    pub fn visible(&self, index: usize) -> usize {
        let mut shown = index.min(self.items.len().saturating_sub(1));
        let mut at = shown;
        while at > 0 {
            at = self.items[at].parent as usize;
            if !self.items[at].open {
                shown = at;
            }
        }
        shown
    }

    /// The parent of `index`; the root is its own.
    #[must_use]
    pub fn parent(&self, index: usize) -> usize {
        self.items.get(index).map_or(0, |item| item.parent as usize)
    }

    /// Opens or closes the branch at `index` and returns its path for [`Folds`]; `None` for a
    /// leaf.
    pub fn set_open(&mut self, index: usize, open: bool) -> Option<String> {
        let item = self.items.get_mut(index).filter(|item| item.children > 0)?;
        item.open = open;
        Some(self.path(index))
    }

    /// Opens or closes all branches below the root.
    pub fn set_all(&mut self, open: bool) {
        for item in self.items.iter_mut().skip(1) {
            item.open = open;
        }
    }

    fn path(&self, index: usize) -> String {
        let mut names = Vec::new();
        let mut at = index;
        while at > 0 {
            names.push(self.items[at].name.as_str());
            at = self.items[at].parent as usize;
        }
        names.push("");
        names.iter().rev().fold(String::new(), |mut path, name| {
            path.push('/');
            path.push_str(name);
            path
        })
    }

    /// The jq path of the node at `index`, such as `.body.events[0]["odd name"]`.
    #[must_use]
    pub fn jq_path(&self, index: usize, root: &str) -> String {
        let mut chain = Vec::new();
        let mut at = index;
        while at > 0 && at < self.items.len() {
            chain.push(at);
            at = self.items[at].parent as usize;
        }
        let mut path = root.to_owned();
        for at in chain.into_iter().rev() {
            let item = &self.items[at];
            let parent = &self.items[item.parent as usize];
            if parent.value == Value::Array {
                path.push('[');
                path.push_str(&item.name);
                path.push(']');
            } else if is_identifier(&item.name) {
                path.push('.');
                path.push_str(&item.name);
            } else {
                path.push('[');
                crate::body::write_json_string(&item.name, &mut path);
                path.push(']');
            }
        }
        path
    }

    /// The deepest node whose bytes include `offset`.
    #[must_use]
    pub fn at_byte(&self, offset: usize) -> Option<usize> {
        let holds = |item: &Item| {
            item.span
                .as_ref()
                .is_some_and(|span| span.contains(&offset))
        };
        let mut best = None;
        for (index, item) in self.items.iter().enumerate() {
            if holds(item) && best.is_none_or(|at: usize| self.items[at].depth <= item.depth) {
                best = Some(index);
            }
        }
        best
    }

    /// Number of rows from `from` to `to` (both visible), zero if `to` is not below `from`; stops
    /// counting at `limit`.
    #[must_use]
    pub fn rows_between(&self, from: usize, to: usize, limit: usize) -> usize {
        let mut at = from;
        let mut rows = 0;
        while at < to && rows < limit {
            let Some(next) = self.next(at) else { break };
            at = next;
            rows += 1;
        }
        rows
    }

    /// True for every level above `index` whose branch goes on below it: where a line is drawn.
    #[must_use]
    pub fn rails(&self, index: usize) -> Vec<bool> {
        let mut rails = Vec::new();
        let mut at = self.parent(index);
        while at > 0 {
            rails.push(!self.items[at].last);
            at = self.items[at].parent as usize;
        }
        rails.reverse();
        rails
    }
}

fn is_identifier(name: &str) -> bool {
    let mut chars = name.chars();
    chars
        .next()
        .is_some_and(|c| c.is_ascii_alphabetic() || c == '_')
        && chars.all(|c| c.is_ascii_alphanumeric() || c == '_')
}

#[cfg(test)]
mod tests;
