//! How the recorded assessments came out, one column each, oldest left: the same numbers as a table below.

use maud::{Markup, html};
use model::Outcome;
use report::html::parts::chip;
use report::words;

use app::workspace::Snapshot;

/// Assessments that are shown at most, the latest.
const SHOWN: usize = 24;
/// Height of the picture in its own units.
const HEIGHT: usize = 120;
/// Width of a column, and of the gap beside it.
const COLUMN: usize = 26;
const GAP: usize = 14;
/// Height of the line below the columns, with the numbers of the records.
const FOOT: usize = 18;

struct Column {
    seq: u64,
    release: String,
    at: String,
    mandatory: Outcome,
    counts: Vec<(Outcome, usize)>,
}

/// The trend of all unit instances, or of those of one provision; nothing while fewer than two assessments are recorded.
pub(super) fn trend(snapshot: &Snapshot, provision: Option<&str>) -> Markup {
    let judged = snapshot.history.judged();
    if judged.len() < 2 {
        return html! {};
    }
    let columns: Vec<Column> =
        judged.iter().skip(judged.len().saturating_sub(SHOWN)).map(|one| column(one, provision)).collect();
    html! {
        section aria-labelledby="trend" {
            h2 #trend { "Over the recorded assessments" }
            (picture(&columns))
            details {
                summary { "The same as a table" }
                (table(&columns))
            }
        }
    }
}

fn column(judged: &app::history::Judged, provision: Option<&str>) -> Column {
    // A unit is named after its case, and that after its provision: 5.1-2A-1a.
    let before = provision.map(|id| format!("{id}-"));
    let concerned = |unit: &str| before.as_deref().is_none_or(|before| unit.starts_with(before));
    let of = |wanted| {
        let outcomes = judged.record.outcomes.iter();
        outcomes.filter(|o| o.outcome == wanted && concerned(&o.unit)).count()
    };
    Column {
        seq: judged.seq,
        release: judged.record.release.clone(),
        at: judged.record.at.to_string(),
        mandatory: judged.record.mandatory,
        counts: Outcome::ALL
            .into_iter()
            .filter(|o| *o != Outcome::NotApplicable)
            .map(|outcome| (outcome, of(outcome)))
            .collect(),
    }
}

fn picture(columns: &[Column]) -> Markup {
    let most = columns.iter().map(|c| c.counts.iter().map(|(_, n)| n).sum::<usize>()).max().unwrap_or(1).max(1);
    let width = columns.len() * (COLUMN + GAP);
    html! {
        svg.trend role="img" aria-labelledby="trend-title trend-desc" viewBox={ "0 0 " (width) " " (HEIGHT + FOOT) } preserveAspectRatio="xMinYMid" {
            title #trend-title { "Unit instances by outcome in each recorded assessment" }
            desc #trend-desc {
                @for column in columns {
                    "Record " (column.seq) ", release " (column.release) ": "
                    @for (outcome, count) in &column.counts { (count) " " (outcome) ", " }
                    "mandatory provisions " (column.mandatory) ". "
                }
            }
            @for (at, column) in columns.iter().enumerate() {
                g {
                    (bars(at * (COLUMN + GAP), most, column))
                    text x=(at * (COLUMN + GAP) + COLUMN / 2) y=(HEIGHT + FOOT - 4) text-anchor="middle" { (column.seq) }
                }
            }
        }
    }
}

fn bars(x: usize, most: usize, column: &Column) -> Markup {
    let mut top = HEIGHT;
    html! {
        @for (outcome, count) in &column.counts {
            @let height = count * HEIGHT / most;
            ({ top -= height; html! {} })
            rect.{ "b-" (words::key(*outcome)) } x=(x) y=(top) width=(COLUMN) height=(height) {}
        }
    }
}

fn table(columns: &[Column]) -> Markup {
    html! {
        div.scroll tabindex="0" role="region" aria-label="Recorded assessments" {
            table {
                thead {
                    tr {
                        th scope="col" { "Record" }
                        th scope="col" { "Release" }
                        th scope="col" { "For" }
                        th scope="col" { "Mandatory" }
                        @for (outcome, _) in columns.first().map_or(&[][..], |c| &c.counts) { th scope="col" { (outcome) } }
                    }
                }
                tbody {
                    @for column in columns.iter().rev() {
                        tr {
                            th scope="row" { (column.seq) }
                            td { (column.release) }
                            td { time { (column.at) } }
                            td { (chip(column.mandatory)) }
                            @for (_, count) in &column.counts { td { (count) } }
                        }
                    }
                }
            }
        }
    }
}
