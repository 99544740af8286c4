//! Contradictions around the information for users and the supplier's confirmations.

use dossier::{Note, Support, UserInfoFacts};

use super::super::look::{Look, begins, said};
use super::super::note;

pub(super) fn check(look: &Look<'_>, notes: &mut Vec<Note>) {
    model(look, notes);
    support_period(look, notes);
    confirmations(look, notes);
}

fn model(look: &Look<'_>, notes: &mut Vec<Note>) {
    let Some(product) = look.dossier.product.as_ref().and_then(|p| p.model.as_ref()) else { return };
    let name = product.value.trim();
    for (_, f) in look.with_facts::<UserInfoFacts>(&["UserInfo"]) {
        if let Some(model) = f.model.as_ref().filter(|m| !m.value.contains(name)) {
            notes.push(
                note(
                    "model-disagrees",
                    model.span,
                    "the model that users see is the model under assessment",
                    "another model",
                )
                .also(product.span, "the model of the product"),
            );
        }
    }
    for entry in look.entries(&["UserInfo"]) {
        if let Some((_, at)) = said(entry, "Model Designation").filter(|(text, _)| !text.contains(name)) {
            notes.push(
                note(
                    "model-disagrees",
                    at,
                    "the model designation names the model under assessment",
                    "names another, or none",
                )
                .also(product.span, "the model of the product"),
            );
        }
    }
}

/// Numbers in the published text that the declared period does not have.
fn support_period(look: &Look<'_>, notes: &mut Vec<Note>) {
    for (entry, f) in look.with_facts::<UserInfoFacts>(&["UserInfo"]) {
        let (Some(text), Some((period, at))) = (&f.support_period_text, said(entry, "Support Period")) else {
            continue;
        };
        let (published, declared) = (numbers(&text.value), numbers(&period));
        let shared = published.iter().any(|n| declared.contains(n));
        if !published.is_empty() && !declared.is_empty() && !shared {
            notes.push(
                note(
                    "support-period-disagrees",
                    text.span,
                    "the published support period is the declared one",
                    "published so",
                )
                .also(at, "declared so"),
            );
        }
    }
}

fn numbers(text: &str) -> Vec<&str> {
    text.split(|c: char| !c.is_ascii_digit()).filter(|n| !n.is_empty()).collect()
}

/// A confirmation that is denied, though a provision whose tests read it is answered Y.
fn confirmations(look: &Look<'_>, notes: &mut Vec<Note>) {
    let Some(table) = look.catalogue.table_named("Conf") else { return };
    for entry in look.entries(&["Conf"]) {
        for field in &table.fields {
            let Some((text, at)) = said(entry, &field.name) else { continue };
            if !begins(&text, "no") {
                continue;
            }
            for unit in &field.required_by {
                let Some(group) = look.catalogue.group(&unit.case().group()) else { continue };
                let answer = look.dossier.answer(group.provision.as_str()).and_then(|r| r.support);
                if let Some(answer) = answer.filter(|a| a.value == Support::Yes) {
                    notes.push(
                        note(
                            "confirmation-denied",
                            at,
                            format!("{} is answered Y and rests on this confirmation", group.provision),
                            "denied",
                        )
                        .also(answer.span, "answered here")
                        .consequence(format!("unit {unit} fails")),
                    );
                }
            }
        }
    }
}
