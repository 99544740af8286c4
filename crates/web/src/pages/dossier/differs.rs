//! Two texts held against each other, line by line, with what is the same folded away.

use app::edit::lines::{Line, Side, differ, visible};
use maud::{Markup, html};

/// Lines that are shown around one that differs.
const AROUND: usize = 3;

/// What differs between a text and another, under a heading for each.
pub(super) fn differs(old: &str, new: &str, (old_is, new_is): (&str, &str)) -> Markup {
    let lines = differ(old, new);
    let changed = |from: usize, to: usize| lines[from..to.min(lines.len())].iter().any(|l| l.side != Side::Both);
    let near: Vec<bool> = (0..lines.len()).map(|at| changed(at.saturating_sub(AROUND), at + AROUND + 1)).collect();
    html! {
        div.scroll tabindex="0" role="region" aria-label="What differs" {
            table.diff {
                caption { del { "− " (old_is) } ", " ins { "+ " (new_is) } }
                thead {
                    tr {
                        th scope="col" { abbr title={ "line " (old_is) } { "−" } }
                        th scope="col" { abbr title={ "line " (new_is) } { "+" } }
                        th scope="col" { "Text" }
                    }
                }
                tbody {
                    @for (at, line) in lines.iter().enumerate() {
                        @if near[at] { (row(line, (old_is, new_is))) }
                        @else if at == 0 || near[at - 1] {
                            tr.same { td colspan="3" { (folded(&near[at..])) " lines the same" } }
                        }
                    }
                }
            }
        }
    }
}

fn folded(near: &[bool]) -> usize {
    near.iter().take_while(|near| !**near).count()
}

fn row(line: &Line<'_>, (old_is, new_is): (&str, &str)) -> Markup {
    let number = |at: Option<usize>| html! { td.number-of { @if let Some(at) = at { (at) } } };
    html! {
        tr.(match line.side { Side::Both => "both", Side::Old => "old", Side::New => "new" }) {
            (number(line.old)) (number(line.new))
            td.mono {
                @match line.side {
                    Side::Both => { (visible(line.text)) }
                    Side::Old => { span.hidden { (old_is) ": " } del { (visible(line.text)) } }
                    Side::New => { span.hidden { (new_is) ": " } ins { (visible(line.text)) } }
                }
            }
        }
    }
}
