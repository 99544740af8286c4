//! Which versions of the Internet Protocol the product is declared to carry.

use model::Fact;

use dossier::{Entry, InterfaceFacts, InterfaceKind, IpVersion, Status};

use crate::judgement::{Gap, Ground, Next};
use crate::view::{TableKind, View};

use super::probe_names::{DUT, NEIGHBOURS};
use super::radio_without_ip::is_radio_without_ip;
use super::seen::{Family, Seen};

/// What the physical interfaces together say about one version.
pub(super) enum Carried {
    /// One of them carries it.
    Yes,
    /// Each network interface says what it carries, and none carries it.
    No(Ground),
    /// One does not say, and none says yes.
    Unknown(Gap),
}

/// That the product answers over IPv6 on its own link, whatever is declared. From outside its network it may be a router
/// before it that answers.
pub(super) fn met_over_ipv6(view: &View<'_>) -> Option<(String, Ground)> {
    let beside = Seen::of(view, DUT).only(|at| !at.place.is_outside());
    beside.facts().into_iter().find_map(|sight| match sight.fact {
        Fact::Port { endpoint, .. }
            if sight.record.body.run.probe == NEIGHBOURS && Family::of(endpoint.address) == Family::V6 =>
        {
            let text = format!("the product answers over IPv6 at {}", endpoint.address);
            Some((text.clone(), sight.ground(text)))
        }
        _ => None,
    })
}

/// Whether the product is declared to carry a version of the Internet Protocol.
pub(super) fn carried(view: &View<'_>, family: Family) -> Carried {
    let table = view.table_name(TableKind::PhysicalInterface);
    let version = match family {
        Family::V4 => IpVersion::V4,
        Family::V6 => IpVersion::V6,
    };
    let mut says_no = None;
    let mut silent = None;
    for entry in view.entries(table).iter().filter(|entry| may_carry_ip(entry)) {
        match entry.facts::<InterfaceFacts>().and_then(|f| f.ip.as_ref()) {
            Some(list) if list.iter().any(|v| v.value == version) => return Carried::Yes,
            Some(list) => says_no = says_no.or(Some((entry, list.span))),
            None => silent = silent.or(Some(entry)),
        }
    }
    match (silent, says_no) {
        (None, Some((entry, span))) => Carried::No(Ground::Declared {
            span,
            text: format!("{} is declared to carry no {}", entry.id.value, family.as_str()),
        }),
        (silent, _) => Carried::Unknown(Gap {
            missing: format!(
                "whether the product speaks {} is not declared, and no address was searched over it",
                family.as_str()
            ),
            next: Next::Declare {
                place: table.to_owned(),
                entry: silent.map(|entry| entry.id.value.clone()),
                what: "`ip`".to_owned(),
            },
        }),
    }
}

/// Whether a physical interface may carry IP: a network interface, not switched off for good, no radio without IP.
fn may_carry_ip(entry: &Entry) -> bool {
    let facts = entry.facts::<InterfaceFacts>();
    let network = facts.and_then(|f| f.network.as_ref()).is_none_or(|n| n.value);
    let kind = facts.and_then(|f| f.kind.as_ref()).map(|k| k.value);
    // 15-Intf of V2.1.1 holds logical interfaces too.
    let logical = kind == Some(InterfaceKind::Logical) || facts.is_some_and(|f| f.port.is_some());
    let off = facts.and_then(|f| f.status.as_ref()).is_some_and(|s| s.value == Status::DisabledPermanently);
    network && !logical && !off && !is_radio_without_ip(entry)
}
