//! What `docs/documents.md` shows is what is taken.

use wspect::compose::{self, Context};
use wspect::protocol::{PROTOCOLS, Settings, System};
use wspect::schema::Schema;

/// The fenced blocks: the words behind the fence, and the text.
fn blocks(manual: &str) -> Vec<(Vec<&str>, String)> {
    let mut lines = manual.lines();
    let mut found = Vec::new();
    while let Some(line) = lines.next() {
        if let Some(words) = line.strip_prefix("```") {
            let inside: Vec<_> = lines.by_ref().take_while(|line| *line != "```").collect();
            found.push((words.split_whitespace().collect(), inside.join("\n")));
        }
    }
    found
}

#[test]
fn every_document_of_the_manual_is_taken() {
    let manual = include_str!("../../docs/documents.md");
    let mut documents = 0;
    for (words, text) in blocks(manual) {
        let named = words.iter().skip(1);
        let mut systems: Vec<_> = named.map(|name| System::from_name(name).unwrap()).collect();
        if systems.is_empty() {
            systems.extend(PROTOCOLS.iter().map(|row| row.system));
        }
        for system in systems {
            let mut context = Context::new(0, 1);
            let settings = Settings::default();
            let taken = compose::parse(&text, system, &settings, Schema::demo(), &mut context);
            documents += taken
                .unwrap_or_else(|error| panic!("{text}\n{error}"))
                .len();
        }
    }
    assert_eq!(documents, 4 * 3 + 3 * 3 + 1 + 3 + 2 + 1 + 8 + 6 + 6);
}
