//! The controls as one HTML file, in the manner of the report: no script, no request, escaped throughout.

use maud::{Markup, html as markup};

use super::{Controls, OfRelease, Sheet, Should, Test};
use crate::html::{Page, badge, chip, page, place, prose, said};
use crate::presentation::{Control, Currency, Visible};
use crate::words;

/// The controls.
pub fn html(told: &Controls) -> String {
    let told = told.visible();
    let title =
        format!("Controls of {}, release {}", words::or_unsaid(&told.product), words::or_unsaid(&told.release));
    page(Page { title: &title, tool: &told.tool, body: fragment(&told) })
}

/// The controls as part of a page.
pub fn body(told: &Controls) -> Markup {
    fragment(&told.visible())
}

fn fragment(told: &Visible<Controls>) -> Markup {
    markup! {
        p.lead { (told.edition.citation()) ", for " time { (told.at) } ". " (told.counted()) "." }
        @for clause in &told.clauses {
            section.apart {
                h2 { (clause.id) " " (clause.title) }
                @for one in &clause.provisions { (sheet(one)) }
            }
        }
    }
}

fn sheet(sheet: &Sheet) -> Markup {
    markup! {
        section.provision id={ "p-" (sheet.id) } {
            h3 { (sheet.id) (badge(sheet.mandatory)) span.badge { (sheet.status) } " " (chip(sheet.outcome)) }
            div.inside {
                p { (sheet.summary) }
                p.small.soft { "Look it up in " (sheet.look_up.join("; ")) }
                p { strong { (sheet.outcome) ": " } (said(&sheet.because)) }
                @for step in &sheet.lacks { div.step { div { (said(&step.text)) } } }
                @if let Some(designed) = &sheet.control { (control(designed)) }
                @if let Some(told) = &sheet.should { (should(told)) }
                (plan(&sheet.test_plan))
                (evidence(&sheet.evidence))
            }
        }
    }
}

fn control(control: &Control) -> Markup {
    markup! {
        h4 { "Control" }
        (prose("Design decision", &control.design))
        (prose("Implementation pattern", &control.pattern))
        @if !control.criteria.is_empty() {
            p.sub { "Accepted when" }
            ul { @for one in &control.criteria { li { (one) } } }
        }
        @if !control.documents.is_empty() {
            p.sub { "Documents" }
            ul { @for one in &control.documents { li.mono { (one) } } }
        }
        @if !control.owner.is_empty() { p.small { "Owner: " (control.owner) } }
        @if let Some(at) = &control.at { (place(at)) }
    }
}

fn should(should: &Should) -> Markup {
    markup! {
        h4 { "Recommendation: " (should.state.as_str()) }
        (prose("Rationale", &should.rationale))
        (prose("Compensating control", &should.compensating))
        @if !should.review.is_empty() {
            p.small { "Looked at again by " (should.review) @if should.overdue { strong { ", which is over" } } }
        }
        @if !should.lacks.is_empty() { ul { @for one in &should.lacks { li { strong { "lacks " } (one) } } } }
    }
}

fn plan(plan: &[Test]) -> Markup {
    markup! {
        h4 { "Test plan" }
        @if plan.is_empty() { p { "No unit instance." } } @else {
            table.stack {
                thead { tr {
                    th scope="col" { "Unit and entry" } th scope="col" { "Settled by" }
                    th scope="col" { "Outcome" } th scope="col" { "Why, and what is missing first" }
                } }
                tbody { @for test in plan {
                    tr {
                        th scope="row" {
                            span.mono { (test.unit) }
                            @if !test.entry.is_empty() { span.entry { (test.entry) } }
                            div.soft { (test.summary) }
                        }
                        td { @for one in &test.settled_by { div { (one.how.as_str()) ": " (one.by) } } }
                        td.outcome { (chip(test.outcome)) @if !matches!(test.currency, Currency::Open | Currency::NotApplicable) { div.small.soft { (test.currency.as_str()) } } }
                        td { (said(&test.because)) @for one in &test.missing { div.small { (said(one)) } } }
                    }
                } }
            }
        }
    }
}

fn evidence(evidence: &[OfRelease]) -> Markup {
    markup! {
        h4 { "Evidence" }
        @if evidence.iter().all(|of| of.records.is_empty()) { p { "Nothing is recorded." } }
        @for of in evidence.iter().filter(|of| !of.records.is_empty()) {
            h5 { "Release " (words::or_unsaid(&of.release)) }
            table.stack {
                thead { tr {
                    th scope="col" { "Record" } th scope="col" { "Of" } th scope="col" { "By, when" }
                    th scope="col" { "Standing" } th scope="col" { "Digest" }
                } }
                tbody { @for proof in &of.records {
                    tr {
                        th scope="row" { (proof.record) }
                        td { (proof.of) }
                        td { (proof.by) ", " time { (proof.when) } }
                        td { strong { (proof.standing.as_str()) } div.small { (proof.because) } }
                        td.mono { (proof.digest) }
                    }
                } }
            }
        }
    }
}
