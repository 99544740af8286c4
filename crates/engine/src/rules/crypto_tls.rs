//! What a TLS server accepts, against what is declared: versions, suites, certificate.

use dossier::{ComMechFacts, Entry, PeerAuthentication};
use model::{CertificateFacts, Fact, TlsVersion};

use crate::judgement::{Gap, Ground, Judgement, Next};
use crate::view::View;

use super::crypto_ciphers::{broken_suite, weak_certificate};
use super::crypto_offer::Place;
use super::probe_names::TLS_OFFER;
use super::said::missing_gap;
use super::seen::{Look, Seen, Sight, ground, key, port_text};

/// Judges one server end. Anything accepted beyond the declaration fails, however partial the measurement.
pub(super) fn judge(view: &View<'_>, mechanism: &Entry, facts: &ComMechFacts, place: &Place) -> Judgement {
    let seen = Seen::of(view, &place.target);
    let here: Vec<Sight<'_>> =
        seen.facts().into_iter().filter(|s| s.fact.endpoint().is_some_and(|e| key(e) == place.at)).collect();
    let declared = Ground::Declared { span: mechanism.span, text: format!("{} declares TLS", mechanism.id.value) };
    let mut faults: Vec<(String, Ground)> = Vec::new();
    for sight in &here {
        if let Some(text) = fault(view, facts, sight.fact) {
            let text = format!("{} {text}", port_text(place.at));
            faults.push((text.clone(), sight.ground(text)));
        }
    }
    let accepted = here.iter().any(|s| matches!(s.fact, Fact::TlsVersion { accepted: true, .. }));
    let clear = here.iter().find(|s| matches!(s.fact, Fact::Service(service) if !service.tls));
    if let (false, Some(sight)) = (accepted, clear) {
        let text = format!("{} answers in clear where TLS is declared", port_text(place.at));
        faults.push((text.clone(), sight.ground(text)));
    }
    if let Some((because, _)) = faults.first() {
        let whole = Judgement::fail(because.clone()).on(declared).on(limits(mechanism, facts));
        return faults.into_iter().map(|(_, ground)| ground).fold(whole, Judgement::on);
    }
    let mut gaps = Vec::new();
    let mut grounds = vec![declared, limits(mechanism, facts)];
    let next = || Next::Observe { probe: TLS_OFFER.to_owned(), target: place.target.clone() };
    let mut begun = !here.is_empty();
    for of in ["tls-versions", "tls-suites"] {
        match seen.look(TLS_OFFER, of, place.at) {
            Look::Covered(record, _) => grounds.push(ground(record, format!("{} at {}", of, port_text(place.at)))),
            Look::Short(record, short) => {
                grounds.push(ground(record, short.text.clone()));
                gaps.push(Gap { missing: format!("{}: {}", port_text(place.at), short.text), next: next() });
            }
            Look::Never => {
                let missing = format!("{of} of {} at {} are not measured", place.target, port_text(place.at));
                gaps.push(Gap { missing, next: next() });
                continue;
            }
        }
        begun = true;
    }
    let settled =
        |v: TlsVersion| here.iter().any(|s| matches!(s.fact, Fact::TlsVersion { version, .. } if *version == v));
    if let Some(version) = TlsVersion::ALL.into_iter().find(|v| begun && !settled(*v)) {
        let missing = format!("whether {} accepts {version} is not settled", port_text(place.at));
        gaps.push(Gap { missing, next: next() });
    }
    if begun && gaps.is_empty() && !accepted {
        gaps.push(Gap { missing: format!("{} accepted no version of TLS", port_text(place.at)), next: next() });
    }
    let by_certificate = facts
        .peer_authentication
        .as_ref()
        .is_some_and(|p| matches!(p.value, PeerAuthentication::Certificate | PeerAuthentication::Mutual));
    if accepted && by_certificate && !here.iter().any(|s| matches!(s.fact, Fact::Certificate(_))) {
        gaps.push(Gap { missing: format!("no certificate of {} was read", port_text(place.at)), next: next() });
    }
    if facts.lowest_version.is_none() {
        gaps.push(missing_gap(mechanism, "lowest-version"));
    }
    let id = &mechanism.id.value;
    let mut judgement = match gaps.first() {
        None => Judgement::pass(format!("{} accepts nothing beyond what {id} declares", port_text(place.at))),
        Some(gap) if begun => Judgement::inconclusive(gap.missing.clone(), gap.next.clone()),
        Some(gap) => Judgement::open(gap.missing.clone(), gap.next.clone()),
    };
    judgement.gaps = gaps;
    judgement.grounds = grounds;
    judgement
}

/// What the declaration allows, as a ground.
fn limits(mechanism: &Entry, facts: &ComMechFacts) -> Ground {
    match (&facts.lowest_version, &facts.suites) {
        (Some(lowest), Some(suites)) => Ground::Declared {
            span: lowest.span,
            text: format!("lowest version {}, {} suites", lowest.value, suites.len()),
        },
        (Some(lowest), None) => {
            Ground::Declared { span: lowest.span, text: format!("lowest version {}", lowest.value) }
        }
        (None, _) => Ground::Declared { span: mechanism.span, text: "no lowest version is declared".to_owned() },
    }
}

/// What is wrong with a fact, if anything is.
fn fault(view: &View<'_>, facts: &ComMechFacts, fact: &Fact) -> Option<String> {
    match fact {
        Fact::TlsVersion { version, accepted: true, .. } => match &facts.lowest_version {
            Some(lowest) if *version < lowest.value => {
                Some(format!("accepts {version}, below the declared lowest {}", lowest.value))
            }
            None if *version <= TlsVersion::Ssl3 => Some(format!("accepts {version}, which is broken")),
            _ => None,
        },
        Fact::TlsSuite { name, version, .. } => match &facts.suites {
            Some(suites) if !suites.iter().any(|s| s.eq_ignore_ascii_case(name)) => {
                Some(format!("accepts {name} in {version}, which is not declared"))
            }
            Some(_) => None,
            None => broken_suite(name).map(|why| format!("accepts {name} in {version}: {why}")),
        },
        Fact::Certificate(certificate) => certificate_fault(view, certificate),
        _ => None,
    }
}

fn certificate_fault(view: &View<'_>, certificate: &CertificateFacts) -> Option<String> {
    if certificate.not_after < view.at {
        return Some(format!("presents a certificate that expired on {}", certificate.not_after.date()));
    }
    if certificate.not_before > view.at {
        return Some(format!("presents a certificate valid only from {}", certificate.not_before.date()));
    }
    // A root signs itself, so that its signature proves nothing and weakens nothing.
    let signature = if certificate.self_issued && certificate.index > 0 { "" } else { &certificate.signature };
    weak_certificate(&certificate.key, certificate.key_bits, signature)
        .map(|weak| format!("presents a certificate with {weak}"))
}
