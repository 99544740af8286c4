//! What captures add to the judgement of an offer: the product's own side, which an offer does not show.
//!
//! Clear text and old versions refute, whatever the offer is. Where the product is the client, the offer of the other
//! end alone does not show that the product uses it: without a conversation that was seen to use it, nothing passes.

use dossier::{ComMechFacts, Entry, PersDataFacts, SecureProtocol};
use model::{ClearContent, Outcome};

use crate::judgement::{Gap, Ground, Judgement, Next};
use crate::view::View;

use super::crypto_offer::Place;
use super::said::references;
use super::seen::{key, port_text};
use super::traffic::{Partners, Shown, Traffic, Witness, capture, content_text, witness};

/// What a mechanism is declared to carry, as far as a unit asks.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Carries {
    /// Whatever it carries.
    Anything,
    /// Critical security parameters.
    Parameters,
    /// Personal data.
    PersonalData,
    /// Sensitive personal data.
    SensitiveData,
}

/// The judgement of an offer, with what captures showed. `met_as_client` says that a bench in the place of the service
/// met the product itself, and that it did all that was declared.
pub(super) fn with_traffic(
    view: &View<'_>,
    mechanism: &Entry,
    facts: &ComMechFacts,
    places: &[Place],
    offered: Judgement,
    carries: Carries,
    met_as_client: bool,
) -> Judgement {
    let traffic = Traffic::of(view);
    let mut seen = witness(view, &traffic, mechanism, facts, places);
    contents(view, &traffic, mechanism, facts, carries, &mut seen);
    let Witness { faults, doubts, support, .. } = seen;
    let add = |judgement: Judgement, found: Vec<(String, Ground)>| {
        found.into_iter().map(|(_, ground)| ground).fold(judgement, Judgement::on)
    };
    if let Some((because, _)) = faults.first() {
        let failed = match offered.outcome {
            Outcome::Fail => offered,
            _ => {
                let mut failed = Judgement::fail(because.clone());
                failed.grounds =
                    offered.grounds.into_iter().filter(|g| matches!(g, Ground::Declared { .. })).collect();
                failed.declared(mechanism.span, format!("{} as declared", mechanism.id.value))
            }
        };
        return add(failed, faults);
    }
    if offered.outcome == Outcome::Fail {
        return offered;
    }
    if let Some((because, _)) = doubts.first().cloned() {
        let next = Next::State { what: format!("what {} is in the capture: {because}", mechanism.id.value) };
        let mut judgement = Judgement::inconclusive(because, next);
        judgement.gaps.extend(offered.gaps);
        judgement.grounds = offered.grounds;
        return add(add(judgement, doubts), support);
    }
    let is_client = facts.service.is_some() && is_tls(facts);
    if offered.outcome == Outcome::Pass && is_client && support.is_empty() && !met_as_client {
        let id = &mechanism.id.value;
        let missing =
            format!("only the other end of {id} was measured: what the product itself speaks was not seen");
        let mut judgement = Judgement::inconclusive(missing, capture());
        judgement.grounds = offered.grounds;
        return judgement;
    }
    if offered.outcome == Outcome::Open && !support.is_empty() {
        let gaps: Vec<Gap> = offered.gaps;
        let mut judgement = Judgement { outcome: Outcome::Inconclusive, gaps, ..offered };
        if is_clear(facts) {
            let because = support.first().map(|(text, _)| text.clone()).unwrap_or_default();
            judgement = Judgement { because, outcome: Outcome::Pass, gaps: Vec::new(), ..judgement };
        }
        return add(judgement, support);
    }
    add(offered, support)
}

fn is_tls(facts: &ComMechFacts) -> bool {
    facts.protocol.as_ref().is_some_and(|p| p.value == SecureProtocol::Tls)
}

fn is_clear(facts: &ComMechFacts) -> bool {
    facts.protocol.as_ref().is_some_and(|p| p.value == SecureProtocol::None)
}

/// Readable content beside the declared places: of the kind that the unit asks about, and with the same partner.
fn contents(
    view: &View<'_>,
    traffic: &Traffic<'_>,
    mechanism: &Entry,
    facts: &ComMechFacts,
    carries: Carries,
    seen: &mut Witness,
) {
    let protects =
        |p: SecureProtocol| matches!(p, SecureProtocol::Tls | SecureProtocol::Dtls | SecureProtocol::Ssh);
    if carries == Carries::Anything || !facts.protocol.as_ref().is_some_and(|p| protects(p.value)) {
        return;
    }
    let partners = Partners::of(view);
    for shown in traffic.contents.iter().filter(|s| s.fact.sent && is_asked(carries, s.fact)) {
        let own_partner = match (&facts.service, traffic.service_at(&shown.fact.server, &partners)) {
            (Some(service), Some(partner)) => service.value.value == partner.id,
            _ => false,
        };
        let entry = view.entries("PersData").iter().find(|e| e.id.value == shown.fact.place);
        let of_entry = entry.map(|entry| owns(view, entry, mechanism, carries));
        match (own_partner, of_entry) {
            (_, Some(Owned::No)) | (false, None) => {}
            (true, _) | (_, Some(Owned::Alone)) => told(mechanism, shown, &mut seen.faults),
            (false, Some(Owned::Shared)) => told(mechanism, shown, &mut seen.doubts),
        }
    }
}

/// Whether a category of personal data is declared to travel by a mechanism.
enum Owned {
    No,
    /// By protected ones alone.
    Alone,
    /// Also by one whose protection is not that of the bytes.
    Shared,
}

fn owns(view: &View<'_>, data: &Entry, mechanism: &Entry, carries: Carries) -> Owned {
    let sensitive = data.facts::<PersDataFacts>().and_then(|f| f.sensitive.as_ref()).map(|s| s.value);
    if carries == Carries::SensitiveData && sensitive == Some(false) {
        return Owned::No;
    }
    let names = ["Secure Communication Mechanisms", "Communication Mechanisms"];
    let sent_over = names.iter().find_map(|field| references(data, field)).unwrap_or_default();
    if !sent_over.iter().any(|id| id.value == mechanism.id.value) {
        return Owned::No;
    }
    let other = |id: &dossier::Located<String>| {
        let entry = view.dossier.entry(&mechanism.table, &id.value)?;
        Some(entry.facts::<ComMechFacts>()?.protocol.as_ref()?.value)
    };
    let bare = |p: SecureProtocol| {
        matches!(p, SecureProtocol::None | SecureProtocol::Link | SecureProtocol::Ipsec | SecureProtocol::Message)
    };
    if sent_over.iter().all(|id| other(id).is_some_and(|p| !bare(p))) { Owned::Alone } else { Owned::Shared }
}

/// Whether a unit asks about this kind of content.
fn is_asked(carries: Carries, content: &ClearContent) -> bool {
    match content.kind.as_str() {
        "personal-data" | "canary" => matches!(carries, Carries::PersonalData | Carries::SensitiveData),
        "credential" | "token" | "key" => carries == Carries::Parameters,
        _ => false,
    }
}

fn told(mechanism: &Entry, shown: &Shown<'_, ClearContent>, to: &mut Vec<(String, Ground)>) {
    let text = format!("{} at {}", content_text(shown.fact), port_text(key(&shown.fact.server)));
    let because = format!("{text}, and {} is declared to carry it", mechanism.id.value);
    if !to.iter().any(|(known, _)| *known == because) {
        to.push((because, shown.ground(text)));
    }
}
