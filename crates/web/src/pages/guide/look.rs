//! How the list, a guided unit and a clash look: one column, large targets, everything without a script.

use app::Recorded;
use app::guided::{Attached, Clash, Guide, Part, Timed, Waiting, Working};
use app::state::KINDS;
use maud::{Markup, html};
use model::{Statement, Timestamp, Verdict};
use report::words::count;

use crate::page::{encoded, time, visible};
use crate::visitor::Visitor;

pub(super) fn list(
    visitor: &Visitor,
    product: &str,
    waits: &[Waiting],
    seconds: &[Recorded<Statement>],
) -> Markup {
    html! {
        h1 { "At the bench" }
        @if !seconds.is_empty() {
            section aria-labelledby="second" {
                h2 #second { "Waiting for a second person" }
                ul.cards { @for one in seconds { li.card { (confirmation(visitor, product, one)) } } }
            }
        }
        @let begun: Vec<&Waiting> = waits.iter().filter(|one| one.begun.is_some()).collect();
        @if !begun.is_empty() {
            section aria-labelledby="begun" {
                h2 #begun { "Begun" }
                ul.cards { @for one in begun { li.card { h3 { (named(product, one)) } (waiting(one)) } } }
            }
        }
        h2 { "Waiting for a person" }
        @if waits.is_empty() { p { "Nothing waits." } } @else {
            @let clauses = by_clause(waits);
            p.soft { (count(waits.len() as u64, "unit instance")) ". By clause:" }
            p.row { @for (clause, of) in &clauses { a href={ "#c-" (clause) } { (clause) " (" (of.len()) ")" } } }
            @for (clause, of) in &clauses {
                section aria-labelledby={ "c-" (clause) } {
                    h3 id={ "c-" (clause) } { "Clause " (clause) }
                    ul.cards { @for one in of { li.card { h4 { (named(product, one)) } (waiting(one)) } } }
                }
            }
        }
    }
}

/// In the order of the standard, what waits under each clause: that of a unit `5.1-2-1c` is `5.1`.
fn by_clause(waits: &[Waiting]) -> Vec<(&str, Vec<&Waiting>)> {
    let mut clauses: Vec<(&str, Vec<&Waiting>)> = Vec::new();
    for one in waits {
        let clause = one.unit.split('-').next().unwrap_or_default();
        match clauses.last_mut().filter(|(last, _)| *last == clause) {
            Some((_, of)) => of.push(one),
            None => clauses.push((clause, vec![one])),
        }
    }
    clauses
}

fn named(product: &str, one: &Waiting) -> Markup {
    let entry = one.entry.as_deref().unwrap_or_default();
    let address =
        format!("/p/{}/guide/unit?unit={}&entry={}", encoded(product), encoded(&one.unit), encoded(entry));
    html! { a href=(address) { (one.unit) @if !entry.is_empty() { " @ " (visible(entry)) } } }
}

fn waiting(one: &Waiting) -> Markup {
    html! {
        p { (one.summary) }
        p.soft {
            (one.method) ", " @if one.functional { "at the product" } @else { "from documents" }
            @if let Some((done, of)) = one.begun { ", " strong { (done) " of " (of) " steps done" } }
        }
        details {
            summary { "What to prepare" }
            ul { @for line in &one.procedure.prepare { li { (line) } } }
        }
    }
}

fn confirmation(visitor: &Visitor, product: &str, one: &Recorded<Statement>) -> Markup {
    let body = &one.body;
    let fields = html! {
        input type="hidden" name="record" value=(one.seq);
        fieldset {
            legend { "Your word" }
            label { input type="radio" name="decision" value="approve" required; "I confirm it" }
            label { input type="radio" name="decision" value="return" required; "I send it back" }
        }
        label { "Why" textarea name="reasons" required {} }
        div.buttons { button { "Record it" } }
    };
    html! {
        h3 { (visible(&body.unit)) @if let Some(entry) = &body.entry { " @ " (visible(entry)) } }
        p { strong { (body.outcome()) } ", stated by " (visible(&body.person)) ", " (time(body.stated)) ", record " (one.seq) }
        p { (visible(&body.reasoning)) }
        @if app::confirm::is_first(body, &visitor.name) {
            p.soft { "Somebody other than you confirms it." }
        } @else { (visitor.form(&format!("/p/{}/guide/confirm", encoded(product)), &fields)) }
    }
}

pub(super) fn unit(
    visitor: &Visitor,
    product: &str,
    guide: &Guide,
    working: Option<&Working>,
    now: Timestamp,
) -> Markup {
    let form = Form { visitor, product, guide, turn: working.map_or(0, |w| w.turn) };
    let missing = working.map(|working| working.missing(guide, now));
    html! {
        h1 { "Unit " (visible(&guide.about())) }
        p { (guide.unit.summary) }
        @if let Some(working) = working {
            p.row {
                progress max=(working.steps.len()) value=(working.done()) aria-label="Steps done" {}
                span { (working.done()) " of " (working.steps.len()) " steps, begun by " (visible(&working.by)) ", " (time(working.began)) }
            }
        }
        section aria-labelledby="prepare" {
            h2 #prepare { "Prepare" }
            ul { @for line in &guide.procedure.prepare { li { (line) } } }
        }
        section aria-labelledby="do" {
            h2 #do { "Do" }
            @for (number, text) in (1..).zip(&guide.procedure.steps) { (step(&form, number, text, working, now)) }
        }
        (artefacts(&form, working))
        section #verdict aria-labelledby="decide" {
            h2 #decide { "Decide" }
            p { (guide.procedure.decide) }
            @if let Some(also) = guide.also { p { "Decide also " (also) "." } }
            @for (number, criterion) in (1..).zip(&guide.criteria) {
                (ruling(&form, number, &criterion.text, criterion.optional, working))
            }
        }
        section aria-labelledby="close" {
            h2 #close { "Close" }
            @match missing {
                None => p { "Nothing is noted yet. The first thing you save begins the working." },
                Some(missing) if missing.is_empty() => {
                    @if guide.two_persons { p.warned { "It counts only once a second person has confirmed it." } }
                    p { "What you close becomes a signed statement in your name." }
                    (form.post("close", &html! { div.buttons { button { "Close and sign" } } }))
                }
                Some(missing) => {
                    p { "It cannot be closed yet. Missing:" }
                    ul { @for one in &missing { li { (one) } } }
                }
            }
            @if working.is_some() {
                details {
                    summary { "Give the working up" }
                    p { "What is noted here goes; nothing was recorded from it." }
                    (form.post("give-up", &html! { button.danger { "Give it up" } }))
                }
            }
        }
    }
}

/// What every form of a unit carries.
struct Form<'a> {
    visitor: &'a Visitor,
    product: &'a str,
    guide: &'a Guide,
    turn: u64,
}

impl Form<'_> {
    fn post(&self, to: &str, inside: &Markup) -> Markup {
        self.visitor.form(&self.address(to), &html! { (self.fields()) (inside) })
    }

    fn address(&self, to: &str) -> String {
        format!("/p/{}/guide/{to}", encoded(self.product))
    }

    fn fields(&self) -> Markup {
        html! {
            input type="hidden" name="unit" value=(self.guide.unit.id);
            input type="hidden" name="entry" value=(self.guide.entry.as_deref().unwrap_or_default());
            input type="hidden" name="turn" value=(self.turn);
        }
    }
}

fn step(form: &Form<'_>, number: usize, text: &str, working: Option<&Working>, now: Timestamp) -> Markup {
    let work = working.and_then(|working| working.step(number)).cloned().unwrap_or_default();
    let noted = html! {
        input type="hidden" name="step" value=(number);
        label { "What you saw" textarea name="observation" { (work.observation) } }
        label { "A value you read" input type="text" name="value" value=(work.value); }
        label { input type="checkbox" name="done" value="yes" checked[work.done.is_some()]; "This step is done" }
        div.buttons { button { "Save step " (number) } }
    };
    html! {
        section.card id={ "step-" (number) } aria-label={ "Step " (number) } {
            h3 { "Step " (number) }
            p { (text) }
            @if let Some((at, by)) = &work.done { p.said { "Done " (time(*at)) " by " (visible(by)) } }
            @if let Some(timer) = form.guide.procedure.timer(number) {
                p { "Time it: " (timer.what) @if let Some(least) = timer.least { ", at least " (least / 60) " min" } "." }
                (timings(form, number, &work.timings, now))
            }
            (form.post("step", &noted))
        }
    }
}

/// A timer of two moments: it runs on the server, whatever the telephone does meanwhile.
fn timings(form: &Form<'_>, number: usize, timings: &[Timed], now: Timestamp) -> Markup {
    let runs = timings.last().is_some_and(|timed| timed.until.is_none());
    let (word, name) = if runs { ("stop", "Stop the time") } else { ("start", "Start the time") };
    let press = html! {
        input type="hidden" name="step" value=(number);
        input type="hidden" name="timer" value=(word);
        button.quiet { (name) }
    };
    html! {
        @if !timings.is_empty() {
            ul {
                @for timed in timings {
                    li { "from " (time(timed.from)) ": " (timed.seconds(now) / 60) " min " (timed.seconds(now) % 60) " s"
                        @if timed.until.is_none() { ", running" } }
                }
            }
        }
        (form.post("step", &press))
    }
}

fn artefacts(form: &Form<'_>, working: Option<&Working>) -> Markup {
    let wanted = form.guide.artefacts;
    let kinds =
        wanted.iter().map(String::as_str).chain(KINDS.into_iter().filter(|k| !wanted.iter().any(|w| w == k)));
    let upload = html! {
        (form.fields())
        label { "Kind" select name="kind" { @for kind in kinds { option value=(kind) { (kind) } } } }
        label { "File, or the camera" input type="file" name="file" capture="environment" required; }
        div.buttons { button { "Keep the file" } }
    };
    html! {
        section #artefacts aria-labelledby="record" {
            h2 #record { "Record" }
            ul { @for line in &form.guide.procedure.record { li { (line) } } }
            @if !wanted.is_empty() { p { "Required: " strong { (wanted.join(", ")) } } }
            @if let Some(working) = working {
                ul {
                    @for file in &working.files {
                        li { (kept(form, file)) }
                    }
                }
            }
            (form.visitor.upload(&form.address("file"), &upload))
        }
    }
}

/// A file of the working: to be looked at, and to be taken out again.
fn kept(form: &Form<'_>, file: &Attached) -> Markup {
    let (name, digest) = (visible(&file.artefact.name), file.artefact.digest.to_string());
    let (unit, entry) = (form.guide.unit.id.to_string(), form.guide.entry.as_deref().unwrap_or_default());
    let query = format!("unit={}&entry={}&digest={}", encoded(&unit), encoded(entry), encoded(&digest));
    html! {
        (file.artefact.kind) ": " a href={ (form.address("file")) "?" (query) } { (name) }
        ", " (file.artefact.size) " bytes, by " (visible(&file.by)) " "
        (form.post("detach", &html! {
            input type="hidden" name="digest" value=(digest);
            button.quiet aria-label={ "Take " (name) " out" } { "Take out" }
        }))
    }
}

fn ruling(form: &Form<'_>, number: usize, criterion: &str, optional: bool, working: Option<&Working>) -> Markup {
    let said = working.and_then(|working| working.ruling(criterion));
    let verdict = said.and_then(|ruling| ruling.verdict);
    let words = [("pass", Verdict::Pass), ("fail", Verdict::Fail), ("inconclusive", Verdict::Inconclusive)];
    let fields = html! {
        input type="hidden" name="criterion" value=(criterion);
        fieldset {
            legend { "Verdict" }
            @for (word, one) in words {
                label { input type="radio" name="verdict" value=(word) checked[verdict == Some(one)]; (word) }
            }
        }
        label { "Why" textarea name="reasoning" { (said.map_or("", |r| r.reasoning.as_str())) } }
        div.buttons { button { "Save the verdict" } }
    };
    html! {
        section.card aria-label={ "Criterion " (number) } {
            h3 { "Criterion " (number) @if optional { " (only where it holds instead)" } }
            p { (criterion) }
            (form.post("verdict", &fields))
        }
    }
}

/// Both texts of a part that two people changed.
pub(super) fn clash(clash: &Clash) -> Markup {
    let part = match &clash.part {
        Part::Step(number) => format!("Step {number}"),
        Part::Ruling(criterion) => format!("The verdict on: {criterion}"),
    };
    html! {
        h2 { (visible(&part)) }
        div.two {
            section { h3 { "What is there now" } @for line in &clash.theirs { p { (visible(line)) } } }
            section { h3 { "What you sent" } @for line in &clash.yours { p { (visible(line)) } } }
        }
    }
}
