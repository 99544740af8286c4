//! What a TLS server accepts, against what is declared and the cryptography policy: versions, suites, groups,
//! signatures, certificate, other traits.

use dossier::{ComMechFacts, CryptoKind, Entry, PeerAuthentication};
use model::{CertificateFacts, Fact, TlsVersion, Transport};

use crate::crypto_policy::{Ruling, is_named, ruling, size_ruling};
use crate::judgement::{Gap, Ground, Judgement, Next};
use crate::view::View;

use super::crypto_names::{DTLS, is_for};
use super::crypto_offer::{Place, hosts, policy_ground};
use super::probe_names::TLS_OFFER;
use super::said::missing_gap;
use super::seen::{Look, Seen, Sight, ground, key, port_text};

/// Judges one server end. Anything accepted beyond declaration or policy fails, however partial the measurement.
pub(super) fn judge(view: &View<'_>, mechanism: &Entry, facts: &ComMechFacts, place: &Place) -> Judgement {
    let seen = Seen::of(view, &place.target);
    let here: Vec<Sight<'_>> =
        seen.facts().into_iter().filter(|s| s.fact.endpoint().is_some_and(|e| key(e) == place.at)).collect();
    let declared = Ground::Declared { span: mechanism.span, text: format!("{} declares TLS", mechanism.id.value) };
    let mut faults: Vec<(String, Ground)> = Vec::new();
    let mut doubts: Vec<(Gap, Ground)> = Vec::new();
    let mut legacy: Vec<Ground> = Vec::new();
    for sight in &here {
        for (what, said) in said(view, facts, sight.fact) {
            let what = format!("{} {what}", port_text(place.at));
            match said {
                Ruling::Fine => {}
                Ruling::Until(day) => legacy.push(sight.ground(format!("{what}: legacy until {day}"))),
                Ruling::Open(why) => {
                    let text = format!("{what}: {why}");
                    let next =
                        Next::State { what: format!("whether {} may be used: it {what}", mechanism.id.value) };
                    doubts.push((Gap { missing: text.clone(), next }, sight.ground(text)));
                }
                Ruling::Refused(why) => {
                    let text = if why.is_empty() { what } else { format!("{what}: {why}") };
                    faults.push((text.clone(), sight.ground(text)));
                }
            }
        }
    }
    let accepted = here.iter().any(|s| matches!(s.fact, Fact::TlsVersion { accepted: true, .. }));
    let clear = here.iter().find(|s| matches!(s.fact, Fact::Service(service) if !service.tls));
    if let (false, Some(sight), Transport::Tcp) = (accepted, clear, place.at.0) {
        let text = format!("{} answers in clear where TLS is declared", port_text(place.at));
        faults.push((text.clone(), sight.ground(text)));
    }
    if let Some((because, _)) = faults.first() {
        let whole =
            Judgement::fail(because.clone()).on(declared).on(limits(mechanism, facts)).on(policy_ground(view));
        return faults.into_iter().map(|(_, ground)| ground).fold(whole, Judgement::on);
    }
    let mut gaps = Vec::new();
    let mut grounds = vec![declared, limits(mechanism, facts), policy_ground(view)];
    grounds.extend(legacy);
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
    if let Look::Short(record, short) = seen.look(TLS_OFFER, "tls-traits", place.at) {
        grounds.push(ground(record, short.text.clone()));
        gaps.push(Gap { missing: format!("{}: {}", port_text(place.at), short.text), next: next() });
    }
    let settled =
        |v: TlsVersion| here.iter().any(|s| matches!(s.fact, Fact::TlsVersion { version, .. } if *version == v));
    let exists = |v: &TlsVersion| place.at.0 == Transport::Tcp || DTLS.contains(v);
    if let Some(version) = TlsVersion::ALL.into_iter().filter(exists).find(|v| begun && !settled(*v)) {
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
    if accepted && by_certificate {
        doubts.extend(here.iter().filter_map(|sight| wrong_name(view, mechanism, place, sight)));
    }
    if facts.lowest_version.is_none() {
        gaps.push(missing_gap(mechanism, "lowest-version"));
    }
    for (gap, ground) in doubts {
        gaps.push(gap);
        grounds.push(ground);
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

/// What declaration and policy say of a fact: what the server does, and the ruling on it.
///
/// A declared version or list is the yardstick of this unit even where the policy would say otherwise: whether what is
/// declared is best practice is asked by another.
fn said(view: &View<'_>, facts: &ComMechFacts, fact: &Fact) -> Vec<(String, Ruling)> {
    let one = |what: String, ruling: Ruling| vec![(what, ruling)];
    match fact {
        Fact::TlsVersion { version, accepted: true, .. } => match &facts.lowest_version {
            Some(lowest) if *version < lowest.value => {
                let what = format!("accepts {version}, below the declared lowest {}", lowest.value);
                one(what, Ruling::Refused(String::new()))
            }
            Some(_) => Vec::new(),
            None => one(format!("accepts {version}"), ruling(view, CryptoKind::TlsVersion, version.as_str())),
        },
        Fact::TlsSuite { name, version, .. } => match &facts.suites {
            Some(suites) if !suites.iter().any(|s| s.eq_ignore_ascii_case(name)) => {
                one(format!("accepts {name} in {version}, which is not declared"), Ruling::Refused(String::new()))
            }
            Some(_) => Vec::new(),
            None => one(format!("accepts {name} in {version}"), ruling(view, CryptoKind::TlsSuite, name)),
        },
        Fact::TlsGroup { name, version, .. } => {
            let bits = name.strip_prefix("ffdhe ").and_then(|bits| bits.parse().ok());
            let ruling = match bits {
                Some(bits) => size_ruling(view, CryptoKind::DhBits, bits),
                None => ruling(view, CryptoKind::TlsGroup, name),
            };
            one(format!("agrees keys over {name} in {version}"), ruling)
        }
        Fact::TlsTrait { name, value, version, .. } if name == "signature" => {
            one(format!("signs with {value} in {version}"), ruling(view, CryptoKind::TlsSignature, value))
        }
        Fact::TlsTrait { name, value, version, .. } => {
            let entry = format!("{name}={value}");
            if !is_named(view, CryptoKind::TlsTrait, &entry) {
                return Vec::new();
            }
            one(format!("shows {name} {value} in {version}"), ruling(view, CryptoKind::TlsTrait, &entry))
        }
        Fact::Certificate(certificate) => certificate_said(view, certificate),
        _ => Vec::new(),
    }
}

fn certificate_said(view: &View<'_>, certificate: &CertificateFacts) -> Vec<(String, Ruling)> {
    let (from, to) = (certificate.not_before, certificate.not_after);
    let mut all = Vec::new();
    if to < view.at {
        let what = format!("presents a certificate that expired on {}", to.date());
        all.push((what, Ruling::Refused(String::new())));
    }
    if from > view.at {
        let what = format!("presents a certificate valid only from {}", from.date());
        all.push((what, Ruling::Refused(String::new())));
    }
    let strength = strength(view, certificate);
    all.extend(strength.into_iter().map(|(what, ruling)| (format!("presents {what}"), ruling)));
    all
}

/// What the policy says of a certificate's key and of the signature on it, whenever it is valid.
pub(super) fn strength(view: &View<'_>, certificate: &CertificateFacts) -> Vec<(String, Ruling)> {
    let mut all = Vec::new();
    let (key, bits) = (&certificate.key, certificate.key_bits);
    let kind = match key.to_ascii_lowercase() {
        key if key.starts_with("rsa") => Some(CryptoKind::RsaBits),
        key if key.starts_with("dsa") => Some(CryptoKind::DsaBits),
        key if key.starts_with("ec") || key.starts_with("ed") => Some(CryptoKind::EcBits),
        _ => None,
    };
    let of_key = match kind {
        Some(kind) => size_ruling(view, kind, bits),
        None => Ruling::Open("the cryptography policy does not name it".to_owned()),
    };
    all.push((format!("a certificate with a {key} key of {bits} bits"), of_key));
    // A root signs itself, so that its signature proves nothing and weakens nothing.
    if !(certificate.self_issued && certificate.index > 0) {
        let of_signature = ruling(view, CryptoKind::CertificateSignature, &certificate.signature);
        all.push((format!("a certificate with a signature of {}", certificate.signature), of_signature));
    }
    all
}

/// A leaf that is for none of the names by which clients come; they may still know it in another way.
fn wrong_name(view: &View<'_>, mechanism: &Entry, place: &Place, sight: &Sight<'_>) -> Option<(Gap, Ground)> {
    let Fact::Certificate(leaf) = sight.fact else { return None };
    let hosts = hosts(view, place, sight.record);
    if leaf.index > 0 || hosts.is_empty() || hosts.iter().any(|host| is_for(leaf, host)) {
        return None;
    }
    let text = format!("{} presents a certificate that is not for {}", port_text(place.at), hosts.join(", "));
    let what = format!("how the peers of {} know the certificate {}", mechanism.id.value, leaf.subject);
    Some((Gap { missing: text.clone(), next: Next::State { what } }, sight.ground(text)))
}
