//! Notes on declared features and conditions: unknown, undeclared, and at odds with each other or with the entries.

use std::collections::{BTreeMap, BTreeSet};

use dossier::{Located, Note, Span, nearest};
use model::Edition;

use super::claims::{CLAIMS, Claim, IMPLIED, Seen};
use super::look::{Look, few};
use super::note;

pub(super) fn check(look: &Look<'_>, notes: &mut Vec<Note>) {
    unknown(look, notes);
    undeclared(look, notes);
    implied(look, notes);
    for claim in CLAIMS {
        for name in claim.names(look.catalogue.edition) {
            against_entries(look, claim, name, notes);
        }
    }
}

/// A feature (letters) or condition (number) as declared.
fn declared<'a>(look: &Look<'a>, name: &str) -> Option<&'a Located<bool>> {
    let ics = &look.dossier.ics;
    if is_condition(name) { ics.conditions.get(name) } else { ics.features.get(name) }
}

fn is_condition(name: &str) -> bool {
    name.starts_with(|c: char| c.is_ascii_digit())
}

fn word(name: &str) -> String {
    format!("{} {name}", if is_condition(name) { "condition" } else { "feature" })
}

fn unknown(look: &Look<'_>, notes: &mut Vec<Note>) {
    let features: Vec<&str> = look.catalogue.features.iter().map(|f| f.id.as_str()).collect();
    let conditions: Vec<&str> = look.catalogue.conditions.iter().map(|c| c.id.as_str()).collect();
    let ics = &look.dossier.ics;
    unknown_of(look, "unknown-feature", "feature", &ics.features, &features, notes, |id| {
        look.other.feature(id).is_some()
    });
    unknown_of(look, "unknown-condition", "condition", &ics.conditions, &conditions, notes, |id| {
        look.other.condition(id).is_some()
    });
}

fn unknown_of(
    look: &Look<'_>,
    code: &'static str,
    kind: &str,
    written: &BTreeMap<String, Located<bool>>,
    known: &[&str],
    notes: &mut Vec<Note>,
    elsewhere: impl Fn(&str) -> bool,
) {
    for (id, answer) in written {
        if known.contains(&id.as_str()) {
            continue;
        }
        let message = format!("Table B.1 of V{} has no {kind} `{id}`", look.catalogue.edition);
        let note = note(code, answer.span, message, format!("no such {kind}"));
        let lower = id.to_lowercase();
        notes.push(if known.contains(&lower.as_str()) {
            note.hint(format!("did you mean `{lower}`?"))
        } else if elsewhere(id) {
            note.hint(format!("it is a {kind} of V{}", look.other.edition))
        } else if known.is_empty() {
            note.hint(format!("V{} has numbered conditions only, under `[conditions]`", look.catalogue.edition))
        } else {
            match nearest(id, known.iter().copied()).filter(|_| id.len() > 1) {
                Some(near) => note.hint(format!("did you mean `{near}`?")),
                None => note.hint(format!("known: {}", known.join(", "))),
            }
        });
    }
}

/// Features and conditions on which an answer depends and that are not declared.
fn undeclared(look: &Look<'_>, notes: &mut Vec<Note>) {
    if !look.has_file("ics.toml") {
        return;
    }
    let ics = &look.dossier.ics;
    let mut missing: BTreeMap<&str, BTreeSet<String>> = BTreeMap::new();
    for provision in &look.catalogue.provisions {
        for name in provision.conditions.iter().chain(&provision.features) {
            if declared(look, name).is_none() {
                missing.entry(name).or_default().insert(provision.id.to_string());
            }
        }
    }
    if missing.is_empty() {
        return;
    }
    let mut names: Vec<&str> = missing.keys().copied().collect();
    names.sort_by(|a, b| (is_condition(a), a.len(), *a).cmp(&(is_condition(b), b.len(), *b)));
    let at = ics.features.values().chain(ics.conditions.values()).map(|a| a.span).min();
    let mut note = note(
        "feature-undeclared",
        at.unwrap_or_else(|| look.file("ics.toml")),
        "every feature and condition of Table B.1 is declared true or false",
        if at.is_some() { "declared here is only a part" } else { "nothing is declared" },
    );
    for name in names.iter().take(6) {
        let provisions: Vec<String> = missing.get(name).into_iter().flatten().cloned().collect();
        let text = format!("without {} it is open whether {} applies", word(name), few(&provisions, 4));
        note = note.consequence(text);
    }
    let list: Vec<String> = names.iter().map(|n| (*n).to_owned()).collect();
    notes.push(note.hint(format!("declare {}", few(&list, 30))));
}

/// Features that cannot be without another.
fn implied(look: &Look<'_>, notes: &mut Vec<Note>) {
    for (edition, name, other, relation) in IMPLIED {
        if *edition != look.catalogue.edition {
            continue;
        }
        let (Some(left), Some(right)) = (declared(look, name), declared(look, other)) else { continue };
        if relation.broken(left.value, right.value) {
            notes.push(
                note(
                    "features-contradict",
                    left.span,
                    relation.sentence(&word(name), &word(other)),
                    format!("declared {}", left.value),
                )
                .also(right.span, format!("declared {}", right.value)),
            );
        }
    }
}

fn against_entries(look: &Look<'_>, claim: &Claim, name: &str, notes: &mut Vec<Note>) {
    let Some(answer) = declared(look, name) else { return };
    let told = |seen: Seen, says: &str| {
        let (at, label): (Span, String) = seen;
        note(
            "feature-contradicted",
            answer.span,
            format!("{} is declared {}, and the entries say otherwise", word(name), answer.value),
            format!("declared {}: {}", answer.value, summary(look, name)),
        )
        .also(at, label)
        .consequence(says.to_owned())
        .hint("mend whichever of the two is wrong")
    };
    let depends: Vec<String> = look
        .catalogue
        .provisions
        .iter()
        .filter(|p| p.conditions.iter().chain(&p.features).any(|n| n == name))
        .map(|p| p.id.to_string())
        .collect();
    let rests = format!("whether {} applies rests on it", few(&depends, 6));
    if !answer.value
        && let Some(seen) = (claim.shown)(look)
    {
        notes.push(told(seen, &rests));
    } else if answer.value
        && let Some(seen) = claim.denied.and_then(|denied| denied(look))
    {
        notes.push(told(seen, &rests));
    }
}

fn summary<'a>(look: &Look<'a>, name: &str) -> &'a str {
    if is_condition(name) {
        look.catalogue.condition(name).map_or("", |c| c.summary.as_str())
    } else {
        look.catalogue.feature(name).map_or("", |f| f.summary.as_str())
    }
}

/// The edition that a row of [`IMPLIED`] is for, spelled shortly there.
pub(super) const NEWER: Edition = Edition::V3_1_3;
/// As [`NEWER`].
pub(super) const OLDER: Edition = Edition::V2_1_1;

/// What the entries show about features and conditions that are not declared: name, value and what shows it.
pub(super) fn shown(look: &Look<'_>) -> Vec<(String, bool, String)> {
    let mut found = Vec::new();
    for claim in CLAIMS {
        for name in claim.names(look.catalogue.edition).iter().filter(|n| declared(look, n).is_none()) {
            if let Some((_, label)) = (claim.shown)(look) {
                found.push(((*name).to_owned(), true, label));
            } else if let Some((_, label)) = claim.denied.and_then(|denied| denied(look)) {
                found.push(((*name).to_owned(), false, label));
            }
        }
    }
    found
}
