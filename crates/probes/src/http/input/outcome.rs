//! What a wrong input came to, told from the answer, from what is stored afterwards, and from whether the service
//! still lives.

use model::{ShortfallKind, private};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use wire::http::Response;
use wire::text::visible_str;

use super::super::answer::Answer;
use super::violations::{Mark, Violation};
use crate::giveaway::{Known, in_text};

/// Words by which a query language complains about what it was handed.
const COMPLAINTS: [&str; 8] = [
    "You have an error in your SQL",
    "SQLite3::",
    "near \"",
    "unterminated quoted string",
    "Unclosed quotation mark",
    "ORA-0",
    "syntax error at or near",
    "psycopg2.",
];

/// One wrong input and what came of it.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Case {
    /// The field, for a reader.
    pub field: String,
    /// What was wrong.
    pub violation: Violation,
    /// The answer, or why there is none.
    pub got: Result<Answer, (ShortfallKind, String)>,
    /// Whether the service answered a plain request afterwards; it is asked twice before this is false.
    pub alive: bool,
    /// What the answer, or a page after it, showed of the canary taking effect.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub effect: Option<String>,
    /// What the answer showed of the inside.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub internals: Option<String>,
    /// What is stored afterwards.
    pub stored: Stored,
    /// The smallest request that was found to do the same, for a finding.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub reproduction: String,
    /// What else was found, in order to tell it: why a step counts as taken, or how a question was answered.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub finding: Option<(Finding, String)>,
}

/// What a step beyond one request showed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Finding {
    /// It was turned away.
    Refused,
    /// It made no difference.
    Harmless,
    /// It was taken.
    Taken,
    /// It got what it must not get.
    Effect,
    /// Nothing can be told from it.
    Unclear,
}

impl Case {
    /// A case of which nothing but the answer is known; the service lives.
    pub(super) fn of(field: &str, violation: Violation, got: Result<Answer, (ShortfallKind, String)>) -> Self {
        Self {
            field: field.to_owned(),
            violation,
            got,
            alive: true,
            effect: None,
            internals: None,
            stored: Stored::NotLooked,
            reproduction: String::new(),
            finding: None,
        }
    }
}

/// What a field holds after a request that was not refused.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Stored {
    /// Nothing is stored by such a request.
    Nothing,
    /// The request was refused, so nobody looked.
    NotLooked,
    /// It cannot be read.
    Unreadable,
    /// The value of before.
    Unchanged,
    /// The value that was sent.
    AsSent,
    /// Another value of the right type.
    Cleaned(String),
    /// Another value of another type, or none.
    Broken(String),
}

impl Stored {
    /// Compares the value of a field before and after with the one sent.
    pub(super) fn compare(before: Option<&Value>, after: Option<&Value>, sent: Option<&Value>) -> Self {
        let shown = |value: Option<&Value>| visible_str(&value.unwrap_or(&Value::Null).to_string(), 80);
        let same_type = match (before, after) {
            (Some(before), Some(after)) => std::mem::discriminant(before) == std::mem::discriminant(after),
            _ => false,
        };
        match (before, after) {
            (before, after) if before == after => Stored::Unchanged,
            (_, Some(after)) if Some(after) == sent => Stored::AsSent,
            (_, after) if same_type => Stored::Cleaned(shown(after)),
            (_, after) => Stored::Broken(shown(after)),
        }
    }
}

/// What a response shows of a canary that took effect. What the answer to a plain request shows as well is none.
pub(super) fn effect(response: &Response, mark: &Mark, plain: &Response) -> Option<String> {
    let text = response.text();
    let is_page = |response: &Response| {
        response.header("content-type").is_none_or(|media| media.to_lowercase().contains("html"))
    };
    match mark {
        Mark::None => None,
        Mark::Number(number) => {
            (text.contains(number) && !plain.text().contains(number)).then(|| format!("it was computed: {number}"))
        }
        Mark::Tag(tag) => {
            (is_page(response) && text.contains(tag)).then(|| "the page holds it unescaped".to_owned())
        }
        Mark::Accounts => {
            let shows = accounts(&text) && !accounts(&plain.text());
            shows.then(|| "the answer holds the system's list of accounts".to_owned())
        }
        Mark::Header(name) => response.header(name).map(|_| "the answer has the header it asked for".to_owned()),
    }
}

/// `root:` with the fields of passwd(5) or shadow(5) behind it.
fn accounts(text: &str) -> bool {
    text.match_indices("root:").any(|(at, _)| {
        let entry = text[at..].split(['\n', '\r', '"', '<', '\\', ' ']).next().unwrap_or_default();
        entry.matches(':').count() >= 6
    })
}

/// What a response shows of the inside and the answer to a plain request does not.
pub(super) fn internals(response: &Response, plain: &Response) -> Option<String> {
    let (text, plain) = (response.text(), plain.text());
    let trace = in_text(&text, &Known::new())
        .into_iter()
        .filter(|one| one.kind == "internals")
        .find(|one| !in_text(&plain, &Known::new()).contains(one));
    let complaint = COMPLAINTS.iter().find(|words| text.contains(**words) && !plain.contains(**words));
    trace.map(|one| one.excerpt).or_else(|| complaint.map(|words| (*words).to_owned()))
}

/// The result of a case and one line on how it was told.
pub(super) fn judge(case: &Case) -> (&'static str, String) {
    let told = match &case.got {
        Ok(answer) => answer.told(),
        Err((_, why)) => why.clone(),
    };
    if !case.alive {
        return ("crash", format!("{told}; after it the service did not answer twice"));
    }
    if let Some((finding, why)) = &case.finding {
        let result = match finding {
            Finding::Refused => "rejected",
            Finding::Harmless => "ignored",
            Finding::Taken => "error",
            Finding::Effect => "effect",
            Finding::Unclear => "unclear",
        };
        return (result, format!("{told}; {why}"));
    }
    if let Some(effect) = case.effect.as_ref().filter(|_| case.violation.name == "entity-inside") {
        // Entities inside the message are part of XML; whether a document type should be read is for a person.
        return ("accepted", format!("{told}; {effect}"));
    }
    if let Some(effect) = &case.effect {
        return ("effect", format!("{told}; {effect}"));
    }
    if let Some(internals) = &case.internals {
        return ("error", format!("{told}; it shows internals: {internals}"));
    }
    let answer = match &case.got {
        Ok(answer) => answer,
        Err((ShortfallKind::Refused, _)) if case.violation.is_too_much() => {
            return ("rejected", "the connection was closed, and the service lives".to_owned());
        }
        Err((_, why)) => return ("error", format!("{why}, and the service lives")),
    };
    match (answer.status, &case.stored) {
        (500.., _) => ("error", told),
        (400.., _) => ("rejected", told),
        _ if answer.says_error => ("rejected", told),
        (_, Stored::Unchanged) => ("ignored", format!("{told}; the value is unchanged")),
        (_, Stored::Nothing | Stored::Unreadable) if case.violation.beyond => {
            ("accepted", format!("{told}; it is taken, and the description forbids it"))
        }
        (_, Stored::Nothing) => ("ignored", format!("{told}; nothing of it took effect")),
        (_, Stored::AsSent) if case.violation.is_plain_text() => {
            ("ignored", format!("{told}; kept as plain text, nothing of it took effect"))
        }
        (_, Stored::AsSent) if case.violation.guessed => {
            ("accepted", format!("{told}; it is kept as sent, and no description says whether it is wrong"))
        }
        (_, Stored::AsSent) => ("error", format!("{told}; the wrong value is stored")),
        (_, Stored::Cleaned(value)) => ("ignored", format!("{told}; a clean value is stored: {}", stored(value))),
        (_, Stored::Broken(value)) => ("error", format!("{told}; the stored value is broken: {}", stored(value))),
        (_, Stored::Unreadable | Stored::NotLooked) => {
            ("unclear", format!("{told}; what became of the value cannot be read"))
        }
    }
}

/// A value that the product holds is its user's.
fn stored(value: &str) -> String {
    private("stored-value", value)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn response(status: u16, media: &str, body: &str) -> Response {
        let headers = vec![("Content-Type".to_owned(), media.to_owned())];
        Response { status, headers, body: body.as_bytes().to_vec(), ..Response::default() }
    }

    fn case(name: &str, status: u16, stored: Stored) -> Case {
        let violation = Violation::new(name, "");
        let got = Ok(Answer::of(&response(status, "application/json", "{}"), "/"));
        Case { stored, ..Case::of("x", violation, got) }
    }

    #[test]
    fn results_follow_from_answer_state_and_life() {
        let result = |case: &Case| judge(case).0;
        assert_eq!(result(&case("null", 400, Stored::NotLooked)), "rejected");
        assert_eq!(result(&case("null", 500, Stored::NotLooked)), "error");
        assert_eq!(result(&case("null", 200, Stored::Unchanged)), "ignored");
        assert_eq!(result(&case("null", 200, Stored::AsSent)), "error");
        assert_eq!(result(&case("null", 200, Stored::Broken("null".into()))), "error");
        assert_eq!(result(&case("command-canary", 200, Stored::AsSent)), "ignored");
        assert_eq!(result(&case("null", 200, Stored::Unreadable)), "unclear");
        let mut guessed = case("wrong-type", 200, Stored::AsSent);
        guessed.violation.guessed = true;
        assert_eq!(result(&guessed), "accepted", "whether a text of digits is a number is for a person");
        let dead = Case { alive: false, ..case("oversize", 400, Stored::NotLooked) };
        assert_eq!(result(&dead), "crash");
        let closed = Err((ShortfallKind::Refused, "gone".to_owned()));
        assert_eq!(result(&Case { got: closed.clone(), ..case("oversize", 0, Stored::NotLooked) }), "rejected");
        assert_eq!(result(&Case { got: closed, ..case("null", 0, Stored::NotLooked) }), "error");
        let shows = Case { internals: Some("Traceback".to_owned()), ..case("null", 400, Stored::NotLooked) };
        assert_eq!(result(&shows), "error");
        let took = Case { effect: Some("x".to_owned()), ..case("command-canary", 400, Stored::NotLooked) };
        assert_eq!(result(&took), "effect");
    }

    #[test]
    fn a_canary_shows_only_where_the_plain_answer_does_not() {
        let plain = response(200, "text/html", "serial 31778947");
        let number = Mark::Number("31778947".to_owned());
        assert!(effect(&response(200, "text/plain", "=31778947"), &number, &response(200, "", "")).is_some());
        assert!(effect(&plain, &number, &plain).is_none());
        let tag = Mark::Tag("<assay-canary-7>".to_owned());
        let none = response(200, "text/html", "");
        assert!(effect(&response(404, "text/html", "no <assay-canary-7>"), &tag, &none).is_some());
        assert!(effect(&response(200, "application/json", "\"<assay-canary-7>\""), &tag, &none).is_none());
        assert!(effect(&response(200, "text/html", "&lt;assay-canary-7>"), &tag, &none).is_none());
    }

    #[test]
    fn a_list_of_accounts_is_told_from_the_word() {
        assert!(accounts("root:x:0:0:root:/root:/bin/sh"));
        assert!(accounts(r#"{"text":"root:$1$x$y:19000:0:99999:7:::\ndaemon"}"#));
        assert!(!accounts("root: not allowed: 1:2:3:4:5:6"));
    }

    #[test]
    fn the_stored_value_is_compared_by_value_and_type() {
        let compare = |after: Value, sent: Value| Stored::compare(Some(&json!("a")), Some(&after), Some(&sent));
        assert_eq!(compare(json!("a"), json!(7)), Stored::Unchanged);
        assert_eq!(compare(json!(7), json!(7)), Stored::AsSent);
        assert_eq!(compare(json!("7"), json!(7)), Stored::Cleaned("\"7\"".to_owned()));
        assert_eq!(compare(json!(null), json!(7)), Stored::Broken("null".to_owned()));
        assert_eq!(Stored::compare(Some(&json!(1)), None, None), Stored::Broken("null".to_owned()));
    }
}
