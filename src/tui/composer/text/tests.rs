use super::*;

fn at(text: &str) -> TextEdit {
    let (before, after) = text.split_once('|').unwrap();
    let mut edit = TextEdit::new(format!("{before}{after}"));
    edit.cursor = before.len();
    edit
}

fn shown(edit: &TextEdit) -> String {
    let (before, after) = edit.text.split_at(edit.cursor);
    format!("{before}|{after}")
}

#[test]
fn edits_within_and_across_lines() {
    for (before, action, after) in [
        ("añ|日\nx", Action::EditRight, "añ日|\nx"),
        ("añ日|\nx", Action::EditRight, "añ日\n|x"),
        ("a\n|b", Action::EraseLeft, "a|b"),
        ("a|\nb", Action::EraseRight, "a|b"),
        ("ab\ncd|", Action::EditStart, "ab\n|cd"),
        ("|ab\ncd", Action::EditEnd, "ab|\ncd"),
        ("ab\nc|d", Action::EraseToStart, "ab\n|d"),
        ("a|b\ncd", Action::EraseToEnd, "a|\ncd"),
        ("a|\ncd", Action::EraseToEnd, "a|cd"),
        ("ab|", Action::EraseToEnd, "ab|"),
        ("\"a b_c|\"", Action::EraseWord, "\"a |\""),
        ("a {|", Action::EraseWord, "a|"),
        ("abc\nd|", Action::ComposeUp, "a|bc\nd"),
        ("abc|\nd\nefg", Action::ComposeDown, "abc\nd|\nefg"),
        ("|", Action::EraseLeft, "|"),
    ] {
        let mut edit = at(before);
        assert!(edit.edit(action));
        assert_eq!(shown(&edit), after, "{before} {action:?}");
    }
    assert!(!at("|").edit(Action::Quit));
}

#[test]
fn up_and_down_keep_the_column_through_short_lines() {
    let mut edit = at("abcd|\nx\nefgh");
    edit.edit(Action::ComposeDown);
    assert_eq!(shown(&edit), "abcd\nx|\nefgh");
    edit.edit(Action::ComposeDown);
    assert_eq!(shown(&edit), "abcd\nx\nefgh|");
}

#[test]
fn long_lines_are_wrapped_and_the_cursor_stays_in_sight() {
    let mut edit = TextEdit::new("x".repeat(100));
    edit.fit(10, 4);
    assert_eq!((edit.rows().len(), edit.top()), (10, 0));
    for _ in 0..6 {
        edit.edit(Action::ComposeDown);
    }
    edit.fit(10, 4);
    assert_eq!((edit.row(), edit.top()), (6, 3));
    edit.fit(10, 20);
    assert_eq!(edit.top(), 0);
    edit.click(2, 3);
    assert_eq!(edit.cursor(), 23);
    edit.click(2, 99);
    assert_eq!(edit.row(), 2);
}

#[test]
fn a_new_line_is_indented_like_the_one_before() {
    for (before, after) in [
        ("{|}", "{\n  |\n}"),
        ("  \"a\": 1,|", "  \"a\": 1,\n  |"),
        ("  [|", "  [\n    |"),
        ("a|b", "a\n|b"),
    ] {
        let mut edit = at(before);
        assert!(edit.break_line());
        assert_eq!(shown(&edit), after);
    }
}

#[test]
fn a_paste_keeps_lines_and_stays_within_the_bound() {
    let mut edit = at("[|]");
    assert!(edit.paste("a\r\nb\rc"));
    assert_eq!(shown(&edit), "[a\nb\nc|]");
    assert!(!edit.paste(&"é".repeat(MAX)));
    assert!(edit.text().len() <= MAX && !edit.insert('日'));
}

#[test]
fn undo_takes_back_words_and_replacements() {
    let mut edit = TextEdit::default();
    for c in "ab cd".chars() {
        edit.insert(c);
    }
    edit.replace("{}");
    for expected in ["ab cd", "ab ", "ab", "", ""] {
        edit.edit(Action::ComposeUndo);
        assert_eq!(edit.text(), expected);
    }
}

proptest::proptest! {
    #![proptest_config(proptest::prelude::ProptestConfig::with_cases(48))]
    #[test]
    fn any_keys_on_any_text_keep_the_cursor_between_characters(
        text in "[a\n日\u{1b}{ ]{0,12}",
        keys in proptest::collection::vec(0_usize..16, 0..24),
        width in 1_u16..8,
    ) {
        let actions = [
            Action::EditLeft, Action::EditRight, Action::EditStart, Action::EditEnd,
            Action::EraseLeft, Action::EraseRight, Action::EraseWord, Action::EraseToStart,
            Action::EraseToEnd, Action::ComposeUp, Action::ComposeDown, Action::ComposePageUp,
            Action::ComposePageDown, Action::ComposeUndo,
        ];
        let mut edit = TextEdit::new(text);
        for key in keys {
            match actions.get(key) {
                Some(action) => { edit.edit(*action); }
                None if key == 14 => { edit.break_line(); }
                None => { edit.paste("\r\n日x"); }
            }
            edit.fit(width, 3);
            assert!(edit.text().is_char_boundary(edit.cursor()));
            let row = edit.row();
            assert!(row < edit.rows().len() && edit.top() <= row && row < edit.top() + 3);
            let _ = edit.before_cursor();
        }
    }
}
