//! Contradictions around 10-SecParam and 11-SecComMech (11-ComMech in V2.1.1).

use dossier::{
    ComMechFacts, Entry, FieldValue, Guarantee, Note, ParameterClass, ParameterUse, PeerAuthentication,
    SecParamFacts, SecureProtocol, Support, Uniqueness,
};
use model::TlsVersion;

use super::super::look::{COMMUNICATION, Look, ids, listed};
use super::super::note;

/// The field that names mechanisms, by edition.
pub(super) const SENT_OVER: [&str; 2] = ["Secure Communication Mechanisms", "Communication Mechanisms"];

pub(super) fn check(look: &Look<'_>, notes: &mut Vec<Note>) {
    for (entry, f) in look.with_facts::<SecParamFacts>(&["SecParam"]) {
        identity(f, notes);
        source_code(f, notes);
        unique(look, f, notes);
        communicated(entry, f, notes);
        protected(look, entry, f, notes);
    }
    for (entry, f) in look.with_facts::<ComMechFacts>(COMMUNICATION) {
        mechanism(entry, f, notes);
    }
}

fn identity(f: &SecParamFacts, notes: &mut Vec<Note>) {
    if let (Some(identity), Some(shared)) =
        (f.hard_coded_identity.filter(|i| i.value), f.uniqueness.filter(|u| u.value == Uniqueness::Shared))
    {
        notes.push(
            note(
                "identity-shared",
                shared.span,
                "an identity per device differs on each unit",
                "the same on many units",
            )
            .also(identity.span, "declared an identity per device"),
        );
    }
}

fn source_code(f: &SecParamFacts, notes: &mut Vec<Note>) {
    let Some(code) = f.in_source_code.filter(|s| s.value) else { return };
    if let Some(class) = f.class.filter(|c| c.value == ParameterClass::Critical) {
        notes.push(
            note(
                "critical-in-source",
                code.span,
                "a critical parameter in use never stands in source code",
                "stands in source code",
            )
            .also(class.span, "a critical parameter")
            .consequence("provision 5.4-3 fails"),
        );
    }
    if let Some(unique) = f.uniqueness.filter(|u| u.value == Uniqueness::PerDevice) {
        notes.push(
            note(
                "unique-in-source",
                unique.span,
                "what stands in source code is the same on every unit",
                "declared per device",
            )
            .also(code.span, "stands in source code"),
        );
    }
}

fn unique(look: &Look<'_>, f: &SecParamFacts, notes: &mut Vec<Note>) {
    let Some(answer) = look.dossier.answer("5.4-4").and_then(|r| r.support) else { return };
    let Some(shared) = f.uniqueness.filter(|u| u.value == Uniqueness::Shared) else { return };
    let concerns = listed(&f.used_for)
        .iter()
        .any(|u| matches!(u, ParameterUse::UpdateCheck | ParameterUse::ServiceCommunication));
    if answer.value == Support::Yes && concerns && f.class.is_some_and(|c| c.value == ParameterClass::Critical) {
        notes.push(
            note(
                "shared-critical",
                shared.span,
                "provision 5.4-4 asks for critical parameters that differ per device",
                "the same on many units",
            )
            .also(answer.span, "5.4-4 is answered Y"),
        );
    }
}

fn communicated(entry: &Entry, f: &SecParamFacts, notes: &mut Vec<Note>) {
    let Some(fact) = f.communicated else { return };
    let field = SENT_OVER.iter().find_map(|name| Some((*name, entry.field(name)?)));
    let over = field.is_some_and(|(_, v)| matches!(&v.value, FieldValue::List(list) if !list.is_empty()));
    let empty = field.is_none_or(|(_, v)| v.is_empty());
    if fact.value && empty {
        // An absent field is told as a missing one.
        if let Some((name, value)) = field {
            notes.push(
                note(
                    "sent-over-nothing",
                    value.span,
                    format!("`{}` leaves the product over some mechanism", entry.id.value),
                    format!("`{name}` names none"),
                )
                .also(fact.span, "declared communicated"),
            );
        }
    } else if let Some((name, value)) = field.filter(|_| !fact.value && over) {
        notes.push(
            note(
                "sent-though-kept",
                value.span,
                format!("`{}` is declared not to leave the product", entry.id.value),
                format!("`{name}` says how it is sent"),
            )
            .also(fact.span, "declared here"),
        );
    }
}

/// A critical parameter over a mechanism that does not keep it confidential.
fn protected(look: &Look<'_>, entry: &Entry, f: &SecParamFacts, notes: &mut Vec<Note>) {
    if f.class.is_none_or(|c| c.value != ParameterClass::Critical) {
        return;
    }
    for id in SENT_OVER.iter().flat_map(|name| ids(entry, name)) {
        if let Some((mechanism, at)) = open_mechanism(look, &id.value) {
            let message =
                format!("`{}` is critical, and `{}` keeps nothing confidential", entry.id.value, id.value);
            notes.push(
                note("critical-in-clear", id.span, message, "sent over this mechanism")
                    .also(at, format!("`{mechanism}` declares no confidentiality")),
            );
        }
    }
}

/// A mechanism whose declared objectives lack confidentiality, and where that is said.
pub(super) fn open_mechanism<'a>(look: &Look<'a>, id: &str) -> Option<(&'a str, dossier::Span)> {
    let (entry, f) = look.with_facts::<ComMechFacts>(COMMUNICATION).into_iter().find(|(e, _)| e.id.value == id)?;
    let clear = f.protocol.filter(|p| p.value == SecureProtocol::None).map(|p| p.span);
    let open = f.guarantees.as_ref().filter(|g| !g.value.contains(&Guarantee::Confidentiality)).map(|g| g.span);
    Some((entry.id.value.as_str(), clear.or(open)?))
}

fn mechanism(entry: &Entry, f: &ComMechFacts, notes: &mut Vec<Note>) {
    if let Some(lowest) = f.lowest_version {
        if lowest.value < TlsVersion::Tls12 {
            notes.push(
                note(
                    "old-protocol",
                    lowest.span,
                    "versions below TLS 1.2 are no best practice (RFC 8996)",
                    format!("`{}` is accepted", lowest.value),
                )
                .consequence("provision 5.5-1 fails for this mechanism"),
            );
        }
        if let Some(protocol) =
            f.protocol.filter(|p| !matches!(p.value, SecureProtocol::Tls | SecureProtocol::Dtls))
        {
            notes.push(
                note(
                    "version-without-tls",
                    lowest.span,
                    "a TLS version belongs to TLS or DTLS",
                    "declared beside another protocol",
                )
                .also(protocol.span, format!("`{}`", protocol.value)),
            );
        }
    }
    let Some(clear) = f.protocol.filter(|p| p.value == SecureProtocol::None) else { return };
    if entry.table == "SecComMech" {
        notes.push(
            note("clear-among-secured", clear.span, "11-SecComMech lists secured communication only", "in clear")
                .hint("declare the interface in 28-LogIntf alone, or say what secures it"),
        );
    }
    if let Some(guarantees) = f.guarantees.as_ref().filter(|g| !g.value.is_empty()) {
        notes.push(
            note(
                "guarantee-without-means",
                guarantees.span,
                "communication in clear reaches no security objective",
                "objectives",
            )
            .also(clear.span, "declared in clear"),
        );
    }
    if let Some(peer) = f
        .peer_authentication
        .filter(|p| !matches!(p.value, PeerAuthentication::None | PeerAuthentication::Password))
    {
        notes.push(
            note(
                "guarantee-without-means",
                peer.span,
                "communication in clear has nothing that proves the peer",
                format!("`{}`", peer.value),
            )
            .also(clear.span, "declared in clear"),
        );
    }
}
