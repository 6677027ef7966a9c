//! The profiles that ship with the program.

/// Name and text of every built-in profile.
pub(super) const ALL: [(&str, &str); 7] = [
    (
        "raccoon-local",
        include_str!("../../profiles/raccoon-local.toml"),
    ),
    (
        "raccoon-rest-local",
        include_str!("../../profiles/raccoon-rest-local.toml"),
    ),
    (
        "raccoon-grpc-local",
        include_str!("../../profiles/raccoon-grpc-local.toml"),
    ),
    (
        "stellar-local",
        include_str!("../../profiles/stellar-local.toml"),
    ),
    (
        "websocketmq-local",
        include_str!("../../profiles/websocketmq-local.toml"),
    ),
    (
        "websocketmq-gen1-local",
        include_str!("../../profiles/websocketmq-gen1-local.toml"),
    ),
    ("echo-local", include_str!("../../profiles/echo-local.toml")),
];

/// The text of the built-in profile of that name.
pub(super) fn text(name: &str) -> Option<&'static str> {
    ALL.iter()
        .find(|(known, _)| *known == name)
        .map(|(_, text)| *text)
}
