//! Notes on the ICS: ids, status, and answers that the declared features and conditions contradict.

use std::collections::BTreeMap;

use catalogue::{Bridge, Provision};
use dossier::{IcsRow, Located, Note, Support, nearest};

use super::look::{Look, few};
use super::note;
use crate::applies::Applies;

/// With more open answers than this the notes are told as one.
const EACH: usize = 5;

pub(super) fn check(look: &Look<'_>, notes: &mut Vec<Note>) {
    let mut first: BTreeMap<&str, &Located<IcsRow>> = BTreeMap::new();
    for row in &look.dossier.ics.rows {
        let Some(id) = &row.id else {
            notes.push(
                note("row-without-id", row.span, "a row of the ICS names its provision", "this one has no `id`")
                    .hint("add `id = \"5.1-1\"`"),
            );
            continue;
        };
        let Some(provision) = look.catalogue.provision_named(&id.value) else {
            notes.push(unknown_provision(look, id));
            continue;
        };
        if let Some(earlier) = first.get(id.value.as_str()) {
            notes.push(
                note("duplicate-provision", id.span, "a provision has one row in the ICS", "answered again here")
                    .also(earlier.span, "first answered here")
                    .consequence("the first row counts"),
            );
            continue;
        }
        first.insert(&id.value, row);
        status(look, provision, row, notes);
        answer(look, provision, row, notes);
    }
    open(look, notes);
    absent(look, notes);
}

/// A provision that the edition does not have.
pub(super) fn unknown_provision(look: &Look<'_>, id: &Located<String>) -> Note {
    let message = format!("EN 303 645 V{} has no provision `{}`", look.catalogue.edition, id.value);
    let note = note("unknown-provision", id.span, message, "no such provision");
    if let Some(found) = look.other.provision_named(&id.value) {
        let bridge = Bridge::built_in();
        let here: Vec<String> = match look.other.edition {
            model::Edition::V2_1_1 => bridge.successors(&found.id).iter().map(|s| s.later.to_string()).collect(),
            model::Edition::V3_1_3 => bridge
                .origin(&found.id)
                .and_then(|s| s.earlier.as_ref())
                .map(ToString::to_string)
                .into_iter()
                .collect(),
        };
        let other = look.other.edition;
        return note.hint(match here.as_slice() {
            [] => format!("it is a provision of V{other}, with no counterpart in V{}", look.catalogue.edition),
            _ => format!("it is a provision of V{other}; here it is {}", here.join(" and ")),
        });
    }
    match nearest(&id.value, look.catalogue.provisions.iter().map(|p| p.id.as_str())) {
        Some(word) => note.hint(format!("did you mean `{word}`?")),
        None => note.hint("ids have the form 5.3-15A or 6-1"),
    }
}

fn status(look: &Look<'_>, provision: &Provision, row: &IcsRow, notes: &mut Vec<Note>) {
    let Some(status) = &row.status else { return };
    if plain(&status.value) == plain(&provision.status) {
        return;
    }
    let right = &provision.status;
    let message = format!("the status of {} is `{right}`", provision.id);
    let elsewhere = look.other.provision_named(provision.id.as_str());
    let note = note("status-disagrees", status.span, message, "disagrees with Table B.1");
    notes.push(match elsewhere.filter(|p| plain(&p.status) == plain(&status.value)) {
        Some(_) => note.hint(format!("this is its status in V{}; write `{right}`", look.other.edition)),
        None => note.hint(format!("write `status = \"{right}\"`, or leave the status out")),
    });
}

/// A status without the signs that copies of Table B.1 print differently: `MCF (14, e)` and `M C F (14,e)`.
fn plain(status: &str) -> String {
    let signs: String = status.chars().filter(|c| c.is_alphanumeric() || *c == '(' || *c == ',').collect();
    let (letters, rest) = signs.split_once('(').unwrap_or((&signs, ""));
    // `M (11, 12)` and `M C (11, 12)` are the same status: the number tells that it is conditional.
    let modal = letters.chars().next().unwrap_or(' ').to_ascii_uppercase();
    format!("{modal}({}", rest.to_lowercase())
}

fn answer(look: &Look<'_>, provision: &Provision, row: &IcsRow, notes: &mut Vec<Note>) {
    let Some(support) = row.support else { return };
    let id = &provision.id;
    if let Some(carried) = row.unconfirmed() {
        notes.push(
            note(
                "answer-carried",
                carried.span,
                format!("the answer to {id} was given for {}", carried.value),
                "nobody has confirmed it for this edition",
            )
            .consequence("the provision counts as not answered until then")
            .hint("read what the provision asks, mend the answer where needed, and take this line out"),
        );
    }
    let applies = look.applies(provision);
    match (support.value, &applies) {
        (Support::Yes | Support::No, Applies::No(reasons)) => {
            let because = applies.reason().unwrap_or_default();
            let mut note = note(
                "answer-to-inapplicable",
                support.span,
                format!("{id} does not apply: {because}"),
                format!("answered {} all the same", support.value),
            )
            .hint("answer `N/A`, or mend the feature or condition");
            for at in reasons.iter().filter_map(|r| r.span) {
                note = note.also(at, "declared here");
            }
            notes.push(note);
        }
        (Support::NotApplicable, Applies::Unknown(gaps)) => {
            let asked: Vec<String> = gaps.iter().map(|g| g.missing.clone()).collect();
            notes.push(
                note(
                    "applicability-undeclared",
                    support.span,
                    format!("N/A for {id} has to follow from a declared condition or feature"),
                    few(&asked, 2),
                )
                .consequence("N/A is computed, never believed: the provision counts as applying")
                .hint("declare it under `[features]` or `[conditions]`"),
            );
        }
        (Support::NotApplicable, Applies::Yes) if provision.is_mandatory() => {
            let text = if provision.is_unconditional() {
                format!("{id} is mandatory for every product")
            } else {
                format!("{id} is mandatory here: its conditions and features are declared to hold")
            };
            notes.push(
                note("mandatory-not-applicable", support.span, text, "answered N/A")
                    .consequence(
                        "the answer is not accepted: the provision applies, and is open until it is answered",
                    )
                    .hint("answer `Y` or `N`; where the product lacks the feature, declare that"),
            );
        }
        (Support::NotApplicable, Applies::Yes) if !provision.is_unconditional() => notes.push(
            note(
                "not-applicable-contradicted",
                support.span,
                format!("{id} applies: its conditions and features are declared to hold"),
                "answered N/A",
            )
            .hint("answer `Y` or `N`, or mend the declared feature or condition"),
        ),
        (Support::No, _) if provision.is_mandatory() => notes.push(
            note("mandatory-answered-no", support.span, format!("{id} is mandatory"), "answered N")
                .consequence("the test group fails, and with it the assessment"),
        ),
        _ => {}
    }
    words(provision, row, support, &applies, notes);
}

/// What has to be said beside the answer.
fn words(
    provision: &Provision,
    row: &IcsRow,
    support: Located<Support>,
    applies: &Applies,
    notes: &mut Vec<Note>,
) {
    let blank = |text: &Option<Located<String>>| text.as_ref().is_none_or(|t| t.value.trim().is_empty());
    let (no_detail, no_reason) = (blank(&row.detail), blank(&row.justification));
    let id = &provision.id;
    if provision.is_mandatory() {
        if no_detail && (support.value != Support::No || no_reason) {
            notes.push(no_details(id.as_str(), support));
        }
        return;
    }
    match support.value {
        Support::Yes if no_detail => notes.push(no_details(id.as_str(), support)),
        Support::Yes => {}
        _ if no_detail && no_reason => notes.push(
            note(
                "justification-missing",
                support.span,
                "a recommendation that is not met or not applicable needs a justification",
                format!("{id} is answered {} without one", support.value),
            )
            .consequence("the mandatory provision on justifications fails")
            .hint("add `justification = \"…\"`"),
        ),
        Support::No if matches!(applies, Applies::Yes) => {
            if blank(&row.compensating) {
                notes.push(
                    note(
                        "compensation-missing",
                        support.span,
                        "where a risk remains, a recommendation that is not met needs a compensating control",
                        format!("{id} is answered N with none named"),
                    )
                    .hint("add `compensating = \"…\"`, or say there that no risk remains and why"),
                );
            }
            if blank(&row.review) {
                notes.push(
                    note(
                        "review-missing",
                        support.span,
                        "a recommendation that is not met is looked at again by a date",
                        format!("{id} is answered N without one"),
                    )
                    .hint("add `review = \"2027-01-31\"`"),
                );
            }
        }
        _ => {}
    }
}

fn no_details(id: &str, support: Located<Support>) -> Note {
    let wants = match support.value {
        Support::Yes => "how the provision is met",
        Support::No => "why the provision is not met",
        Support::NotApplicable => "why the provision does not apply",
    };
    note("detail-missing", support.span, format!("an answer says {wants}"), format!("{id} has no `detail`"))
        .hint("add `detail = \"…\"`")
}

/// Rows that still wait for an answer.
fn open(look: &Look<'_>, notes: &mut Vec<Note>) {
    let rows: Vec<_> = look
        .dossier
        .ics
        .rows
        .iter()
        .filter(|row| row.support.is_none())
        .filter_map(|row| Some((row, row.id.as_ref()?)))
        .filter(|(_, id)| look.catalogue.provision_named(&id.value).is_some())
        .collect();
    let hint = "write `support = \"Y\"`, `\"N\"` or `\"N/A\"`";
    if rows.len() > EACH {
        let ids: Vec<String> = rows.iter().map(|(_, id)| id.value.clone()).collect();
        let (_, at) = rows[0];
        notes.push(
            note(
                "unanswered",
                at.span,
                format!("{} provisions wait for an answer", rows.len()),
                "the first of them",
            )
            .consequence(format!("open: {}", few(&ids, 12)))
            .hint(hint),
        );
        return;
    }
    for (_, id) in rows {
        let message = format!("{} waits for an answer", id.value);
        notes.push(note("unanswered", id.span, message, "no `support`").hint(hint));
    }
}

/// Provisions without a row.
fn absent(look: &Look<'_>, notes: &mut Vec<Note>) {
    let missing: Vec<String> = look
        .catalogue
        .provisions
        .iter()
        .filter(|p| look.dossier.answer(p.id.as_str()).is_none())
        .map(|p| p.id.to_string())
        .collect();
    if missing.is_empty() || !look.has_file("ics.toml") {
        return;
    }
    let at = look.dossier.ics.rows.last().map_or(look.file("ics.toml"), |row| row.span);
    notes.push(
        note(
            "provision-without-row",
            at,
            format!("the ICS has a row per provision, and {} are missing", missing.len()),
            "the last row",
        )
        .consequence(format!("no answer to {}", few(&missing, 12)))
        .hint(format!("add `[[provision]]` with `id = \"{}\"`", missing[0])),
    );
}
