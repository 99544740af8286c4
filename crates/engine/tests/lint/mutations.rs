//! A good dossier broken in more than a thousand ways: never a panic, and for a known slip its note on its line.
//!
//! Deterministic: places are taken in order or by a counter, never by chance.

use std::collections::BTreeMap;
use std::panic::catch_unwind;

use dossier::{Note, SourceText};
use engine::lint::check;

use crate::good::{line, sources};

/// One file of the good dossier written otherwise.
struct Mutant {
    /// Kind of mutation.
    kind: &'static str,
    file: usize,
    text: String,
    /// For a known slip: where it is, and the codes of which one has to be told there.
    known: Option<(usize, &'static [&'static str])>,
}

/// Replaces a range of a file.
fn splice(text: &str, range: std::ops::Range<usize>, by: &str) -> String {
    format!("{}{by}{}", &text[..range.start], &text[range.end..])
}

/// The lines of a file with where they begin.
fn lines(text: &str) -> impl Iterator<Item = (usize, &str)> {
    let mut at = 0;
    text.split_inclusive('\n').map(move |line| {
        let start = at;
        at += line.len();
        (start, line)
    })
}

/// Where the value of a `key = value` line begins and ends.
fn value(start: usize, line: &str) -> Option<std::ops::Range<usize>> {
    let equals = line.find(" = ")?;
    (!line.starts_with('#')).then(|| start + equals + 3..start + line.trim_end().len())
}

fn wild(sources: &[SourceText]) -> Vec<Mutant> {
    let mut all = Vec::new();
    for (file, source) in sources.iter().enumerate() {
        let text = &source.text;
        // ICS and controls repeat one shape many times; one line in twenty shows it.
        let every = if text.len() > 15_000 { 20 } else { 1 };
        for (n, (start, line)) in lines(text).enumerate().filter(|(n, _)| n % every == 0) {
            let mut add = |kind, text| all.push(Mutant { kind, file, text, known: None });
            match n % 7 {
                6 => add("line deleted", splice(text, start..start + line.len(), "")),
                0 => add("line doubled", splice(text, start..start, line)),
                1 => add("cut off", text[..start + line.len() / 2].to_owned()),
                2 => add("garbage", splice(text, start..start, "\u{0}\u{7f}\u{202e}=[[\"\\u12\n")),
                3 => {
                    add("unicode", splice(text, start..start + line.len(), "\u{1f4a1}é = \"ﬁ\u{301}\u{0645}\"\n"))
                }
                4 => add("quote lost", text[..start].to_owned() + &text[start..].replacen('"', "", 1)),
                _ => add("bracket", text[..start].to_owned() + &text[start..].replacen(']', "", 1)),
            }
            if let Some(range) = value(start, line) {
                let by = [
                    "18446744073709551616",
                    "-1",
                    "3.5e400",
                    "true",
                    "[]",
                    "[[[[]]]]",
                    "{ a = { b = 1 } }",
                    "\"\"",
                    "2026-01-31",
                    "\"\"\"\n\n\"\"\"",
                    "inf",
                    "0x7fffffffffffffff",
                    "[1, \"a\", false]",
                    "'''",
                ][n % 14];
                add("value of another type", splice(text, range, by));
            }
        }
    }
    all
}

/// Slips whose note and place are known.
fn known(sources: &[SourceText]) -> Vec<Mutant> {
    let mut all = Vec::new();
    for (file, source) in sources.iter().enumerate() {
        let text = &source.text;
        let ixit = source.path.starts_with("ixit/");
        let (mut heading, mut name) = ("", "");
        for (n, (start, line)) in lines(text).enumerate() {
            // Controls repeat one shape many times.
            if source.path == "controls.toml" && n > 80 {
                break;
            }
            if line.starts_with('[') {
                heading = line.trim_end();
                name = heading.trim_matches(['[', ']']);
            }
            let mut add = |kind, text, codes| all.push(Mutant { kind, file, text, known: Some((start, codes)) });
            if let Some(table) = heading.strip_prefix("[[").filter(|_| line.starts_with("[[") && ixit) {
                let slip = format!("[[{}x{table}", &table[..1]);
                add(
                    "table renamed",
                    splice(text, start..start + heading.len(), &slip),
                    &["unknown-table", "not-toml"],
                );
            }
            let Some(range) = value(start, line) else { continue };
            let (key, written) = (line.split(" = ").next().unwrap(), &text[range.clone()]);
            let prose = ixit && !name.ends_with(".facts");
            if key != "ID" && !["features", "conditions", "resolve"].contains(&name) {
                let slip = splice(
                    text,
                    start..start + key.len(),
                    &format!("{}q\"", key.trim_end_matches('"'))
                        .replace('"', if key.starts_with('"') { "\"" } else { "" }),
                );
                add("key renamed", slip, if prose { &["unknown-field"] } else { &["unknown-key"] });
            }
            if ["features", "conditions"].contains(&name) {
                let other = if written == "true" { "\"yes\"" } else { "1" };
                add("answer of another type", splice(text, range.clone(), other), &["wrong-type"]);
                let slip = splice(text, start..start + key.len(), &format!("{key}9"));
                add("feature renamed", slip, &["unknown-feature", "unknown-condition"]);
                continue;
            }
            match (name, key) {
                ("provision", "id") => {
                    add("provision renamed", splice(text, range, "\"5.99-1\""), &["unknown-provision"]);
                }
                ("provision", "status") => {
                    let other = if written.starts_with("\"M") { "\"R C (99)\"" } else { "\"M C (99)\"" };
                    add("status changed", splice(text, range, other), &["status-disagrees"]);
                }
                ("provision", "support") if written == "\"Y\"" => {
                    let codes: &[&str] =
                        &["mandatory-not-applicable", "not-applicable-contradicted", "control-for-unmet"];
                    // For an unconditional recommendation N/A with its detail is in order.
                    let recommended = text[..start].trim_end().ends_with("\"R\"");
                    if !recommended {
                        add("answered N/A", splice(text, range.clone(), "\"N/A\""), codes);
                    }
                    if text[..start].trim_end().rsplit('\n').next().is_some_and(|l| l.contains("\"M")) {
                        add("answered N", splice(text, range, "\"N\""), &["mandatory-answered-no"]);
                    }
                }
                ("provision", "support") => {
                    add(
                        "answered Y",
                        splice(text, range, "\"Y\""),
                        &["answer-to-inapplicable", "control-missing"],
                    );
                }
                ("control", "provision") => {
                    add("provision renamed", splice(text, range, "\"9.9-9\""), &["unknown-provision"]);
                }
                _ if prose && key == "ID" => {
                    add("id emptied", splice(text, range, "\"\""), &["empty-id"]);
                }
                _ if ixit && written.starts_with("[\"") && written.contains("-") && is_reference(key) => {
                    let end = written.find("\"]").or_else(|| written.find("\",")).unwrap();
                    let at = range.start + end;
                    add("reference changed", splice(text, at..at, "zz"), &["dangling-reference"]);
                }
                _ if prose
                    && ["Status", "Sensitive", "Type", "\"Debug Interface\"", "\"Target Type\""]
                        .contains(&key)
                    && written.starts_with('"') =>
                {
                    let at = range.start + 1;
                    let codes = &["unexpected-value", "prose-contradicts-fact"];
                    if has_values(&heading[2..heading.len() - 2], key) {
                        add("value word changed", splice(text, at..at, "qq"), codes);
                    }
                }
                _ if ixit && written.starts_with('"') && is_word(key) => {
                    let at = range.end - 1;
                    add("enum word changed", splice(text, at..at, "x"), &["unknown-value"]);
                }
                _ if ["port", "lockout-after", "seconds", "length"].contains(&key) => {
                    add("number too large", splice(text, range, "4294967296"), &["number-out-of-range"]);
                }
                _ if key.ends_with("-url") => {
                    add("address broken", splice(text, range, "\"lamp example\""), &["bad-url"]);
                }
                _ if key == "address" => {
                    add("address broken", splice(text, range, "\"192.0.2.999\""), &["not-an-address"]);
                }
                _ if prose && written.starts_with('"') => {
                    add("place kept", splice(text, range, "\"TBD\""), &["placeholder"]);
                }
                _ => {}
            }
        }
    }
    all
}

fn is_reference(key: &str) -> bool {
    let lists = ["interface", "secured-by", "source", "mechanism", "Interface", "Access", "Source", "Type"];
    lists.contains(&key)
        || [
            "\"Update Mechanism\"",
            "\"Secure Communication Mechanisms\"",
            "\"Authentication Mechanism\"",
            "\"Personal Data\"",
        ]
        .contains(&key)
}

fn is_word(key: &str) -> bool {
    let words = [
        "origin",
        "scheme",
        "class",
        "uniqueness",
        "kind",
        "status",
        "exposure",
        "reach",
        "transport",
        "lowest-version",
        "peer-authentication",
        "checked-by",
        "authenticity-by",
        "integrity-by",
        "disruption-notice",
    ];
    words.contains(&key)
}

/// Whether the pro forma names values for a field.
fn has_values(table: &str, key: &str) -> bool {
    let catalogue = catalogue::Catalogue::of(model::Edition::V3_1_3);
    let field = catalogue.table_named(table).and_then(|t| t.field(key.trim_matches('"')));
    field.is_some_and(|f| !f.values.is_empty())
}

/// Whether a note lies on the line that begins at a byte of a file.
fn on_line(note: &Note, file: usize, text: &str, start: usize) -> bool {
    let end = text[start..].find('\n').map_or(text.len(), |n| start + n + 1);
    let at = note.labels[0].0;
    usize::from(at.file) == file && (start..end).contains(&(at.start as usize))
}

#[expect(clippy::print_stderr, reason = "the counts are what a reader of the test run wants to see")]
fn run(mutants: Vec<Mutant>, least: usize) {
    let good = sources();
    let mut counts: BTreeMap<&str, [usize; 3]> = BTreeMap::new();
    let (mut wrong, total) = (Vec::new(), mutants.len());
    for mutant in mutants {
        let mut broken = good.clone();
        broken[mutant.file].text.clone_from(&mutant.text);
        // The largest file is read only where it is the broken one, or the other side of what is broken.
        if mutant.file + 1 < broken.len() && !mutant.kind.starts_with("answered") {
            broken.pop();
        }
        let path = &good[mutant.file].path;
        let Ok((dossier, notes)) = catch_unwind(|| check(broken)) else {
            wrong.push(format!("{} in {path}: a panic\n{}", mutant.kind, mutant.text));
            continue;
        };
        let count = counts.entry(mutant.kind).or_default();
        count[0] += 1;
        count[1] += usize::from(notes.iter().any(|n| usize::from(n.labels[0].0.file) == mutant.file));
        for note in &notes {
            let (at, _) = note.labels[0];
            let text = &dossier.sources[usize::from(at.file)].text;
            let inside = at.start <= at.end && at.end as usize <= text.len();
            let whole = text.is_char_boundary(at.start as usize) && text.is_char_boundary(at.end as usize);
            if !(inside && whole) {
                wrong.push(format!("{} in {path}: the place of {} is outside the text", mutant.kind, note.code));
            }
        }
        let Some((start, codes)) = mutant.known else { continue };
        let there = |n: &&Note| codes.contains(&n.code) && on_line(n, mutant.file, &mutant.text, start);
        if notes.iter().any(|n| there(&n)) {
            count[2] += 1;
        } else {
            let told: Vec<String> = notes.iter().map(|n| line(&dossier.sources, n)).collect();
            let slip = mutant.text[start..].lines().next().unwrap_or_default();
            wrong.push(format!("{} in {path}: `{slip}` gives\n  {}", mutant.kind, told.join("\n  ")));
        }
    }
    eprintln!("{:<26}{:>8}{:>10}{:>12}", "mutation", "tried", "noted", "on its line");
    for (kind, [tried, noted, right]) in &counts {
        eprintln!("{kind:<26}{tried:>8}{noted:>10}{right:>12}");
    }
    assert!(wrong.is_empty(), "{} of {total} wrong:\n{}", wrong.len(), wrong.join("\n"));
    assert!(total >= least, "only {total} mutants");
}

#[test]
fn a_known_slip_gives_its_note_on_its_line() {
    run(known(&sources()), 1000);
}

#[test]
fn no_mutant_makes_the_linter_panic() {
    run(wild(&sources()), 1000);
}
