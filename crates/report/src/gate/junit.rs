//! The gate as JUnit XML, in the form that Jenkins, GitLab and others read: one suite for the conditions, one a clause.
//!
//! A provision that does not apply, or a recommendation that is not claimed for a reason, is skipped. A mandatory one that
//! is open or inconclusive is a failure, for the gate is closed by it. What was not looked at is an error, never a pass.

use std::fmt::Write as _;

use model::Outcome;

use super::{Condition, Gate, Met, Provision};
use crate::words;

/// What became of one test case.
enum Case {
    Passed,
    Skipped(String),
    /// Type, message, text.
    Failed(String, String, String),
    /// Message.
    Error(String),
}

struct Suite {
    name: String,
    class: String,
    cases: Vec<(String, Case)>,
}

/// The gate as one XML document, UTF-8.
pub fn junit(told: &Gate) -> String {
    let told = told.visible();
    let conditions = told.conditions.iter().map(|one| (format!("{}: {}", one.id, one.asks), condition(one)));
    let gate = Suite { name: "gate".to_owned(), class: "gate".to_owned(), cases: conditions.collect() };
    let clauses = told.clauses.iter().map(|clause| Suite {
        name: format!("{} {}", clause.id, clause.title),
        // A dot would make packages of it.
        class: format!("clause-{}", clause.id).replace('.', "-"),
        cases: clause
            .provisions
            .iter()
            .map(|one| (format!("{}: {}", one.id, one.summary), provision(&told, one)))
            .collect(),
    });
    let suites: Vec<Suite> = std::iter::once(gate).chain(clauses).collect();
    let mut out = String::from("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n");
    out.push_str("<testsuites>\n");
    // The common schemas take a time without fraction and zone, in UTC, and want host, package and the empty elements.
    let moment = told.at.to_string();
    let moment = moment.get(..19).unwrap_or_default();
    for (at, suite) in suites.iter().enumerate() {
        let (name, class) = (escaped(&suite.name), escaped(&suite.class));
        let _ = writeln!(
            out,
            "  <testsuite name=\"{name}\" package=\"{class}\" id=\"{at}\"{} time=\"0\" timestamp=\"{moment}\" \
             hostname=\"localhost\">",
            counts(&suite.cases),
        );
        out.push_str("    <properties>\n");
        for (name, value) in [("product", &told.product), ("release", &told.release), ("tool", &told.tool)] {
            let _ = writeln!(out, "      <property name=\"{name}\" value=\"{}\"/>", escaped(value));
        }
        out.push_str("    </properties>\n");
        for (name, case) in &suite.cases {
            write(&mut out, &suite.class, name, case);
        }
        out.push_str("    <system-out></system-out>\n    <system-err></system-err>\n  </testsuite>\n");
    }
    out.push_str("</testsuites>\n");
    out
}

fn condition(told: &Condition) -> Case {
    let lines = told.against.iter().map(|one| {
        let next = one.next.as_ref().map(|step| format!("\n  {}", step.text)).unwrap_or_default();
        format!("{}: {}{next}", one.about, one.because)
    });
    match told.met {
        Met::Yes => Case::Passed,
        Met::No => Case::Failed(told.id.clone(), told.because.clone(), lines.collect::<Vec<_>>().join("\n")),
        Met::Unknown => Case::Error(told.because.clone()),
    }
}

fn provision(gate: &Gate, told: &Provision) -> Case {
    if told.against.is_empty() {
        return match told.outcome {
            Outcome::Pass => Case::Passed,
            Outcome::NotApplicable => Case::Skipped(told.because.clone()),
            // The conditions say otherwise of every outcome that is left.
            outcome => Case::Failed(outcome.as_str().to_owned(), told.because.clone(), String::new()),
        };
    }
    let message = format!("{} ({}): {}", told.outcome, words::kind(told.mandatory), told.because);
    let conditions = gate.conditions.iter().filter(|condition| told.against.contains(&condition.id));
    let lines = conditions.flat_map(|condition| {
        let of = condition.against.iter().filter(|one| one.provision.as_deref() == Some(&told.id));
        of.map(|one| format!("{}: {}: {}", condition.id, one.about, one.because))
    });
    Case::Failed(told.against.join(" "), message, lines.collect::<Vec<_>>().join("\n"))
}

fn counts(cases: &[(String, Case)]) -> String {
    let of = |is: fn(&Case) -> bool| cases.iter().filter(|(_, case)| is(case)).count();
    format!(
        " tests=\"{}\" failures=\"{}\" errors=\"{}\" skipped=\"{}\"",
        cases.len(),
        of(|case| matches!(case, Case::Failed(..))),
        of(|case| matches!(case, Case::Error(_))),
        of(|case| matches!(case, Case::Skipped(_))),
    )
}

fn write(out: &mut String, class: &str, name: &str, case: &Case) {
    let _ = write!(out, "    <testcase classname=\"{}\" name=\"{}\" time=\"0\"", escaped(class), escaped(name));
    match case {
        Case::Passed => out.push_str("/>\n"),
        Case::Skipped(why) => {
            let _ = writeln!(out, ">\n      <skipped message=\"{}\"/>\n    </testcase>", escaped(why));
        }
        Case::Failed(kind, message, text) => {
            let (kind, message) = (escaped(kind), escaped(message));
            let _ = write!(out, ">\n      <failure type=\"{kind}\" message=\"{message}\">");
            let _ = writeln!(out, "{}</failure>\n    </testcase>", escaped(text));
        }
        Case::Error(message) => {
            let _ = write!(out, ">\n      <error type=\"not looked at\" message=\"{}\"/>", escaped(message));
            out.push_str("\n    </testcase>\n");
        }
    }
}

/// A text inside an element or an attribute. What XML 1.0 cannot hold at all is written out.
fn escaped(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for character in text.chars() {
        match character {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '"' => out.push_str("&quot;"),
            '\'' => out.push_str("&apos;"),
            '\n' => out.push('\n'),
            '\t' => out.push('\t'),
            '\u{0}'..='\u{1f}' | '\u{fffe}' | '\u{ffff}' => {
                let _ = write!(out, "\\u{{{:x}}}", u32::from(character));
            }
            other => out.push(other),
        }
    }
    out
}
