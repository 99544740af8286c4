//! The fields of a form: value, help, the linter's notes, and what somebody else made of it meanwhile.

use app::edit::{Field, Form, Group, Kind};
use dossier::Facts;
use maud::{Markup, html};
use report::html::parts::said;
use serde_json::Value;

use super::differs::differs;
use super::notes::notes;
use super::text_of;
use app::edit::lines::visible;

/// Every group of a form. What each is called is left out where the page is called the same.
pub(super) fn groups(product: &str, form: &Form, named: bool) -> Markup {
    let mut number = 0;
    html! {
        @for (at, group) in form.groups.iter().enumerate() {
            section.card.edit.abreast[is_short(group)] aria-labelledby=(heading(at, group)) {
                h2 #(heading(at, group)) .hidden[!named && at == 0] {
                    (visible(&group.title)) " "
                    @if !group.status.is_empty() { span.badge title="status in Table B.1" { (group.status) } }
                }
                @for text in &group.about { p.soft { (said(text)) } }
                (notes(&group.notes, group.notes.first().map(|noted| text_of(product, &noted.path)).as_deref()))
                @for one in group.fields.iter().filter(|field| !field.aside) {
                    ({ number += 1; field(product, one, number) })
                }
                @if group.fields.iter().any(|field| field.aside) {
                    details.aside open[is_said(group)] {
                        summary { "Where it is not met" }
                        @for one in group.fields.iter().filter(|field| field.aside) {
                            ({ number += 1; field(product, one, number) })
                        }
                    }
                }
            }
        }
    }
}

/// Whether it is a row of few short values, which stand beside each other where there is room.
fn is_short(group: &Group) -> bool {
    let is_short = |field: &Field| field.kind == Kind::Line && field.help.is_empty() && field.locked.is_none();
    (2..=3).contains(&group.fields.len()) && group.fields.iter().all(is_short)
}

/// Whether what may stand aside has a say: something stands there, is noted there, or is asked for by the answer.
fn is_said(group: &Group) -> bool {
    let unmet = group
        .fields
        .iter()
        .any(|field| matches!(field.kind, Kind::Choice(_)) && ["N", "N/A"].contains(&field.value.as_str()));
    let said = |field: &&Field| {
        !field.value.is_empty() || !field.notes.is_empty() || field.now.is_some() || field.wrong.is_some()
    };
    unmet || group.fields.iter().filter(|field| field.aside).any(|field| said(&field))
}

fn heading(at: usize, group: &Group) -> String {
    let plain = group.id.chars().all(|c| c.is_ascii_alphanumeric() || ".-".contains(c));
    if plain { format!("p-{}", group.id) } else { format!("group-{at}") }
}

fn field(product: &str, field: &Field, number: usize) -> Markup {
    let help = format!("help-{number}");
    let text = field.at.as_ref().map(|(path, _)| text_of(product, path));
    html! {
        div.field.edited {
            @if let Some(why) = &field.locked {
                p.label { (visible(&field.label)) }
                @if field.value.is_empty() { p.soft { "nothing" } } @else { pre.quoted { (visible(&field.value)) } }
                p.help {
                    (said(why))
                    @if let Some(text) = &text { " " a href=(text) aria-label={ (visible(&field.label)) " as text" } { "As text" } }
                }
            } @else {
                label { span { (visible(&field.label)) } (input(field, &help)) }
                @if !field.help.is_empty() { p.help id=(help) { (said(&field.help)) } }
                input type="hidden" name={ "was:" (field.name) } value=(field.mark);
            }
            @if let Some(wrong) = &field.wrong { p.wrong role="alert" { (said(&visible(wrong))) } }
            @if let Some(now) = &field.now { (theirs(now, &field.value)) }
            (notes(&field.notes, text.as_deref()))
        }
    }
}

fn input(field: &Field, help: &str) -> Markup {
    let described = (!field.help.is_empty()).then_some(help);
    let wrong = field.wrong.is_some().then_some("true");
    html! {
        @match &field.kind {
            Kind::Choice(words) | Kind::Whether(words) => {
                select name=(field.name) aria-describedby=[described] aria-invalid=[wrong] {
                    @for (value, word) in words { option value=(value) selected[*value == field.value] { (visible(word)) } }
                }
            }
            Kind::Line => input type="text" name=(field.name) value=(field.value) aria-describedby=[described] aria-invalid=[wrong];,
            Kind::Day | Kind::Number(..) => input type="text" name=(field.name) value=(field.value) inputmode="numeric" aria-describedby=[described] aria-invalid=[wrong];,
            Kind::Prose | Kind::Lines => (area(field, "prose-in", described, wrong)),
            Kind::Block => (area(field, "mono", described, wrong)),
        }
    }
}

/// A field of several lines. HTML drops a line end right behind the tag, so there is always one to be dropped.
fn area(field: &Field, class: &str, described: Option<&str>, wrong: Option<&str>) -> Markup {
    let lines: usize = field.value.split('\n').map(|line| line.chars().count() / 84 + 1).sum();
    let rows = lines.clamp(2, 18);
    html! {
        textarea.(class) name=(field.name) rows=(rows) spellcheck=(if class == "mono" { "false" } else { "true" })
            aria-describedby=[described] aria-invalid=[wrong] { "\n" (field.value) }
    }
}

fn theirs(now: &str, mine: &str) -> Markup {
    html! {
        div.theirs {
            p { strong { "Somebody else changed this meanwhile. " } "It says now:" }
            @if now.is_empty() { p.soft { "nothing" } }
            @else if now.contains('\n') { (differs(now, mine, ("as it is now", "as you typed it"))) }
            @else { p.quoted { (visible(now)) } }
        }
    }
}

/// The keys that the facts of a table may have.
pub(super) fn facts(table: &str) -> Markup {
    let schema = Facts::schema(table).unwrap_or_default();
    let all = schema.get("properties").and_then(Value::as_object);
    html! {
        @if let Some(all) = all.filter(|all| !all.is_empty()) {
            details {
                summary { "The keys that the facts may have" }
                table.stack {
                    thead { tr { th scope="col" { "Key" } th scope="col" { "Value" } th scope="col" { "Meaning" } } }
                    tbody {
                        @for (key, about) in all {
                            tr {
                                th scope="row" { code { (key) } }
                                td data-th="Value" { (said(&value(about))) }
                                td data-th="Meaning" { (said(about.get("description").and_then(Value::as_str).unwrap_or_default())) }
                            }
                        }
                    }
                }
            }
        }
    }
}

fn value(about: &Value) -> String {
    let words = |about: &Value| {
        let words = about.get("enum").and_then(Value::as_array).cloned().unwrap_or_default();
        words.iter().filter_map(Value::as_str).map(|word| format!("`{word}`")).collect::<Vec<_>>().join(", ")
    };
    let plain = |about: &Value| match about.get("type").and_then(Value::as_str) {
        Some("boolean") => "true or false".to_owned(),
        Some("integer") => "number".to_owned(),
        _ if about.get("enum").is_some() => words(about),
        _ => "text".to_owned(),
    };
    match about.get("items") {
        Some(items) if items.get("enum").is_some() => format!("list of {}", words(items)),
        Some(items) => format!("list of {}s", plain(items)),
        None => plain(about),
    }
}
