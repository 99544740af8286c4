//! Prose fields that say another thing than the typed fact of the same entry.

use dossier::{
    DelFuncFacts, DeletionTarget, Entry, FieldValue, InterfaceFacts, Located, Note, ParameterClass, PersDataFacts,
    SecParamFacts, SoftCompFacts, SoftServFacts, Span, Status,
};

use super::super::look::{INTERFACES, Look, begins, denies, listed, said};
use super::super::note;

pub(super) fn check(look: &Look<'_>, notes: &mut Vec<Note>) {
    for (entry, f) in look.with_facts::<SecParamFacts>(&["SecParam"]) {
        if let (Some(class), Some((text, at))) = (f.class, said(entry, "Type")) {
            let other = match class.value {
                ParameterClass::Critical => "public",
                ParameterClass::Public => "critical",
            };
            if begins(&text, other) {
                notes.push(disagree(entry, "Type", at, &format!("class = \"{}\"", class.value), class.span));
            }
        }
    }
    for (entry, f) in look.with_facts::<SoftServFacts>(&["SoftServ"]) {
        status(entry, f.status, notes);
        yes_no(entry, "Allows Configuration", "configures", f.configures, notes);
    }
    for (entry, f) in look.with_facts::<InterfaceFacts>(INTERFACES) {
        status(entry, f.status, notes);
        yes_no(entry, "Debug Interface", "debug", f.debug, notes);
        network(entry, f, notes);
    }
    for (entry, f) in look.with_facts::<PersDataFacts>(&["PersData"]) {
        yes_no(entry, "Sensitive", "sensitive", f.sensitive, notes);
    }
    for (entry, f) in look.with_facts::<SoftCompFacts>(&["SoftComp"]) {
        yes_no(entry, "Cryptographic Usage", "cryptography", f.cryptography, notes);
        updatable(entry, f, notes);
    }
    for (entry, f) in look.with_facts::<DelFuncFacts>(&["DelFunc"]) {
        targets(entry, f, notes);
    }
}

fn disagree(entry: &Entry, field: &str, at: Span, fact: &str, fact_at: Span) -> Note {
    note(
        "prose-contradicts-fact",
        at,
        format!("the prose and the facts of `{}` say different things", entry.id.value),
        format!("`{field}` as written for a reader"),
    )
    .also(fact_at, format!("`{fact}` as read by programs"))
    .consequence("people and probes would assess two different products")
}

fn yes_no(entry: &Entry, field: &str, key: &str, fact: Option<Located<bool>>, notes: &mut Vec<Note>) {
    let (Some(fact), Some((text, at))) = (fact, said(entry, field)) else { return };
    let other = if fact.value { begins(&text, "no") } else { begins(&text, "yes") };
    if other {
        notes.push(disagree(entry, field, at, &format!("{key} = {}", fact.value), fact.span));
    }
}

fn status(entry: &Entry, fact: Option<Located<Status>>, notes: &mut Vec<Note>) {
    let (Some(fact), Some((text, at))) = (fact, said(entry, "Status")) else { return };
    let other = match fact.value {
        Status::Enabled => begins(&text, "disabled"),
        _ => begins(&text, "enabled"),
    };
    if other {
        notes.push(disagree(entry, "Status", at, &format!("status = \"{}\"", fact.value), fact.span));
    }
}

/// `Type` of a physical interface, which in both editions says whether it is a network interface.
fn network(entry: &Entry, f: &InterfaceFacts, notes: &mut Vec<Note>) {
    let (Some(network), Some((text, at))) = (f.network, said(entry, "Type")) else { return };
    if !network.value && begins(&text, "network") {
        notes.push(disagree(entry, "Type", at, "network = false", network.span));
    }
}

/// An empty list of update mechanisms says that the component is not updated.
fn updatable(entry: &Entry, f: &SoftCompFacts, notes: &mut Vec<Note>) {
    let (Some(fact), Some(field)) = (f.updatable, entry.field("Update Mechanism")) else { return };
    let by = match &field.value {
        FieldValue::List(list) => !list.is_empty(),
        FieldValue::Text(text) => !text.trim().is_empty() && !denies(text),
    };
    if by != fact.value {
        let fact_text = format!("updatable = {}", fact.value);
        notes.push(disagree(entry, "Update Mechanism", field.span, &fact_text, fact.span));
    }
}

fn targets(entry: &Entry, f: &DelFuncFacts, notes: &mut Vec<Note>) {
    let (Some(fact), Some((text, at))) = (&f.targets, said(entry, "Target Type")) else { return };
    let lower = text.to_lowercase();
    let (device, service) = (lower.contains("on the device"), lower.contains("associated service"));
    if !(device || service) {
        return;
    }
    let list = listed(&f.targets);
    let agrees =
        list.contains(&DeletionTarget::Device) == device && list.contains(&DeletionTarget::Service) == service;
    if !agrees {
        let words: Vec<&str> = list.iter().map(|t| t.as_str()).collect();
        notes.push(disagree(entry, "Target Type", at, &format!("targets = {words:?}"), fact.span));
    }
}
