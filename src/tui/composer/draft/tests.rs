use super::*;
use crate::protocol::Settings;

fn batch() -> Draft {
    Draft::new(Kind::Batch, &Settings::default(), Schema::demo())
}

#[test]
fn types_come_from_the_rules() {
    let types = event_types(Schema::demo());
    assert_eq!(types, ["click", "page", "search", "purchase"]);
    assert!(event_types(&Schema::default()).is_empty());
    let plain = Draft::new(Kind::Batch, &Settings::default(), &Schema::default());
    assert_eq!(plain.events[0].encoding, Encoding::Json);
}

#[test]
fn another_type_brings_its_fields_until_something_is_written() {
    let mut draft = batch();
    draft.turn(Slot::EventType, 1, Schema::demo());
    assert!(draft.events[0].data.text().contains("\"referrer\""));
    assert!(draft.text_mut().unwrap().insert('x'));
    let written = draft.events[0].data.text().to_owned();
    draft.turn(Slot::EventType, 1, Schema::demo());
    assert_eq!(draft.events[0].kind.text(), "search");
    assert_eq!(draft.events[0].data.text(), written);
    draft.events[0].fill(Schema::demo());
    assert!(draft.events[0].data.text().contains("\"results\""));
}

#[test]
fn events_are_added_behind_the_one_shown_and_one_always_stays() {
    let mut draft = batch();
    assert!(draft.add_event(Schema::demo()));
    draft.turn(Slot::EventType, 1, Schema::demo());
    let kinds = |draft: &Draft| -> Vec<String> {
        let events = draft.events.iter();
        events.map(|event| event.kind.text().to_owned()).collect()
    };
    assert_eq!(kinds(&draft), ["click", "page"]);
    draft.turn(Slot::Event, 1, Schema::demo());
    assert_eq!(draft.current, 0);
    assert!(draft.remove_event() && !draft.remove_event());
    assert_eq!(kinds(&draft), ["page"]);
    while draft.add_event(Schema::demo()) {}
    assert_eq!(draft.events.len(), EVENTS_MAX);
}

#[test]
fn every_kind_has_a_first_field_among_its_own() {
    for row in &crate::protocol::PROTOCOLS {
        for kind in Kind::of(row.system) {
            let draft = Draft::new(*kind, &Settings::default(), Schema::demo());
            assert!(draft.slots().contains(&draft.first_slot()), "{kind:?}");
        }
    }
}
