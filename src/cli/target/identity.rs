//! Who a Raccoon connection says it is: the profile's id header, or a unique id of ours.

use crate::cli::connect_flags::ConnectFlags;
use crate::profile::Outside;
use crate::protocol::raccoon::{Identity, MARK};
use crate::protocol::{self, Evidence, System};
use crate::session::Plan;

use crate::frame::Opening;

/// Adds the id header where neither profile nor flag has it, and tells the protocol what is sent.
///
/// The server turns a second connection with the same id away, and takes a missing one for an
/// empty id, which blocks every other client without one. So the id is unique, and marked as ours
/// for whoever reads the server's logs. `-H NAME:` takes it away.
pub(super) fn introduce(plan: &mut Plan, flags: &ConnectFlags) {
    if !is_raccoon(plan) {
        return;
    }
    let settings = &plan.settings.raccoon;
    let name = &settings.id_header;
    let is_id = |known: &str| known.eq_ignore_ascii_case(name);
    let set = plan.dial.headers.iter().any(|(known, _)| is_id(known));
    let unwanted = flags.headers.iter().any(|flag| is_id(&flag.name));
    if !set && !unwanted && !name.is_empty() {
        let host = (Outside::real().host)();
        let instance = uuid::Uuid::from_bytes(plan.settings.instance);
        let id = format!("{MARK}-{host}-{instance}");
        plan.dial.headers.push((name.clone(), id));
    }
    let asked = !plan.dial.subprotocols.is_empty();
    let identity = Identity::of(&plan.dial.headers, asked, settings);
    plan.settings.raccoon.identity = Some(identity);
}

/// True if the system is told, or would be recognised from the address.
fn is_raccoon(plan: &Plan) -> bool {
    let opening = Opening {
        url: plan.dial.url.clone(),
        ..Opening::default()
    };
    let evidence = Evidence {
        opening: &opening,
        first: None,
    };
    let recognised = || protocol::recognise(&evidence).map(|(system, _)| system);
    plan.system.or_else(recognised) == Some(System::Raccoon)
}
