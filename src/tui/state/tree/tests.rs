use super::*;

fn sample() -> Node {
    Node::object(
        "",
        vec![
            Node::text("id", "x").with_span(0..3),
            Node::array(
                "events",
                vec![
                    Node::object("0", vec![Node::number("n o", 1).with_span(6..7)]).with_span(5..9),
                    Node::text("1", "b"),
                ],
            )
            .with_span(4..12),
            Node::text("end", "z"),
        ],
    )
}

fn rows(tree: &Tree) -> Vec<String> {
    let mut at = Some(0);
    let mut names = Vec::new();
    while let Some(index) = at {
        names.push(tree.item(index).unwrap().name.clone());
        at = tree.next(index);
    }
    names
}

#[test]
fn rows_skip_what_is_closed_and_walk_back_the_same() {
    let mut tree = Tree::new(sample(), &Folds::default());
    assert_eq!(rows(&tree), ["", "id", "events", "0", "n o", "1", "end"]);
    assert_eq!(tree.set_open(2, false), Some("//events".to_owned()));
    assert_eq!(rows(&tree), ["", "id", "events", "end"]);
    assert_eq!(tree.before(6), Some(2));
    assert_eq!(tree.visible(4), 2);
    assert_eq!(tree.set_open(1, false), None);
    assert_eq!(tree.rows_between(0, 6, 10), 3);
}

#[test]
fn what_was_closed_stays_closed_in_the_next_body() {
    let mut folds = Folds::default();
    let mut tree = Tree::new(sample(), &folds);
    let path = tree.set_open(3, false).unwrap();
    folds.insert(path, false);
    let next = Tree::new(sample(), &folds);
    assert_eq!(rows(&next), ["", "id", "events", "0", "1", "end"]);
}

#[test]
fn paths_are_jq() {
    let tree = Tree::new(sample(), &Folds::default());
    assert_eq!(tree.jq_path(4, ".body"), ".body.events[0][\"n o\"]");
    assert_eq!(tree.jq_path(0, ".body"), ".body");
}

#[test]
fn a_byte_belongs_to_the_deepest_node_around_it() {
    let tree = Tree::new(sample(), &Folds::default());
    assert_eq!(tree.at_byte(6), Some(4));
    assert_eq!(tree.at_byte(8), Some(3));
    assert_eq!(tree.at_byte(11), Some(2));
    assert_eq!(tree.at_byte(40), None);
}

#[test]
fn rails_run_where_a_branch_goes_on() {
    let tree = Tree::new(sample(), &Folds::default());
    assert_eq!(tree.rails(4), [true, true]);
    assert_eq!(tree.rails(1), [] as [bool; 0]);
}
