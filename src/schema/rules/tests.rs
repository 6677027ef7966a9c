use super::*;
use crate::schema::{Schema, Sources};

fn rule(text: &str) -> Rule {
    let reading = Reading::Plain(Plain::Raw);
    Rule::new(TypeRule::parse(text).unwrap(), reading, false).unwrap()
}

#[test]
fn patterns_by_case() {
    for (pattern, text, fits) in [
        ("click", "click", true),
        ("click", "clicks", false),
        ("click", "Click", false),
        ("page*", "page", true),
        ("page*", "page-view", true),
        ("*page", "homepage", true),
        ("*", "", true),
        ("", "", true),
        ("", "x", false),
        ("?", "ä", true),
        ("??", "ä", false),
        ("a*b*c", "a-b-b-c", true),
        ("a*b*c", "a-b-b-d", false),
        ("a?c*", "abcdef", true),
        ("*a", "aaaa", true),
        ("**", "anything", true),
        ("/^page_/", "page_view", true),
        ("/^page_/", "homepage_view", false),
        ("/age_/", "homepage_view", true),
        ("/(?i)^PAGE$/", "page", true),
        ("/^page$/", "page-view", false),
        ("a=b", "a=b", true),
        ("//", "//", true),
        ("/", "/", true),
    ] {
        let rule = rule(&format!("{pattern}=raw"));
        assert_eq!(rule.matches(text), fits, "{pattern} {text}");
    }
}

#[test]
fn many_stars_do_not_explode() {
    assert!(!crate::glob::matches(&"*a".repeat(40), &"b".repeat(4000)));
}

#[test]
fn the_most_exact_rule_counts_then_the_first_written() {
    let mapped = |told: &[&str], types: &[&str], event: &str| {
        let rules = |texts: &[&str]| texts.iter().map(|t| TypeRule::parse(t).unwrap()).collect();
        let sources = Sources {
            types: rules(types),
            told: rules(told),
            ..Sources::default()
        };
        let schema = Schema::load(&sources, std::path::Path::new("")).unwrap();
        schema
            .rule_for(event)
            .map(|rule| format!("{} {}", rule.reading().title(), rule.by()))
    };
    let types = ["/^page/=json", "*=raw", "page*=schemaless", "page=Duration"];
    let exact = "google.protobuf.Duration exact".to_owned();
    assert_eq!(mapped(&[], &types, "page"), Some(exact));
    assert_eq!(mapped(&[], &types, "pages"), Some("raw glob *".to_owned()));
    assert_eq!(
        mapped(&[], &types[..1], "pages"),
        Some("json regex ^page".to_owned())
    );
    assert_eq!(mapped(&[], &types[..1], "click"), None);
    let told = ["/a/=json", "p*=schemaless"];
    assert_eq!(
        mapped(&told, &types, "page"),
        Some("json regex a".to_owned())
    );
}

#[test]
fn what_is_told_for_a_session_outranks_what_was_told_before() {
    let schema = Schema::demo();
    let now = schema
        .with_rule(TypeRule::of_type("click", "demo.PageEvent"))
        .unwrap();
    assert_eq!(
        now.message_for("click").unwrap().full_name(),
        "demo.PageEvent"
    );
    let again = now.with_rule(TypeRule::of_type("click", "raw")).unwrap();
    assert!(again.message_for("click").is_none());
    assert_eq!(again.rules().len(), now.rules().len(), "it is replaced");
    assert!(
        schema
            .with_rule(TypeRule::of_type("click", "no.Such"))
            .is_err()
    );
}

#[test]
fn a_type_with_a_star_in_it_is_still_one_type() {
    let written = TypeRule::of_type("a*.b", "raw");
    let rule = Rule::new(written, Reading::Plain(Plain::Raw), true).unwrap();
    assert!(rule.matches("a*.b"));
    assert!(!rule.matches("a*xb") && !rule.matches("ac.b"));
}

#[test]
fn rules_that_cannot_be_meant_say_why() {
    for (text, needle) in [
        ("click", "write TYPE=MESSAGE"),
        ("click=", "names no message"),
        ("/[a-/=raw", "unclosed character class"),
        ("/a{1000}{1000}/=raw", "size limit"),
    ] {
        let error = TypeRule::parse(text).unwrap_err();
        assert!(error.contains(needle), "{text}: {error}");
    }
    let both = TypeRule {
        regex: Some("a".to_owned()),
        ..TypeRule::message("a", "M")
    };
    assert_eq!(both.check().unwrap_err().key, "regex");
    assert!(TypeRule::default().check().is_err());
}
