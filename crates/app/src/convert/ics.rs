//! `ics.toml` in the other edition: what declared answers settle, and one row per provision.
//!
//! An answer is copied where the provision asks the same. Elsewhere it is marked as given for the other edition, and
//! counts as none until the supplier takes the mark out.

use std::collections::BTreeMap;

use catalogue::{Applicability, Bridge, Catalogue, Provision};
use dossier::{Dossier, SourceText};
use engine::bridge::{Fate, ProvisionStep};
use toml_edit::{DocumentMut, Item};

use super::report::{Answer, Derived, Left, ProvisionLine, Report};
use super::text::{self, Part, guide, kept};
use super::{ConvertError, merge};

/// The columns of a row that say something, in the order they are told.
const COLUMNS: [&str; 5] = ["support", "detail", "justification", "compensating", "review"];

/// What typed facts show about features and conditions: name, value and what shows it.
pub(super) type Shown = Vec<(String, bool, String)>;

/// Rewrites `ics.toml`; a dossier without one gets one.
pub(super) fn rewrite(
    dossier: &Dossier,
    source: Option<&SourceText>,
    names: &BTreeMap<String, String>,
    shown: &Shown,
    report: &mut Report,
) -> Result<SourceText, ConvertError> {
    let document = source.map(text::document).transpose()?.unwrap_or_default();
    let said: BTreeMap<String, bool> =
        dossier.ics.features.iter().chain(&dossier.ics.conditions).map(|(n, v)| (n.clone(), v.value)).collect();
    let mut out = answers(&document, &said, shown, report);
    let settled = Bridge::built_in().settled(report.to, &said);
    let settled = settled.into_iter().map(|(name, s)| (name, s.value)).collect();
    out.push_str(&Rows { names, settled }.written(&document, report));
    Ok(SourceText { path: "ics.toml".into(), text: out })
}

/// The features and conditions that the declared ones settle; the rest as guidance.
fn answers(document: &DocumentMut, said: &BTreeMap<String, bool>, shown: &Shown, report: &mut Report) -> String {
    let (from, to) = (report.from, report.to);
    let catalogue = Catalogue::of(to);
    let settled = Bridge::built_in().settled(to, said);
    let (mut out, mut comments) = comments(document);
    out.push_str(&guide(&format!(
        "Told in V{to} from a dossier for V{from}. Lines that begin with this sign are guidance of the conversion; \
         what they propose is declared by taking the sign out."
    )));
    let features = catalogue.features.iter().map(|f| ("features", f.id.as_str(), f.summary.as_str()));
    let conditions = catalogue.conditions.iter().map(|c| ("conditions", c.id.as_str(), c.summary.as_str()));
    let mut section = "";
    for (heading, name, summary) in features.chain(conditions) {
        if heading != section {
            out.push_str(&format!("\n[{heading}]\n"));
            section = heading;
        }
        let mut derived = Derived { name: name.to_owned(), value: None, from: Vec::new(), shown: None };
        if let Some(known) = settled.get(name) {
            known.from.iter().filter_map(|n| comments.remove(n)).for_each(|c| out.push_str(&c));
            let names: Vec<String> = known.from.iter().map(|n| label(n)).collect();
            out.push_str(&format!("{name} = {} #: {} of V{from}\n", known.value, names.join(" and ")));
            derived = Derived { value: Some(known.value), from: known.from.clone(), ..derived };
        } else {
            out.push_str(&guide(summary));
            let seen = shown.iter().find(|(n, _, _)| n == name);
            if let Some((_, value, label)) = seen {
                out.push_str(&guide(&format!("The entries show it: {label}.")));
                derived.shown = Some((*value, label.clone()));
            }
            out.push_str(&format!("#: {name} = {}\n", seen.is_none_or(|(_, value, _)| *value)));
        }
        report.answers.push(derived);
    }
    for (name, value) in said {
        if !settled.values().any(|s| s.from.contains(name)) {
            let what = format!("{} = {value}", label(name));
            out.push_str(&kept(&format!("V{from} declared {what}, which settles nothing in V{to}.")));
            out.push_str(&comments.remove(name).unwrap_or_default());
            report.left.push(Left { place: "ics".into(), what, text: String::new() });
        }
    }
    comments.into_values().for_each(|c| out.push_str(&c));
    out
}

/// The comments above and beside features and conditions: those at the head of the file, and those of each name.
fn comments(document: &DocumentMut) -> (String, BTreeMap<String, String>) {
    let mut head = String::new();
    let mut each: BTreeMap<String, String> = BTreeMap::new();
    for heading in ["features", "conditions"] {
        for part in text::parts(document, heading) {
            for comment in [&part.before, &part.own] {
                head.push_str(comment);
            }
            for (name, item) in part.table.iter() {
                let found = part.table.key(name).map(|key| text::comments_of(key, item)).unwrap_or_default();
                each.entry(name.to_owned()).or_default().push_str(&found);
            }
        }
    }
    (head, each)
}

/// `feature e`, `condition 14`.
pub(super) fn label(name: &str) -> String {
    let kind = if name.starts_with(|c: char| c.is_ascii_digit()) { "condition" } else { "feature" };
    format!("{kind} {name}")
}

struct Rows<'a> {
    names: &'a BTreeMap<String, String>,
    /// What is settled in the edition that is entered.
    settled: BTreeMap<String, bool>,
}

impl Rows<'_> {
    fn written(&self, document: &DocumentMut, report: &mut Report) -> String {
        let mut rows: BTreeMap<String, Part> = BTreeMap::new();
        let mut strays = Vec::new();
        let left = Catalogue::of(report.from);
        for part in text::parts(document, "provision") {
            let id = text::text(&part.table, "id").unwrap_or_default().to_owned();
            if left.provision_named(&id).is_none() || rows.contains_key(&id) {
                strays.push(part);
            } else {
                rows.insert(id, part);
            }
        }
        let mut out = String::new();
        let steps = engine::bridge::provision_steps(report.to);
        let mut told: BTreeMap<String, Answer> = BTreeMap::new();
        for provision in &Catalogue::of(report.to).provisions {
            let Some(step) = steps.iter().find(|s| s.to.contains(&provision.id)) else { continue };
            let (text, answer) = self.row(provision, step, &mut rows, report);
            out.push_str(&text);
            told.insert(provision.id.to_string(), answer);
        }
        for step in steps.iter().filter(|s| s.to.is_empty()) {
            for id in &step.from {
                let Some(part) = rows.get(id.as_str()) else { continue };
                out.push_str(&aside(part, report.from, &format!("{id} has no place in V{}", report.to), report));
            }
        }
        for part in strays {
            let why = format!("this row names no provision of V{}, or one that has a row", report.from);
            out.push_str(&aside(&part, report.from, &why, report));
        }
        let end = text::trailing(document);
        if !end.trim().is_empty() {
            out.push_str(&format!("\n{}\n", end.trim()));
        }
        report.provisions = steps.iter().map(|step| line(step, &told)).collect();
        out
    }

    fn row(
        &self,
        provision: &Provision,
        step: &ProvisionStep,
        rows: &mut BTreeMap<String, Part>,
        report: &mut Report,
    ) -> (String, Answer) {
        let given: Vec<(String, Part)> = step
            .from
            .iter()
            .filter_map(|id| {
                let part = rows.get_mut(id.as_str())?;
                let taken = (id.to_string(), part.clone());
                // Comments go along once, with the first half of what is split.
                (part.before, part.own) = (String::new(), String::new());
                Some(taken)
            })
            .collect();
        let before: String = given.iter().map(|(_, part)| part.before.as_str()).collect();
        let own: String = given.iter().map(|(_, part)| part.own.as_str()).collect();
        let blank = |why: &str, aside: &str| {
            format!("{}{own}{}{aside}{}", before_text(&before), guide(why), blank_row(provision))
        };
        if given.is_empty() {
            let why = match step.fate {
                Fate::New => format!("{} is new: V{} did not ask for it.", provision.id, report.from),
                _ => format!("V{} gave no answer to {}.", report.from, ids(step)),
            };
            return (format!("\n{}", blank(&why, "")), Answer::Unanswered);
        }
        let mut part = match given.as_slice() {
            [(_, only)] => only.clone(),
            several => match merge::rows(several) {
                Ok((mut part, silent)) => {
                    let silent: String = silent.iter().map(|(id, part)| told(id, part, report.from)).collect();
                    part.own.push_str(&silent);
                    part
                }
                Err(why) => {
                    let all: String = several.iter().map(|(id, part)| told(id, part, report.from)).collect();
                    return (format!("\n{}", blank(&why, &all)), Answer::NotCarried);
                }
            },
        };
        let answer = match text::text(&part.table, "support") {
            None => Answer::Unanswered,
            Some("N/A") if provision.is_mandatory() && self.applies(provision) => {
                let why = format!(
                    "{} applies in V{} whatever the product: N/A cannot be its answer.",
                    provision.id, report.to
                );
                let all: String = given.iter().map(|(id, part)| told(id, part, report.from)).collect();
                return (format!("\n{}", blank(&why, &all)), Answer::NotCarried);
            }
            Some(_) => mark(&mut part, provision, step, report),
        };
        text::put(&mut part.table, "id", provision.id.as_str());
        if part.table.contains_key("status") {
            text::put(&mut part.table, "status", &provision.status);
        }
        text::rename_words(&mut part.table, self.names);
        let (mut before, guidance) = (before_text(&before), guidance(provision, step, &answer, report));
        if before.is_empty() {
            before.push('\n');
        }
        if given.len() == 1 {
            part.own.clone_from(&own);
        }
        part.own.push_str(&guidance);
        (format!("{before}{}", text::written("provision", true, &part)), answer)
    }

    fn applies(&self, provision: &Provision) -> bool {
        let settled = |name: &str| self.settled.get(name).copied();
        provision.applicability(settled, settled) == Applicability::Applies
    }
}

/// Marks an answer as given for the other edition, or takes the mark out of one that returns to its own.
fn mark(part: &mut Part, provision: &Provision, step: &ProvisionStep, report: &Report) -> Answer {
    let home = format!("{} of V{}", provision.id, report.to);
    match text::text(&part.table, "carried") {
        Some(carried) if carried.trim() == home => {
            part.table.remove("carried");
            Answer::Returned
        }
        Some(_) => Answer::ToConfirm,
        None if step.fate.needs_confirmation() => {
            text::put(&mut part.table, "carried", &format!("{} of V{}", ids(step), report.from));
            Answer::ToConfirm
        }
        None => Answer::Copied,
    }
}

fn guidance(provision: &Provision, step: &ProvisionStep, answer: &Answer, report: &Report) -> String {
    if *answer != Answer::ToConfirm {
        return String::new();
    }
    let what = match step.fate {
        Fate::Split => format!("One of {} parts of {} of V{}", step.to.len(), ids(step), report.from),
        Fate::Merged => format!("Merged from {} of V{}", ids(step), report.from),
        _ => format!("From {} of V{}, {}", ids(step), report.from, step.change),
    };
    guide(&format!("{what}. It asks: {}", provision.summary))
}

fn ids(step: &ProvisionStep) -> String {
    step.from.iter().map(ToString::to_string).collect::<Vec<_>>().join(" and ")
}

fn before_text(before: &str) -> String {
    if before.is_empty() { String::new() } else { format!("{before}\n") }
}

fn blank_row(provision: &Provision) -> String {
    engine::blank_row(provision).trim_start().to_owned()
}

/// A row that has no place, as comments that stay, and in the report.
fn aside(part: &Part, from: model::Edition, why: &str, report: &mut Report) -> String {
    let id = text::text(&part.table, "id").unwrap_or_default();
    report.left.push(Left { place: "ics".into(), what: why.to_owned(), text: said(part) });
    format!("\n{}{}{}", before_text(&part.before), part.own, told(id, part, from))
}

/// What a row said, as comments that stay.
fn told(id: &str, part: &Part, from: model::Edition) -> String {
    kept(&format!("{id} of V{from} was answered: {}", said(part)))
}

fn said(part: &Part) -> String {
    let column = |name: &&str| {
        let text = part.table.get(name).map(text::spoken).filter(|t| !t.trim().is_empty())?;
        Some(if *name == "support" { text } else { format!("{name}: {text}") })
    };
    let known: Vec<String> = COLUMNS.iter().filter_map(column).collect();
    let other = |(name, _): &(&str, &Item)| !COLUMNS.contains(name) && !["id", "status", "carried"].contains(name);
    let others = part.table.iter().filter(other).map(|(name, item)| format!("{name}: {}", text::spoken(item)));
    let all: Vec<String> = known.into_iter().chain(others).collect();
    if all.is_empty() { "not at all".to_owned() } else { all.join("; ") }
}

fn line(step: &ProvisionStep, told: &BTreeMap<String, Answer>) -> ProvisionLine {
    let catalogue = step.to.first().map(|id| Catalogue::of(id.edition()));
    let asks = |id: &model::ProvisionId| catalogue.and_then(|c| c.provision(id)).map(|p| p.summary.clone());
    ProvisionLine {
        from: step.from.iter().map(ToString::to_string).collect(),
        to: step.to.iter().map(ToString::to_string).collect(),
        fate: step.fate,
        change: step.change.clone(),
        answers: step.to.iter().filter_map(|id| told.get(id.as_str()).copied()).collect(),
        asks: step.to.iter().filter_map(asks).collect(),
    }
}
