//! Test group 5.3-10: every way to bring software onto the product over the network is declared.
//!
//! Told by protocols made for it and by web routes named after it. A route that only has the name, and may show a
//! status, is for a person.

use dossier::{Entry, SoftServFacts, UpdMechFacts};
use model::{Credential, Fact};

use crate::judgement::{Gap, Judgement, Next};
use crate::rule::UnitRule;
use crate::view::View;

use super::interfaces::port_of;
use super::probe_names::{DUT, HTTP_ACCESS, HTTP_SURFACE, SERVICES, TCP_PORTS, UDP_SERVICES};
use super::said::declare;
use super::seen::{PortKey, Seen, key, port_text};
use super::undeclared::{Found, Surplus, judge};
use super::{BOTH, measured};

pub(super) const RULES: &[UnitRule] = &[measured("5.3-10-1c", BOTH, nothing_undeclared, PROBES)];

const PROBES: &[&str] = &[TCP_PORTS, UDP_SERVICES, SERVICES, HTTP_SURFACE, HTTP_ACCESS];

/// Protocols that carry software images and little else on such a product.
const UPDATE_PROTOCOLS: [&str; 4] = ["tftp", "mcumgr", "smp", "fota"];

/// How sure it is that something takes software.
enum Sign {
    Clear(String),
    Name(String),
}

fn nothing_undeclared(view: &View<'_>, _: Option<&Entry>) -> Judgement {
    let seen = Seen::of(view, DUT);
    let mut found = Found::default();
    for sight in seen.facts() {
        let (Some(sign), Some(at)) = (sign(sight.fact), sight.fact.endpoint().map(key)) else { continue };
        let (text, clear) = match sign {
            Sign::Clear(text) => (text, true),
            Sign::Name(text) => (text, false),
        };
        let observed = sight.ground(text.clone());
        let vague = view.entries("UpdMech").iter().find(|e| is_vague(e));
        if is_declared(view, at) || is_known_request(view, sight.fact) {
            found.declared.push(observed);
        } else {
            let doubt = match (clear, vague) {
                (true, None) => None,
                (true, Some(entry)) => Some(declare(entry, "interface")),
                (false, _) => Some(Next::State { what: format!("whether software can be installed: {text}") }),
            };
            let doubt = doubt.map(|next| Gap { missing: text.clone(), next });
            found.surplus.push(Surplus { text, grounds: vec![observed], doubt });
        }
    }
    judge(view, found, "update mechanism", true)
}

/// An entry that updates over the network and does not say through which interface.
fn is_vague(entry: &Entry) -> bool {
    let facts = entry.facts::<UpdMechFacts>();
    facts.and_then(|f| f.interface.as_ref()).is_none()
        && facts.and_then(|f| f.network.as_ref()).is_none_or(|n| n.value)
}

fn is_declared(view: &View<'_>, at: PortKey) -> bool {
    let ids = view.entries("UpdMech").iter().filter_map(|e| e.facts::<UpdMechFacts>()?.interface.as_ref());
    ids.flat_map(|ids| ids.iter()).any(|id| {
        ["LogIntf", "Intf"].iter().any(|t| view.dossier.entry(t, &id.value).and_then(port_of) == Some(at))
    })
}

/// A route that is a declared request of a software service is no hidden one.
fn is_known_request(view: &View<'_>, fact: &Fact) -> bool {
    let function = match fact {
        Fact::Http(answer) => format!("{} {}", answer.method, answer.path),
        Fact::Access(access) => access.function.clone(),
        _ => return false,
    };
    view.entries("SoftServ").iter().filter_map(|e| e.facts::<SoftServFacts>()).any(|facts| {
        let lists = [&facts.read_requests, &facts.write_requests];
        lists.into_iter().flatten().flat_map(|l| l.iter()).any(|r| r.value == function)
    })
}

fn sign(fact: &Fact) -> Option<Sign> {
    match fact {
        Fact::Service(service) if UPDATE_PROTOCOLS.contains(&service.protocol.as_str()) => {
            Some(Sign::Clear(format!("{} answers at {}", service.protocol, port_text(key(&service.endpoint)))))
        }
        Fact::Http(answer) => {
            let strength = names_update(&answer.path)?;
            let route = format!("{} {} answers {}", answer.method, answer.path, answer.status);
            let takes = matches!(answer.method.as_str(), "POST" | "PUT" | "PATCH");
            match answer.status {
                404 | 405 | 501 => None,
                // Complaints about the body come from a route that would take one.
                200..=299 | 400 | 411 | 413 | 415 | 422 if takes => Some(Sign::Clear(route)),
                200..=299 if answer.content && strength => Some(Sign::Clear(route)),
                _ => Some(Sign::Name(route)),
            }
        }
        // A page that was found is told by its answer above.
        Fact::Access(access) if access.found.is_some() && access.function.starts_with("GET") => None,
        Fact::Access(access) if access.granted && access.credential != Credential::Valid => {
            let mut words = access.function.split_whitespace();
            let path = words.nth(1)?;
            // A function that is called by its name behind a path says nothing of what else is behind it.
            if words.next().is_some() {
                return None;
            }
            names_update(path).map(|_| Sign::Clear(format!("{} is granted: {}", access.function, access.told_by)))
        }
        _ => None,
    }
}

/// Whether a path names an update: nothing when not, true when it names the taking of an image.
fn names_update(path: &str) -> Option<bool> {
    let path = path.split(['?', '#']).next().unwrap_or_default().to_lowercase();
    let words = || path.split(|c: char| !c.is_alphanumeric());
    let any = |known: &[&str]| words().any(|w| known.contains(&w));
    if any(&["firmware", "fwupdate", "fwupgrade", "upgrade", "flash", "dfu", "sysupgrade"]) {
        Some(true)
    } else {
        any(&["update", "updates", "ota"]).then_some(false)
    }
}
