//! What the product's own connections agreed on, against the declared suites and the cryptography policy; and the
//! certificates it was shown in them, by their strength alone.
//!
//! One connection shows what was taken, never what else would be: it refutes, and supports no more than itself. A
//! certificate that was measured at the same place later says more than the one in a capture.

use dossier::{ComMechFacts, CryptoKind};
use model::{CertificateFacts, Conversation};

use crate::crypto_policy::{Ruling, ruling};
use crate::view::View;

use super::super::crypto_offer::Place;
use super::super::crypto_tls::strength;
use super::super::probe_names::TLS_OFFER;
use super::super::seen::{Seen, key};
use super::mechanism::Witness;
use super::{Shown, Traffic};

/// Adds what is to be said of the suites of a conversation. `with` says with whom, and where.
pub(super) fn suites(
    view: &View<'_>,
    facts: &ComMechFacts,
    shown: Shown<'_, Conversation>,
    with: &str,
    witness: &mut Witness,
) {
    for name in &shown.fact.suite_names {
        let mut what = format!("agrees on {name} {with}");
        // A number in the place of a name is a suite that nobody here knows, nor can declare.
        let is_known = !name.starts_with("0x");
        let said = match &facts.suites {
            Some(declared) if declared.iter().any(|one| one.eq_ignore_ascii_case(name)) => Ruling::Fine,
            Some(_) if is_known => {
                what.push_str(", which is not declared");
                Ruling::Refused(String::new())
            }
            _ => ruling(view, CryptoKind::TlsSuite, name),
        };
        add(what, said, shown, witness);
    }
}

/// Adds what is to be said of the certificates that were shown in a conversation at a place.
pub(super) fn certificates(
    view: &View<'_>,
    traffic: &Traffic<'_>,
    place: &Place,
    conversation: Shown<'_, Conversation>,
    with: &str,
    witness: &mut Witness,
) {
    let measured = Seen::of(view, &place.target);
    let captured = conversation.record;
    let is_measured_later = measured.by(TLS_OFFER).any(|record| {
        let at_place =
            |fact: &model::Fact| matches!(fact, model::Fact::Certificate(c) if key(&c.endpoint) == place.at);
        // A capture may have been made long before it was recorded.
        let is_later = record.seq > captured.seq || record.body.began > captured.body.began;
        is_later && record.body.reading.facts.iter().any(at_place)
    });
    if is_measured_later {
        return;
    }
    let server = &conversation.fact.server;
    let here = |shown: &&Shown<'_, CertificateFacts>| {
        shown.fact.endpoint == *server && shown.record.seq == conversation.record.seq
    };
    for shown in traffic.certificates.iter().filter(here) {
        for (what, said) in strength(view, shown.fact) {
            add(format!("is shown {what} {with}"), said, *shown, witness);
        }
    }
}

fn add<T>(what: String, said: Ruling, shown: Shown<'_, T>, witness: &mut Witness) {
    let (to, text) = match said {
        Ruling::Fine => return,
        Ruling::Until(day) => (&mut witness.support, format!("{what}: legacy until {day}")),
        Ruling::Open(why) => (&mut witness.doubts, format!("{what}: {why}")),
        Ruling::Refused(why) if why.is_empty() => (&mut witness.faults, what),
        Ruling::Refused(why) => (&mut witness.faults, format!("{what}: {why}")),
    };
    to.push((text.clone(), shown.ground(text)));
}
