//! Test group 5.5-2: network and security implementations are reviewed, and the reviewed ones are on the product.
//!
//! Only names and versions that services give away are compared; what hides them in the firmware is for a person.

use dossier::{Entry, NetSecImplFacts};
use model::{Fact, ServiceFacts};

use crate::judgement::{Judgement, Next};
use crate::rule::UnitRule;
use crate::view::View;

use super::interfaces::ports_of;
use super::probe_names::{DUT, SERVICES};
use super::said::{about, missing, prose, says_nothing};
use super::seen::{Look, Seen, Sight, ground, key, port_text};
use super::together::together;
use super::{BOTH, declared, measured};

pub(super) const RULES: &[UnitRule] =
    &[declared("5.5-2-1a", BOTH, is_reviewed), measured("5.5-2-2a", BOTH, is_the_reviewed_one, &[SERVICES])];

fn is_reviewed(_: &View<'_>, entry: Option<&Entry>) -> Judgement {
    about(entry, "NetSecImpl", |implementation| {
        let id = &implementation.id.value;
        let reviewed = implementation.facts::<NetSecImplFacts>().and_then(|f| f.reviewed.as_ref());
        let Some(method) = prose(implementation, "Review/Evaluation Method") else {
            return match reviewed {
                Some(fact) if !fact.value => Judgement::fail(format!("{id} is declared not to be reviewed"))
                    .declared(fact.span, "`reviewed = false`"),
                _ => missing(implementation, "Review/Evaluation Method"),
            };
        };
        let described = !says_nothing(&method.value);
        let judgement = match (reviewed.map(|r| r.value), described) {
            (Some(false), true) => {
                Judgement::fail(format!("{id} is described as reviewed and declared not to be"))
            }
            (_, false) => Judgement::fail(format!("{id} is not reviewed or evaluated")),
            _ => Judgement::pass(format!("{id} is reviewed or evaluated")),
        };
        let judgement = judgement.declared(method.span, "`Review/Evaluation Method`");
        reviewed.into_iter().fold(judgement, |j, r| j.declared(r.span, format!("`reviewed = {}`", r.value)))
    })
}

fn is_the_reviewed_one(view: &View<'_>, entry: Option<&Entry>) -> Judgement {
    about(entry, "NetSecImpl", |implementation| {
        let facts = implementation.facts::<NetSecImplFacts>();
        let Some(name) = facts.and_then(|f| f.name.as_ref()) else { return missing(implementation, "name") };
        let Some(version) = facts.and_then(|f| f.version.as_ref()) else {
            return missing(implementation, "version");
        };
        let (ports, mut parts) =
            ports_of(view, implementation, "interface", facts.and_then(|f| f.interface.as_ref()));
        let seen = Seen::of(view, DUT);
        let services = seen.facts();
        for port in &ports {
            let at_port = services.iter().find_map(|sight| match sight.fact {
                Fact::Service(service) if key(&service.endpoint) == port.at => Some((sight, service)),
                _ => None,
            });
            let part = match at_port {
                Some((sight, service)) => compare(implementation, name, version, sight, service),
                None => unseen(&seen, port.at),
            };
            parts.push(part.declared(name.span, format!("{} {}", name.value, version.value)));
        }
        together(parts, "no interface shows the implementation", super::said::declare(implementation, "interface"))
    })
}

fn compare(entry: &Entry, name: &str, version: &str, sight: &Sight<'_>, service: &ServiceFacts) -> Judgement {
    let at = port_text(key(&service.endpoint));
    let shown = format!(
        "{at} names {} {}",
        service.product.as_deref().unwrap_or("no product"),
        service.version.as_deref().unwrap_or("without version"),
    );
    let judgement = match (&service.product, &service.version) {
        (Some(product), _) if !same_name(product, name) => {
            Judgement::fail(format!("{at} runs {product}, the report is about {name}"))
        }
        (_, Some(found)) if found.trim_start_matches('v') != version.trim_start_matches('v') => {
            Judgement::fail(format!("{at} runs version {found}, the report is about {version}"))
        }
        (Some(_), Some(_)) => Judgement::pass(format!("{at} runs what the report is about")),
        _ => Judgement::inconclusive(
            format!("{at} does not give away name and version"),
            Next::State { what: format!("name and version of {} in the firmware", entry.id.value) },
        ),
    };
    judgement.on(sight.ground(shown))
}

fn same_name(one: &str, other: &str) -> bool {
    let bare = |s: &str| s.to_lowercase().replace([' ', '-', '_'], "");
    let (one, other) = (bare(one), bare(other));
    one.contains(&other) || other.contains(&one)
}

fn unseen(seen: &Seen<'_>, at: super::seen::PortKey) -> Judgement {
    let next = Next::Observe { probe: SERVICES.to_owned(), target: DUT.to_owned() };
    match seen.look(SERVICES, "services", at) {
        Look::Covered(record, coverage) => {
            Judgement::inconclusive(format!("nothing was recognised at {}", port_text(at)), next)
                .on(ground(record, coverage.text.clone()))
        }
        Look::Short(record, short) => Judgement::inconclusive(format!("{}: {}", port_text(at), short.text), next)
            .on(ground(record, short.text.clone())),
        Look::Never => Judgement::open(format!("what speaks at {} was not found out", port_text(at)), next),
    }
}
