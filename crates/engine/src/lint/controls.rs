//! Notes on controls: for provisions that do not exist, twice, without substance, or missing.

use std::collections::BTreeMap;

use dossier::{Note, Span, Support};

use super::answers::unknown_provision;
use super::look::{Look, few};
use super::note;

pub(super) fn check(look: &Look<'_>, notes: &mut Vec<Note>) {
    let mut first: BTreeMap<&str, Span> = BTreeMap::new();
    for control in &look.dossier.controls {
        let Some(provision) = &control.provision else {
            notes.push(
                note("control-without-provision", control.span, "a control names its provision", "no `provision`")
                    .hint("add `provision = \"5.1-1\"`"),
            );
            continue;
        };
        if look.catalogue.provision_named(&provision.value).is_none() {
            notes.push(unknown_provision(look, provision));
            continue;
        }
        if let Some(earlier) = first.insert(&provision.value, provision.span) {
            notes.push(
                note("duplicate-control", provision.span, "a provision has one control", "has one already")
                    .also(earlier, "here")
                    .consequence("the first control counts"),
            );
        }
        let empty =
            |text: &Option<dossier::Located<String>>| text.as_ref().is_none_or(|t| t.value.trim().is_empty());
        if empty(&control.design) && empty(&control.pattern) {
            notes.push(
                note(
                    "control-without-design",
                    provision.span,
                    "a control says what was decided and how it is implemented",
                    "neither `design` nor `pattern`",
                )
                .consequence(format!("that the control for {} exists is not shown", provision.value)),
            );
        }
        if let Some(support) = look.support(&provision.value).filter(|s| *s != Support::Yes) {
            let message = format!("{} is answered {support}, and has a control", provision.value);
            notes.push(note("control-for-unmet", provision.span, message, "nothing asks for this control"));
        }
    }
    missing(look, notes);
}

fn missing(look: &Look<'_>, notes: &mut Vec<Note>) {
    if !look.has_file("controls.toml") {
        return;
    }
    let lacking: Vec<String> = look
        .catalogue
        .provisions
        .iter()
        .filter(|p| {
            look.support(p.id.as_str()) == Some(Support::Yes) && look.dossier.control(p.id.as_str()).is_none()
        })
        .map(|p| p.id.to_string())
        .collect();
    let Some(id) = lacking.first() else { return };
    let message = format!("{} provisions answered Y have no control", lacking.len());
    let at = look.dossier.answer(id).and_then(|r| r.support).map_or(look.file("controls.toml"), |s| s.span);
    notes.push(
        note("control-missing", at, message, format!("{id} is the first"))
            .consequence(format!("without: {}", few(&lacking, 12)))
            .hint(format!("add `[[control]]` with `provision = \"{id}\"` to controls.toml")),
    );
}
