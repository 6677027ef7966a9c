//! A `SaveToWebSocket` session: two sets of filters and events of each kind of verdict.

use std::sync::Arc;

use crate::entry::{Badge, Chunk, Draft};
use crate::frame::{Direction, Seq};
use crate::protocol::System;
use crate::protocol::savetowebsocket::{Filters, Period};
use crate::session::Snapshot;

use super::Stage;

/// The register that replaced the filters.
pub(crate) const UPDATE: Seq = 7;

const REGISTER: &str = r#"{"type":"register","filters":{"types":["payment"]}}"#;
const PAYMENT: &str = r#"{"type":"payment","asset_code":"USDC:GISS","amount":"5.0000000","buyer_account_id":"GA","seller_account_id":""}"#;
const NATIVE: &str = r#"{"type":"payment","asset_code":"native","amount":"500.0000000","buyer_account_id":"GB","seller_account_id":"GA"}"#;
const EFFECT: &str = r#"{"effect_type":"account_credited","account_id":"GA"}"#;
const TRADE: &str = r#"{"type":"trade","sell_asset":"native"}"#;

impl Stage {
    /// Session 1 is one of filtered Stellar events: everything at first, then payments in USDC.
    /// The set of the update has settled from entry 9 on.
    pub(crate) fn stellar(width: u16, height: u16) -> Self {
        let mut stage = Self::live(width, height);
        let chunk = stage.events();
        stage.state.store.remove(crate::session::SessionId(1));
        let snapshot = stage.filtered(Some(9));
        let terms = super::terms();
        let decoder = (System::SaveToWebSocket.row().decoder)(&terms.settings, terms.schema);
        stage.deliver(1, chunk, Some(snapshot), Some(decoder));
        stage.due(12);
        stage.effects.clear();
        stage
    }

    /// The session's picture, the update settled from `settled` on.
    pub(crate) fn filtered(&self, settled: Option<Seq>) -> Snapshot {
        let set = |types: &[&str], assets: &[&str]| {
            let own = |list: &[&str]| list.iter().map(|text| (*text).to_owned()).collect();
            Arc::new(Filters {
                types: own(types),
                asset_codes: own(assets),
                ..Filters::default()
            })
        };
        let first = Period {
            since: 1,
            at: self.noon.after(std::time::Duration::from_millis(1_001)),
            filters: set(&[], &[]),
            confirmed: Some(2),
            settled: Some(2),
            connection: 1,
            until: Some(UPDATE),
        };
        let second = Period {
            since: UPDATE,
            at: self.noon.after(std::time::Duration::from_millis(1_007)),
            filters: set(&["payment"], &["USDC"]),
            confirmed: None,
            settled,
            connection: 1,
            until: None,
        };
        Snapshot {
            name: "stellar".to_owned(),
            url: "ws://127.0.0.1:8080/ws".to_owned(),
            system: Some(System::SaveToWebSocket),
            filters: Arc::new([first, second]),
            ..self.snapshot()
        }
    }

    fn events(&self) -> Chunk {
        use Direction::{In, Out};
        let mut chunk = Chunk::new(0, Vec::new());
        for (seq, (direction, badge, label, payload)) in [
            (In, Badge::Welcome, "asks for a register", "{}"),
            (Out, Badge::Register, "everything", REGISTER),
            (In, Badge::Registered, "everything", "{}"),
            (In, Badge::Event, "payment", PAYMENT),
            (In, Badge::Event, "payment", NATIVE),
            (In, Badge::Event, "account_credited", EFFECT),
            (In, Badge::Event, "trade", TRADE),
            (Out, Badge::Register, "types=payment assets=USDC", REGISTER),
            (In, Badge::Event, "trade", TRADE),
            (In, Badge::Event, "account_credited", EFFECT),
            (In, Badge::Event, "trade", TRADE),
            (In, Badge::Event, "payment", PAYMENT),
        ]
        .into_iter()
        .enumerate()
        {
            let millis = 1_000 + seq as u64;
            let draft: Draft<'_> = self.draft(millis, direction, badge, label, payload);
            chunk.push(&draft);
        }
        chunk
    }
}
