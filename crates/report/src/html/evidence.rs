//! What was looked at, the records with their digests, and the words of the report.

use maud::{Markup, html};

use super::parts::{Anchors, grounds};
use crate::presentation::{Looked, Record, Visible};
use crate::words;

pub(super) fn looked(told: &Visible, anchors: &Anchors<'_>) -> Markup {
    html! {
        section #looked aria-labelledby="looked-heading" {
            h2 #looked-heading { "What was looked at" }
            @if told.looked.is_empty() {
                p.lead { "Nothing has been measured for this release." }
            } @else {
                p.lead { "The newest measurement of each probe, and what it should have looked at and did not." }
                table.stack {
                    thead { tr {
                        th scope="col" { "Probe" } th scope="col" { "Tool" } th scope="col" { "Looked at" } th scope="col" { "Not looked at" }
                    } }
                    tbody { @for one in &told.looked { (looked_row(one, anchors)) } }
                }
            }
        }
    }
}

fn looked_row(looked: &Looked, anchors: &Anchors<'_>) -> Markup {
    html! {
        tr {
            th scope="row" {
                span.mono { (looked.probe) }
                div.small.soft {
                    (looked.target) " from " (looked.place) ", " time { (looked.when) } ", "
                    (anchors.record(looked.record))
                }
                @if let Some(since) = &looked.stale_since {
                    div.small { strong { "stale since " (since.date()) } }
                }
            }
            td data-th="Tool:" { (words::tool(&looked.tool)) }
            td data-th="Looked at:" {
                @for line in &looked.at { div { (line) } }
                @if looked.at.is_empty() { "nothing" }
            }
            td data-th="Not looked at:" {
                @for one in &looked.not { div { strong { (one.why) } ": " (one.text) } }
                @if looked.not.is_empty() { span.soft { "nothing missed" } }
            }
        }
    }
}

/// What is declared and was never met.
pub(super) fn unmet(told: &Visible, anchors: &Anchors<'_>) -> Markup {
    html! {
        @if !told.unmet.is_empty() {
            section #unmet aria-labelledby="unmet-heading" {
                h2 #unmet-heading { "Declared and never met" }
                p.lead { (words::UNMET) }
                table.stack {
                    thead { tr {
                        th scope="col" { "Declared" } th scope="col" { "Where" } th scope="col" { "Looked at" }
                    } }
                    tbody { @for one in &told.unmet {
                        tr {
                            th scope="row" { (one.declared) div.small.soft { (one.table) } }
                            td { (one.what) }
                            td {
                                (one.because)
                                details.small { summary { "grounds" } (grounds(&one.grounds, anchors)) }
                            }
                        }
                    } }
                }
            }
        }
    }
}

/// Each function that was tried, and as whom.
pub(super) fn access(told: &Visible) -> Markup {
    html! {
        @if !told.access.is_empty() {
            section #access aria-labelledby="access-heading" {
                h2 #access-heading { "Access" }
                p.lead { (words::ACCESS) }
                table.stack {
                    thead { tr {
                        th scope="col" { "Function" }
                        @for subject in words::SUBJECTS { th scope="col" { (subject) } }
                    } }
                    tbody { @for tried in &told.access {
                        tr {
                            th scope="row" {
                                (words::function(tried))
                                div.small.soft { (words::tried_at(tried)) ", record " (tried.record) }
                            }
                            @for got in words::got(tried) {
                                td { @if got == "granted" { strong { (got) } } @else { (got) } }
                            }
                        }
                    } }
                }
            }
        }
    }
}

/// Captured traffic against the declared communication.
pub(super) fn traffic(told: &Visible, anchors: &Anchors<'_>) -> Markup {
    html! {
        @if !told.traffic.is_empty() {
            section #traffic aria-labelledby="traffic-heading" {
                h2 #traffic-heading { "Traffic" }
                p.lead { (words::TRAFFIC) }
                table.stack {
                    thead { tr {
                        th scope="col" { "Result" } th scope="col" { "Communication" } th scope="col" { "Why" }
                    } }
                    tbody { @for flow in &told.traffic {
                        tr {
                            th scope="row" { (flow.compared) }
                            td {
                                @if flow.declared.is_empty() { em { "not declared" } } @else { (flow.declared) }
                                div.small.soft { (flow.what) }
                            }
                            td {
                                (flow.because)
                                details.small { summary { "grounds" } (grounds(&flow.grounds, anchors)) }
                            }
                        }
                    } }
                }
            }
        }
    }
}

pub(super) fn records(told: &Visible) -> Markup {
    html! {
        section.apart #evidence aria-labelledby="evidence-heading" {
            h2 #evidence-heading { "Evidence" }
            @if told.records.is_empty() {
                p.lead { "No record lies behind this report: every verdict comes from the declarations alone." }
            } @else {
                p.lead { "Records of the ledger behind the verdicts. Their digests let anyone find the same bytes." }
                table.stack {
                    thead { tr {
                        th scope="col" { "Record" } th scope="col" { "Of" } th scope="col" { "By, when" }
                        th scope="col" { "Digests" }
                    } }
                    tbody { @for one in &told.records { (record(one)) } }
                }
            }
        }
    }
}

fn record(record: &Record) -> Markup {
    html! {
        tr id={ "record-" (record.seq) } {
            th scope="row" { (record.seq) " " span.soft { (record.kind.as_str()) } }
            td {
                (record.of)
                @if !record.target.is_empty() { div.small.soft { "at " (record.target) } }
                @for line in words::circumstances(record) { div.small { (line) } }
                @if !record.parameters.is_empty() {
                    details.small { summary { "parameters" } @for one in &record.parameters { div.mono { (one) } } }
                }
            }
            td {
                (record.by)
                @if !record.tool.is_empty() { div.small { "output of " (record.tool) } }
                div.small.soft { time { (record.when) } }
            }
            td {
                div.mono.digest { (record.digest) }
                @for file in &record.files {
                    div.small { (file.kind) ": " (file.name) span.soft { ", " (words::count(file.size, "byte")) } }
                    div.mono.digest { (file.digest) }
                }
            }
        }
    }
}

pub(super) fn reviews(told: &Visible) -> Markup {
    html! {
        section #reviews aria-labelledby="reviews-heading" {
            h2 #reviews-heading { "Reviews" }
            @if told.reviews.is_empty() {
                p.lead { "Nobody has reviewed an assessment of this release." }
            } @else {
                p.lead { "What persons who had no part in it decided about recorded assessments of this release." }
                table.stack {
                    thead { tr {
                        th scope="col" { "Review" } th scope="col" { "Decision" } th scope="col" { "By, when" }
                    } }
                    tbody { @for review in &told.reviews {
                        tr id={ "record-" (review.record) } {
                            th scope="row" { (review.record) " " span.soft { (review.checkpoint) } }
                            td { strong { (words::review(review)) } div { (review.reasons.0) } }
                            td {
                                (review.by) ", " (words::or_unsaid(&review.role))
                                div.small.soft { time { (review.when) } }
                            }
                        }
                    } }
                }
            }
        }
    }
}

pub(super) fn glossary() -> Markup {
    html! {
        section #words aria-labelledby="words-heading" {
            h2 #words-heading { "Words" }
            dl.glossary {
                @for (word, meaning) in words::GLOSSARY { div { dt { (word) } dd { (meaning) } } }
            }
        }
    }
}
