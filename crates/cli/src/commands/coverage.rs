//! `assay coverage`: the honest figure of what the program settles by itself.

use std::fmt::Write as _;

use model::Edition;
use serde_json::json;

use crate::exit::Exit;
use crate::output::Output;

/// Prints the figure of each edition.
pub(crate) fn run(out: &mut Output, as_json: bool) -> Exit {
    let figures: Vec<_> = Edition::ALL.iter().rev().map(|e| (*e, app::coverage(*e))).collect();
    if as_json {
        let all: Vec<_> = figures.iter().map(|(_, figure)| json!(figure)).collect();
        out.json(&json!(all));
        return Exit::Ok;
    }
    let mut text = String::new();
    for (edition, figure) in &figures {
        let _ = writeln!(text, "{}", edition.citation());
        for (what, count, meaning) in [
            ("rule", figure.by_rule, "judged by code from the declarations"),
            ("probe", figure.by_probe, "measured, and judged by code"),
            ("assisted", figure.assisted, "a person decides, helped by measurements"),
            ("stated", figure.stated, "a named person decides, with a guided procedure"),
            ("not yet", figure.not_yet, "no way to settle it"),
        ] {
            let _ = writeln!(text, "  {what:<9}{count:>4}  {meaning}");
        }
        let _ = writeln!(text, "  {:<9}{:>4}\n", "units", figure.units);
    }
    out.data(&text);
    Exit::Ok
}
