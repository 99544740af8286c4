//! Contradictions around personal data, telemetry, deletion and consent.

use dossier::{DelFuncFacts, Entry, Note, PersDataFacts, Support, TelDataFacts};

use super::super::look::{Look, begins, denies, ids, no, said, yes};
use super::super::note;
use super::parameters::{SENT_OVER, open_mechanism};

pub(super) fn check(look: &Look<'_>, notes: &mut Vec<Note>) {
    for (entry, f) in look.with_facts::<PersDataFacts>(&["PersData"]) {
        consent(entry, f, notes);
        kept(f, notes);
        clear(look, entry, f, notes);
    }
    for (entry, f) in look.with_facts::<TelDataFacts>(&["TelData"]) {
        examined(entry, f, notes);
    }
    for (entry, f) in look.with_facts::<DelFuncFacts>(&["DelFunc"]) {
        confirmation(look, entry, f, notes);
    }
}

fn consent(entry: &Entry, f: &PersDataFacts, notes: &mut Vec<Note>) {
    let Some(fact) = f.consent else { return };
    for field in ["Obtaining Consent", "Withdrawing Consent", "Storing Consent"] {
        let Some((text, at)) = said(entry, field) else { continue };
        let denied = denies(&text);
        if fact.value && denied {
            notes.push(
                note(
                    "consent-contradicts",
                    at,
                    "processing that rests on consent has means for it",
                    format!("`{field}` names none"),
                )
                .also(fact.span, "declared to rest on consent"),
            );
        } else if !fact.value && !denied && !begins(&text, "not") && !begins(&text, "no") {
            notes.push(
                note(
                    "consent-contradicts",
                    at,
                    "means for consent belong to processing that rests on it",
                    format!("`{field}` describes some"),
                )
                .also(fact.span, "declared not to rest on consent"),
            );
        }
    }
}

fn kept(f: &PersDataFacts, notes: &mut Vec<Note>) {
    if let Some(to_service) = f.to_service.filter(|t| !t.value)
        && let Some(stored) = f.stored_by.as_ref().filter(|s| !s.value.is_empty())
    {
        notes.push(
            note("stored-though-kept", stored.span, "what a service stores has gone to it", "stored by a service")
                .also(to_service.span, "declared not to go to one"),
        );
    }
}

/// Sensitive data over a mechanism that does not keep it confidential.
fn clear(look: &Look<'_>, entry: &Entry, f: &PersDataFacts, notes: &mut Vec<Note>) {
    if !yes(&f.sensitive) || no(&f.to_service) {
        return;
    }
    for id in SENT_OVER.iter().flat_map(|name| ids(entry, name)) {
        if let Some((mechanism, at)) = open_mechanism(look, &id.value) {
            let message =
                format!("`{}` is sensitive, and `{}` keeps nothing confidential", entry.id.value, id.value);
            notes.push(
                note("sensitive-in-clear", id.span, message, "sent over this mechanism")
                    .also(at, format!("`{mechanism}` declares no confidentiality")),
            );
        }
    }
}

fn examined(entry: &Entry, f: &TelDataFacts, notes: &mut Vec<Note>) {
    let (Some(fact), Some((text, at))) = (f.examined, said(entry, "Security Examination")) else { return };
    let denied = denies(&text) || begins(&text, "no") || begins(&text, "not examined");
    if fact.value == denied {
        let label = if denied { "no examination" } else { "an examination" };
        notes.push(
            note("examination-contradicts", at, format!("`{}` is either examined or not", entry.id.value), label)
                .also(fact.span, format!("`examined = {}`", fact.value)),
        );
    }
}

fn confirmation(look: &Look<'_>, entry: &Entry, f: &DelFuncFacts, notes: &mut Vec<Note>) {
    if let (Some(fact), Some((text, at))) = (f.confirms, said(entry, "Confirmation"))
        && fact.value == (denies(&text) || begins(&text, "no"))
    {
        notes.push(
            note(
                "confirmation-contradicts",
                at,
                "a deletion is either confirmed to the user or not",
                "as written for a reader",
            )
            .also(fact.span, format!("`confirms = {}`", fact.value)),
        );
    }
    if let Some(confirms) = f.confirms.filter(|c| !c.value)
        && let Some(answer) = look.dossier.answer("5.11-4").and_then(|r| r.support)
        && answer.value == Support::Yes
    {
        notes.push(
            note(
                "unconfirmed-deletion",
                confirms.span,
                "provision 5.11-4 asks that deletion is confirmed",
                "declared unconfirmed",
            )
            .also(answer.span, "5.11-4 is answered Y"),
        );
    }
}
