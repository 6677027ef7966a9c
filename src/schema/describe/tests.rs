use super::*;

#[test]
fn a_message_reads_like_its_definition() {
    let text = Schema::demo().describe("PurchaseEvent").unwrap();
    for line in [
        "// from demo/events.proto",
        "// Something was bought. Event type `purchase`.",
        "message demo.PurchaseEvent {",
        "  message Item {",
        "    uint32 quantity = 2;",
        "  repeated demo.PurchaseEvent.Item items = 4;",
        "  oneof payment {",
        "    string voucher = 7;",
    ] {
        assert!(text.lines().any(|found| found == line), "{line}\n{text}");
    }
    let page = Schema::demo().describe("demo.PageEvent").unwrap();
    assert!(page.contains("  map<string, string> query = 6;"), "{page}");
}

#[test]
fn enums_and_services_are_described() {
    let schema = Schema::default();
    let code = schema.describe("raystack.raccoon.v1beta1.Code").unwrap();
    assert!(code.contains("  CODE_BAD_REQUEST = 2;"), "{code}");
    let service = schema.describe("EventService").unwrap();
    assert!(
        service.contains("rpc SendEvent(raystack.raccoon.v1beta1.SendEventRequest) returns"),
        "{service}"
    );
    assert_eq!(schema.describe("Nothing"), None);
}

#[test]
fn listings_have_everything_but_map_entries() {
    let listed = Schema::demo().list();
    let has = |name: &str| listed.iter().any(|item| item.name == name);
    assert!(has("demo.ClickEvent") && has("demo.Device"));
    assert!(has("google.protobuf.Timestamp"));
    assert!(!has("demo.PageEvent.QueryEntry"));
}
