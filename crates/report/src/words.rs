//! Words that every writer shares, so that a terminal, a page and a file call the same thing by the same name.

use model::{Confidence, Outcome};

use crate::causes::causes;
use crate::presentation::{Applies, CryptoPolicy, Finding, Ground, Provision, Record, Review, Tried, Verb};

/// What the comparison of traffic says and does not.
pub const TRAFFIC: &str = "Captured conversations against the declared communication. What no capture shows is not \
     shown to be off, and what could not be read is not taken for protected.";

/// What the list of things never met says and does not.
pub const UNMET: &str = "Declared, and met by no measurement of this release. None of it is shown to be off or absent, \
     and nothing passes by it.";

/// What was looked at, of the grounds of something, each with its record.
pub fn looked_at(grounds: &[Ground]) -> Vec<String> {
    let observed = grounds.iter().filter_map(|ground| match ground {
        Ground::Observed(seen) => {
            Some(format!("{} on {}: {} (record {})", seen.probe, seen.target, seen.text, seen.record))
        }
        _ => None,
    });
    observed.collect()
}

/// The word as small cells print it.
pub fn short(outcome: Outcome) -> &'static str {
    match outcome {
        Outcome::NotApplicable => "n/a",
        other => other.as_str(),
    }
}

/// The word as names of files, styles and anchors use it.
pub fn key(outcome: Outcome) -> &'static str {
    match outcome {
        Outcome::NotApplicable => "na",
        other => other.as_str(),
    }
}

/// What an outcome means.
pub fn meaning(outcome: Outcome) -> &'static str {
    match outcome {
        Outcome::Pass => "the criterion holds, on evidence",
        Outcome::Fail => "the criterion is broken, on evidence",
        Outcome::Inconclusive => "looked at, and what was seen does not decide it",
        Outcome::Open => "not looked at yet",
        Outcome::NotApplicable => "does not concern this product, or is not claimed, for the reason given",
    }
}

/// A cryptography policy with its version, where it comes from, and its digest.
pub fn policy(policy: &CryptoPolicy) -> String {
    let whose = if policy.replaced { "crypto-policy.toml of the dossier" } else { "built in" };
    format!("{} {} ({whose}), {}", or_unsaid(&policy.name), or_unsaid(&policy.version), policy.digest)
}

/// `mandatory` or `recommendation`.
pub fn kind(mandatory: bool) -> &'static str {
    if mandatory { "mandatory" } else { "recommendation" }
}

/// One number with its word.
pub fn count(number: u64, word: &str) -> String {
    format!("{number} {word}{}", if number == 1 { "" } else { "s" })
}

/// Where the commands of a report are to be run.
pub const COMMANDS: &str = "Commands are for the folder of the dossier; elsewhere, add its path to them.";

/// How many findings there are, and how many causes they have where those are fewer.
pub fn findings(findings: &[Finding]) -> String {
    let mandatory = findings.iter().filter(|finding| finding.mandatory).count();
    let causes = causes(findings).len();
    let of =
        if causes < findings.len() { format!(" of {}", count(causes as u64, "cause")) } else { String::new() };
    format!("Findings: {}{of}, {mandatory} on mandatory provisions", findings.len())
}

/// The numbers of records: `record 7`, `records 7, 9`.
pub fn records(numbers: &[u64]) -> String {
    let listed: Vec<String> = numbers.iter().map(ToString::to_string).collect();
    format!("record{} {}", if numbers.len() == 1 { "" } else { "s" }, listed.join(", "))
}

/// A text, or what to write when there is none.
pub fn or_unsaid(text: &str) -> &str {
    if text.trim().is_empty() { "not declared" } else { text }
}

/// What a verdict's criteria rest on.
pub fn confidence(confidence: Confidence) -> &'static str {
    match confidence {
        Confidence::High => "criteria read in the edition's text, or unchanged from one that was read",
        Confidence::Medium => "criteria derived from the units of the edition",
        Confidence::Low => "criteria derived where the reading decides the verdict",
    }
}

/// Who says so.
pub fn source(ground: &Ground) -> &'static str {
    match ground {
        Ground::Declared(_) => "declared",
        Ground::Observed(_) => "observed",
        Ground::Stated(_) => "stated",
        Ground::Rule(_) => "rule",
    }
}

/// What a reviewer decided, about which assessment.
pub fn review(review: &Review) -> String {
    let decided = if review.approved { "approved" } else { "sent back" };
    let which = if review.current { "these verdicts" } else { "other verdicts" };
    format!("{decided} {which}, record {}", review.assessment)
}

/// What a step asks of whom.
pub fn verb(verb: Verb) -> &'static str {
    match verb {
        Verb::Declare => "complete the dossier",
        Verb::Prepare => "prepare the bench",
        Verb::Observe => "run a probe",
        Verb::State => "a person decides",
        Verb::Mend => "mend the product",
    }
}

/// Whether a provision applies.
pub fn applies(provision: &Provision) -> &'static str {
    match provision.applies {
        Applies::Yes => "It applies.",
        Applies::No => "It does not apply.",
        Applies::Unknown => "Whether it applies is not declared; until it is, it counts as applying.",
    }
}

/// How far a record can be checked, in a word.
pub fn level(level: &str) -> &str {
    if level.is_empty() { "of an unsaid level" } else { level }
}

/// What an auditor asks about a record beside what it is and who made it, one line each.
pub fn circumstances(record: &Record) -> Vec<String> {
    let said = |name: &str, text: &str| (!text.is_empty()).then(|| format!("{name}{text}"));
    let period = match (record.from, record.until) {
        (Some(from), Some(until)) if from != until => Some(format!("true from {from} until {until}")),
        (_, Some(until)) if until != record.when => Some(format!("true at {until}")),
        _ => None,
    };
    let how = [said("", &record.level), said("from ", &record.place), said("operator ", &record.operator)];
    let how: Vec<String> = how.into_iter().flatten().collect();
    let valid = record.valid_until.map(|until| format!("counts until {until}"));
    [said("unit: ", &record.unit), period, said("", &how.join(", ")), valid].into_iter().flatten().collect()
}

/// The probe, with the other tool whose output it read.
pub fn measured_by(probe: &str, tool: &str) -> String {
    if tool.is_empty() { probe.to_owned() } else { format!("{probe} ({tool})") }
}

/// Who measured: another tool, or this program.
pub fn tool(tool: &str) -> &str {
    if tool.is_empty() { "assay" } else { tool }
}

/// What the report may be taken for, and whose text the standard's is.
pub const COPYRIGHT: &str = "EN 303 645 and TS 103 701 are published by ETSI, and their text is ETSI's. \
     This report cites them by number; what it says about a provision, a test case or a unit is said in the \
     program's own words and does not replace the standard, which ETSI publishes free of charge.";

/// The words of the report and what they mean here.
pub const GLOSSARY: &[(&str, &str)] = &[
    ("Declared", "said by the supplier in the dossier: the ICS, the IXIT, the controls"),
    ("Observed", "measured by a probe, or read from another tool's output"),
    ("Stated", "decided by a named person and signed"),
    ("provision", "one numbered requirement (mandatory, M) or recommendation (R) of EN 303 645"),
    ("test case", "the smallest thing to which TS 103 701 gives a verdict"),
    ("test unit", "one lettered step of a test case"),
    ("unit instance", "a test unit applied to one IXIT entry; the smallest thing with a result here"),
    ("ICS", "implementation conformance statement: the supplier's answer to every provision"),
    ("IXIT", "extra information for testing: tables in which the supplier describes the product, an entry each"),
    ("DUT", "device under test"),
    ("finding", "a criterion that is broken, with what that rests on"),
    ("gap", "what stands between here and a decided verdict, with the one next step that would close it"),
    (
        "carried over",
        "passed in an earlier release, by records of that release; what it rests on did not change since",
    ),
    ("stale", "decided before, and to be measured or decided again for this release"),
    ("three legs", "the control exists (declared, designed, documented), works (tested), is proven (on record)"),
    ("record", "an entry of the ledger, with its number and digest, from which the verdict can be derived again"),
];

/// What the table of access tells.
pub const ACCESS: &str = "What each subject got who asked for a function over the network. Altered tells the worst of several sessions \
that were changed. Granted to the valid subject is what it is there for; granted to another is judged where an entry \
declares the function, or has to be declared.";

/// The columns of it.
pub const SUBJECTS: [&str; 6] = ["nobody", "wrong", "ended", "altered", "fewer rights", "valid"];

/// What each of them got.
pub fn got(tried: &Tried) -> [&str; 6] {
    [&tried.none, &tried.wrong, &tried.ended, &tried.altered, &tried.weak, &tried.valid]
        .map(|got| if got.is_empty() { "-" } else { got.as_str() })
}

/// The function, and what named it where nobody declares it.
pub fn function(tried: &Tried) -> String {
    match tried.found.as_str() {
        "" => tried.function.clone(),
        found => format!("{} (found: {found})", tried.function),
    }
}

/// Where it was tried.
pub fn tried_at(tried: &Tried) -> String {
    match tried.place.as_str() {
        "" => tried.at.clone(),
        place => format!("{}, {place}", tried.at),
    }
}
