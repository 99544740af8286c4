//! Test group 5.9-3: resilience measures work. No probe cuts a network yet, so that a person observes it.

use dossier::Entry;
use model::Edition;

use crate::judgement::{Judgement, Next};
use crate::rule::UnitRule;
use crate::view::{TableKind, View};

use super::said::{about, missing, prose};
use super::{BOTH, declared};

pub(super) const RULES: &[UnitRule] = &[declared("5.9-3-2a", BOTH, measures_work)];

fn measures_work(view: &View<'_>, entry: Option<&Entry>) -> Judgement {
    let table = match view.catalogue.edition {
        Edition::V3_1_3 => view.table_name(TableKind::LogicalInterface),
        Edition::V2_1_1 => view.table_name(TableKind::Communication),
    };
    about(entry, table, |mechanism| {
        let Some(measures) = prose(mechanism, "Resilience Measures") else {
            return missing(mechanism, "Resilience Measures");
        };
        let id = &mechanism.id.value;
        Judgement::open(
            format!("what {id} does when the network comes back is not measured"),
            Next::State { what: format!("reconnection of {id} after several cuts of the network") },
        )
        .declared(measures.span, "`Resilience Measures`")
    })
}
