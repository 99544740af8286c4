//! The condition on requests for evidence: each that was made for the release has ended.

use dossier::Holds;
use report::gate::{Against, Condition, Met};
use report::presentation::{Step, Verb};
use workflow::requests::{Request, State};

use crate::gate::{Scene, condition, count, count_are, unless};
use crate::requests;

pub(super) fn requests(scene: &Scene<'_>) -> Condition {
    let id = Holds::Requests.as_str();
    let all = match requests::of(scene.history) {
        Ok(all) => all,
        Err(error) => return condition(id, Met::Unknown, error.to_string(), Vec::new()),
    };
    let (of_it, others): (Vec<_>, Vec<_>) =
        all.iter().partition(|one| one.release == scene.dossier.release_version());
    let against: Vec<Against> = of_it
        .iter()
        .filter(|one| one.state().is_open())
        .map(|one| Against {
            about: one.id.to_string(),
            provision: None,
            because: because(one, scene),
            next: Some(next(one)),
        })
        .collect();
    let met = match of_it.len() {
        0 => "nothing was asked for".to_owned(),
        n => format!("{}, each accepted or withdrawn", count(n, "request")),
    };
    let earlier = others.iter().filter(|one| one.state().is_open()).count();
    let beside = match earlier {
        0 => String::new(),
        n => format!("; beside these, {} made for another release", count(n, "open request")),
    };
    unless(id, against, format!("{met}{beside}"), |n| format!("{} open{beside}", count_are(n, "request")))
}

fn because(one: &Request, scene: &Scene<'_>) -> String {
    let (ask, due) = (&one.ask, one.ask.due.date());
    let by = match one.is_overdue(scene.at) {
        true => format!("was due on {due}"),
        false => format!("due {due}"),
    };
    let last = one.answers.last();
    let who = last.map(|answer| answer.by.as_str()).unwrap_or_default();
    let said = last.and_then(|answer| answer.decided.as_ref()).map(|(_, decision)| decision.said.as_str());
    let stands = match one.state() {
        State::Answered => format!("{who} answered, and nobody has looked at it"),
        State::Returned => format!("its answer was returned: {}; {by}", said.unwrap_or_default()),
        _ => format!("{} has not answered; {by}", ask.of),
    };
    format!("{}: {stands}", ask.scope)
}

fn next(one: &Request) -> Step {
    let id = &one.id;
    let (text, command) = match one.state() {
        State::Answered => {
            (format!("accept or return the answer to {id}"), format!("assay requests accept {id} --by NAME"))
        }
        _ => (
            format!("answer {id}, or withdraw it when it is needed no longer"),
            format!("assay requests answer {id} --file FILE --by NAME"),
        ),
    };
    Step { verb: Verb::State, text, command: Some(command) }
}
