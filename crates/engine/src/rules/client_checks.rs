//! What the product accepted as a client, where a bench stood in for its service: the half of a mechanism that neither
//! the service's offer nor a capture of good traffic shows.
//!
//! Data over a bad chain or in clear refutes, and so does an old version. Whoever refused everything has verified its peer
//! only if it sent over the sound chain; a product that never came, or waited, has shown nothing.

use std::collections::BTreeMap;

use dossier::{ComMechFacts, Entry, PeerAuthentication, Revocation, SecureProtocol};
use model::{
    CertificateFacts, ClientCertificate, ClientCheck, ClientDid, Fact, Outcome, ShortfallKind, TlsVersion,
};

use crate::crypto_policy::Ruling;
use crate::judgement::{Gap, Ground, Judgement, Next};
use crate::view::View;

use super::crypto_offer::Place;
use super::crypto_tls::strength;
use super::probe_names::CLIENT_CHECKS;
use super::said::missing_gap;
use super::seen::{Look, Seen, Sight, key, port_text};

/// What it was asked for, in the vocabulary of the probe.
const OF: &str = "client-checks";
/// The control.
const GENUINE: &str = "genuine";
/// What has to be refused before a mechanism with a certificate of its peer passes.
const NEEDED: [&str; 13] = [
    "self-signed",
    "unknown-authority",
    "copied-names",
    "wrong-host",
    "expired",
    "not-yet-valid",
    "leaf-as-authority",
    "weak-signature",
    "weak-key",
    "plain",
    "tls-1.1",
    "tls-1.0",
    "ssl-3.0",
];

/// Beside those: a stapled answer that the certificate was revoked. Few clients heed one, so that only those are held to
/// it that are declared to.
const REVOKED: &str = "revoked";

/// What a mechanism has to refuse.
fn needed(facts: &ComMechFacts) -> impl Iterator<Item = &'static str> {
    let heeds = facts.revocation.as_ref().is_some_and(|revocation| revocation.value == Revocation::Stapled);
    NEEDED.into_iter().chain(heeds.then_some(REVOKED))
}

/// The judgement of an offer with what the product did as a client, and whether that shows what it speaks by itself.
pub(super) fn with_client_checks(
    view: &View<'_>,
    mechanism: &Entry,
    facts: &ComMechFacts,
    places: &[Place],
    offered: Judgement,
) -> (Judgement, bool) {
    let is_tls = facts.protocol.as_ref().is_some_and(|p| p.value == SecureProtocol::Tls);
    if !is_tls || facts.service.is_none() {
        return (offered, false);
    }
    let mut whole = offered;
    let mut sound = !places.is_empty();
    for place in places {
        match at_place(view, mechanism, facts, place) {
            Found::Faults(faults) => {
                if whole.outcome != Outcome::Fail {
                    let because = faults.first().map(|(text, _)| text.clone()).unwrap_or_default();
                    let declared = whole.grounds.into_iter().filter(|g| matches!(g, Ground::Declared { .. }));
                    whole = declared.fold(Judgement::fail(because), Judgement::on);
                    whole = whole.declared(mechanism.span, format!("{} as declared", mechanism.id.value));
                }
                whole = faults.into_iter().map(|(_, ground)| ground).fold(whole, Judgement::on);
                sound = false;
            }
            Found::Undecided(gap, grounds) => {
                match whole.outcome {
                    Outcome::Fail => {}
                    Outcome::Pass => {
                        let grounds_before = std::mem::take(&mut whole.grounds);
                        whole = Judgement::inconclusive(gap.missing, gap.next);
                        whole.grounds = grounds_before;
                    }
                    _ => whole.gaps.push(gap),
                }
                whole = grounds.into_iter().fold(whole, Judgement::on);
                sound = false;
            }
            Found::Sound(grounds) => {
                if whole.outcome != Outcome::Fail {
                    whole = grounds.into_iter().fold(whole, Judgement::on);
                }
            }
            Found::NotAsked => sound = false,
        }
    }
    (whole, sound)
}

enum Found {
    /// What refutes, with its grounds.
    Faults(Vec<(String, Ground)>),
    /// What stands between here and a decision.
    Undecided(Gap, Vec<Ground>),
    /// Everything was refused, and the sound chain accepted.
    Sound(Vec<Ground>),
    /// The declaration says that the peer shows no certificate.
    NotAsked,
}

fn at_place(view: &View<'_>, mechanism: &Entry, facts: &ComMechFacts, place: &Place) -> Found {
    let seen = Seen::of(view, &place.target);
    let all = seen.facts();
    let here: Vec<(&Sight<'_>, &ClientCheck)> = all
        .iter()
        .filter_map(|sight| match sight.fact {
            Fact::ClientCheck(check) if key(&check.endpoint) == place.at => Some((sight, check)),
            _ => None,
        })
        .collect();
    let by_certificate = matches!(
        facts.peer_authentication.as_ref().map(|p| p.value),
        Some(PeerAuthentication::Certificate | PeerAuthentication::Mutual)
    );
    let id = &mechanism.id.value;
    let fault = |(sight, check): &(&Sight<'_>, &ClientCheck)| {
        let text = format!("as the client of {} the product {}", id, fault(facts, check, by_certificate)?);
        Some((text.clone(), sight.ground(format!("{text}{}", evidence(check)))))
    };
    let faults: Vec<(String, Ground)> = here.iter().filter_map(fault).collect();
    let faults: Vec<(String, Ground)> = faults.into_iter().chain(weak_own(view, facts, id, place, &all)).collect();
    if !faults.is_empty() {
        return Found::Faults(faults);
    }
    if facts.peer_authentication.is_none() {
        // Whoever does not say how the peer is authenticated has not said what there is to hold the product to.
        return Found::Undecided(missing_gap(mechanism, "peer-authentication"), Vec::new());
    }
    if !by_certificate {
        return Found::NotAsked;
    }
    let again = || Next::Observe { probe: CLIENT_CHECKS.to_owned(), target: place.target.clone() };
    let told = |(sight, check): &(&Sight<'_>, &ClientCheck)| sight.ground(line(check));
    let undecided =
        |missing: String, next: Next| Found::Undecided(Gap { missing, next }, here.iter().map(told).collect());
    match seen.look(CLIENT_CHECKS, OF, place.at) {
        Look::Never => {
            let missing =
                format!("whether the product verifies its peer at {} was not tried", port_text(place.at));
            return undecided(missing, again());
        }
        Look::Short(_, short) => {
            let next = match short.kind {
                ShortfallKind::Missing => Next::Prepare { what: format!("for tls.client-checks: {}", short.text) },
                _ => again(),
            };
            return undecided(short.text.clone(), next);
        }
        Look::Covered(..) => {}
    }
    let did: BTreeMap<&str, ClientDid> = here.iter().map(|(_, check)| (check.shown.as_str(), check.did)).collect();
    if did.get(GENUINE) != Some(&ClientDid::Sent) {
        let missing = format!("the product did not send over the sound chain at {} either", port_text(place.at));
        let what = "an authority for `[interception]` that the product trusts, and see that it works".to_owned();
        return undecided(missing, Next::Prepare { what });
    }
    if let Some(shown) = needed(facts).find(|shown| did.get(shown) != Some(&ClientDid::Refused)) {
        let missing = match did.get(shown) {
            None if shown == REVOKED => format!(
                "a stapled revocation was not shown to the product at {}, which is declared to heed one: only a client \
                 that asks for a stapled answer is shown it",
                port_text(place.at)
            ),
            Some(_) => format!("whether the product refuses {shown} at {} was not decided", port_text(place.at)),
            None => format!("{shown} was not shown to the product at {}", port_text(place.at)),
        };
        return undecided(missing, again());
    }
    let own = all.iter().find_map(|sight| match sight.fact {
        Fact::ClientCertificate(own) if key(&own.endpoint) == place.at => Some((sight, own)),
        _ => None,
    });
    let is_mutual = facts.peer_authentication.as_ref().is_some_and(|p| p.value == PeerAuthentication::Mutual);
    if is_mutual && own.is_none_or(|(_, own)| own.presented == 0) {
        let at = port_text(place.at);
        return match own {
            None => undecided(format!("the product was not asked for its own certificate at {at}"), again()),
            Some((_, own)) => undecided(
                format!(
                    "asked for its own certificate at {at}, the product showed none in {} connections",
                    own.asked
                ),
                Next::State {
                    what: format!("whether the product proves to {id} who it is: it showed no certificate"),
                },
            ),
        };
    }
    let text = format!(
        "the product sent over the sound chain at {} and refused {} others",
        port_text(place.at),
        needed(facts).count()
    );
    let whole = here.iter().find(|(_, check)| check.shown == GENUINE).map(|(sight, _)| sight.ground(text));
    let own = own.filter(|(_, own)| own.presented > 0).map(|(sight, own)| sight.ground(own_line(own)));
    Found::Sound(whole.into_iter().chain(own).collect())
}

/// Keys and signatures of the product's own certificates that the policy refuses, where they are declared to prove who
/// it is.
fn weak_own(
    view: &View<'_>,
    facts: &ComMechFacts,
    id: &str,
    place: &Place,
    all: &[Sight<'_>],
) -> Vec<(String, Ground)> {
    let is_mutual = facts.peer_authentication.as_ref().is_some_and(|p| p.value == PeerAuthentication::Mutual);
    let mut weak = Vec::new();
    for sight in all.iter().filter(|_| is_mutual) {
        let Fact::ClientCertificate(own) = sight.fact else { continue };
        let shown = own.certificates.iter().filter(|_| key(&own.endpoint) == place.at);
        for (what, said) in shown.flat_map(|certificate| strength(view, certificate)) {
            if let Ruling::Refused(why) = said {
                let text = format!("as the client of {id} the product presents {what}: {why}");
                weak.push((text.clone(), sight.ground(text)));
            }
        }
    }
    weak
}

/// What the product showed of itself.
fn own_line(own: &ClientCertificate) -> String {
    let certificate =
        |c: &CertificateFacts| format!("{}, {} {} bits, until {}", c.subject, c.key, c.key_bits, c.not_after);
    let certificates: Vec<String> = own.certificates.iter().map(certificate).collect();
    format!("the product proved who it is in {} of {}: {}", own.presented, own.asked, certificates.join("; "))
}

/// What a check says against the declaration, if anything.
fn fault(facts: &ComMechFacts, check: &ClientCheck, by_certificate: bool) -> Option<String> {
    match check.did {
        ClientDid::SentInClear => Some(format!("sends in clear when TLS fails: {}", check.told_by)),
        ClientDid::Sent if by_certificate && needed(facts).any(|shown| shown == check.shown) => {
            Some(format!("sends over a chain that is {}: {}", check.shown.replace('-', " "), check.told_by))
        }
        ClientDid::Agreed => {
            let version = TlsVersion::ALL.into_iter().find(|version| version.to_string() == check.shown)?;
            let lowest = facts.lowest_version.as_ref().map_or(TlsVersion::Tls10, |lowest| lowest.value);
            (version < lowest)
                .then(|| format!("agrees to {version}, below the lowest {lowest}: {}", check.told_by))
        }
        _ => None,
    }
}

fn line(check: &ClientCheck) -> String {
    format!("{}: {}", check.shown, check.told_by)
}

/// The bytes and the chain that a fault rests on.
fn evidence(check: &ClientCheck) -> String {
    let octets =
        if check.octets > 0 { format!("; {} octets of it were heard", check.octets) } else { String::new() };
    let chain = check.chain.as_ref().map(|digest| format!("; chain {digest}")).unwrap_or_default();
    format!("{octets}{chain}")
}
