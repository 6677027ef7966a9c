use proptest::prelude::*;

use super::*;
use crate::compose::parse;

const ENV: fn(&str) -> Option<String> = |name| match name {
    "EVENTS" => Some(r#"{"type":"a","text":"b"},{"type":"c","text":"d"}"#.to_owned()),
    "QUOTED" => Some("a\"b\\".to_owned()),
    _ => None,
};

fn context(seed: u64) -> Context<'static> {
    Context::new(1_700_000_000_123_456, seed).with_env(&ENV)
}

fn recipes(text: &str) -> Result<Vec<Recipe>, ComposeError> {
    let settings = Arc::new(Settings::default());
    let schema = Arc::new(Schema::demo().clone());
    Recipe::all(text, System::Raccoon, &settings, &schema, &context(3))
}

/// What `parse` and the recipes make of `text`, three times over.
fn both(text: &str) -> [Vec<Result<Command, String>>; 2] {
    let (mut one, mut other) = (context(3), context(3));
    let all = recipes(text);
    let (mut parsed, mut made) = (Vec::new(), Vec::new());
    for round in 0..3 {
        one.now_us += round * 1_500_001;
        other.now_us += round * 1_500_001;
        let settings = Settings::default();
        match parse(text, System::Raccoon, &settings, Schema::demo(), &mut one) {
            Ok(all) => parsed.extend(all.into_iter().map(|one| Ok(one.command))),
            Err(error) => parsed.push(Err(error.to_string())),
        }
        match &all {
            Err(error) => made.push(Err(error.to_string())),
            Ok(all) => {
                let commands: Result<Vec<_>, _> =
                    all.iter().map(|one| one.make(&mut other)).collect();
                match commands {
                    Ok(all) => made.extend(all.into_iter().map(Ok)),
                    Err(error) => made.push(Err(error.to_string())),
                }
            }
        }
    }
    [parsed, made]
}

fn is_taken_apart(text: &str) -> bool {
    let all = recipes(text).unwrap();
    all.iter().all(|one| matches!(one.form, Form::Batch(_)))
}

const FAST: [&str; 8] = [
    r#"{"events":[{"type":"click","data":{"button":"buy"}}]}"#,
    r#"{"wire":"json","events":[{"type":"a","text":"x"},{"type":"b","serialization":"json","data":[1, 2]}]}"#,
    r#"{"events":[{"type":"a","text":"x"},{"type":"click","data":{"button":"b-${counter}","at":"${now}"}},{"type":"c","text":"$${"}],"req_guid":"g-${uuid}"}"#,
    r#"{"req_guid":"${uuid}","wire":"json","sent_time":{"seconds":${now:unix},"nanos":0},"events":[{"type":"${random:a,b}","base64":"AAEC"},{"type":"a","text":""}]}"#,
    r#"{"req_guid":null,"sent_time":null}"#,
    r#"{"req_guid":"é\"\u0000${env:QUOTED}","sent_time":"${now-1h}","events":[]}"#,
    r#"{"events":[{"type":"a","text":"${hex:9}"}]} {"events":[{"type":"b","text":"x"}]}"#,
    r#"{"wire":"json","legacy_keys":true,"events":[{"type":"a","text":"x"}]}"#,
];

#[test]
fn what_a_recipe_makes_is_what_parsing_makes() {
    for text in FAST {
        let [parsed, made] = both(text);
        assert!(parsed.iter().all(Result::is_ok), "{text}: {parsed:?}");
        assert_eq!(parsed, made, "{text}");
        assert!(is_taken_apart(text), "{text}");
    }
}

#[test]
fn templates_that_change_more_than_values_are_filled_in_as_a_whole() {
    for text in [
        r#"{"events":[${env:EVENTS}]}"#,
        r#"{"wire":"${random:json,protobuf}","events":[{"type":"a","text":"x"}]}"#,
        r#"{"${random:req_guid,sent_time}":null,"events":[]}"#,
    ] {
        let [parsed, made] = both(text);
        assert!(parsed.iter().all(Result::is_ok), "{text}: {parsed:?}");
        assert_eq!(parsed, made, "{text}");
        assert!(!is_taken_apart(text), "{text}");
    }
}

#[test]
fn what_does_not_fit_later_is_said_as_parsing_says_it() {
    // One in two of the values is no number.
    let text = "{\"events\":[\n{\"type\":\"search\",\"data\":{\"results\":[${random:1,x}]}}]}";
    let settings = Arc::new(Settings::default());
    let schema = Arc::new(Schema::demo().clone());
    let mut outcomes = [0, 0];
    for seed in 0..40 {
        let all = Recipe::all(text, System::Raccoon, &settings, &schema, &context(seed));
        let Ok(all) = all else { continue };
        for later in 0..4 {
            let (mut one, mut other) = (context(later), context(later));
            let parsed = parse(text, System::Raccoon, &settings, &schema, &mut one);
            let parsed = parsed.map(|mut all| all.remove(0).command);
            let made = all[0].make(&mut other);
            outcomes[usize::from(made.is_ok())] += 1;
            assert_eq!(
                parsed.map_err(|error| error.to_string()),
                made.map_err(|error| error.to_string())
            );
        }
    }
    assert!(outcomes.iter().all(|count| *count > 0), "{outcomes:?}");
}

#[test]
fn other_documents_are_made_again_too() {
    for text in [r#"{"ping":"x"}"#, r#"{"ping":"${counter}"}"#] {
        let [parsed, made] = both(text);
        assert_eq!(parsed, made, "{text}");
    }
}

fn value() -> impl Strategy<Value = &'static str> {
    prop::sample::select(vec![
        r#""plain""#,
        r#""${uuid}""#,
        r#""a${counter}b""#,
        r#""${random:x,y,é}""#,
        "${now:unix_ms}",
        "${random:1..9}",
        "[1, {\"a\": \"${hex:5}\"}]",
        "{}",
    ])
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]
    #[test]
    fn any_document_is_made_as_it_is_parsed(
        values in prop::collection::vec(value(), 0..4),
        guid in prop::option::of(prop::sample::select(vec![r#""${uuid}""#, r#""g""#, "null", "\"\""])),
        json in any::<bool>(),
        guid_last in any::<bool>(),
    ) {
        let events: Vec<_> = values
            .iter()
            .map(|value| format!("{{\"type\":\"t\",\"serialization\":\"json\",\"data\":{value}}}"))
            .collect();
        let wire = if json { "json" } else { "protobuf" };
        let mut members = vec![
            format!("\"events\":[{}]", events.join(",")),
            format!("\"wire\":\"{wire}\""),
        ];
        if let Some(guid) = guid {
            members.insert(usize::from(guid_last), format!("\"req_guid\":{guid}"));
        }
        let [parsed, made] = both(&format!("{{{}}}", members.join(",")));
        prop_assert_eq!(parsed, made);
    }
}
