//! Reads what changing a credential brought, door by door.

use model::{ChangeAnswer, Coverage, CredentialChange, Fact, Reading, Shortfall, ShortfallKind};

use super::super::door::{Door, Knock};
use super::{ChangeLog, Log, PlaceLog};
use crate::http::answer::Answer;

const OF: &str = "credential-change";

pub(super) fn of(log: &Log) -> Reading {
    let mut reading = Reading::default();
    for change in &log.changes {
        read_change(change, &mut reading);
    }
    reading
}

fn missed(door: &Door, kind: ShortfallKind, text: &str, reading: &mut Reading) {
    let text = format!("{} {}: {text}", door.endpoint, door.scheme);
    reading.shortfalls.push(Shortfall { kind, of: OF.into(), endpoint: Some(door.endpoint), text });
}

fn read_change(log: &ChangeLog, reading: &mut Reading) {
    if let Some((kind, why)) = &log.not_begun {
        missed(&log.door, *kind, &format!("nothing was changed: {why}"), reading);
        return;
    }
    if let Some(Err(why)) = &log.restored {
        let text = format!("the credential was not shown to be as before: {why}");
        missed(&log.door, ShortfallKind::NotRestored, &text, reading);
    }
    let answer = match &log.answered {
        Some(Ok(answer)) => answer,
        Some(Err((kind, why))) => {
            missed(&log.door, *kind, &format!("{} got no answer: {why}", log.request), reading);
            return;
        }
        None => return,
    };
    let mut sessions_ended = None;
    match &log.session {
        Some(Ok((_, after))) => sessions_ended = Some(!after.is_success()),
        Some(Err((kind, why))) => missed(&log.door, *kind, &format!("another session: {why}"), reading),
        None => {}
    }
    let fact = |door: &Door| CredentialChange {
        endpoint: door.endpoint,
        scheme: door.scheme,
        path: door.path.clone(),
        request: log.request.clone(),
        answered: said(answer),
        new_accepted: None,
        old_accepted: None,
        sessions_ended: None,
        told_by: format!("{} answered {}", log.request, answer.told()),
    };
    if log.places.is_empty() {
        reading.facts.push(Fact::CredentialChange(fact(&log.door)));
        covered(&log.door, reading);
    }
    for (index, place) in log.places.iter().enumerate() {
        let told_by = format!(
            "{} answered {}; the new value: {}; the old value: {}",
            log.request,
            answer.told(),
            place.new.told_by(),
            place.old.told_by()
        );
        let new_accepted = taken(place, &place.new, "new", reading);
        let old_accepted = taken(place, &place.old, "old", reading);
        reading.facts.push(Fact::CredentialChange(CredentialChange {
            new_accepted,
            old_accepted,
            sessions_ended: sessions_ended.filter(|_| index == 0),
            told_by,
            ..fact(&place.door)
        }));
        covered(&place.door, reading);
    }
}

fn covered(door: &Door, reading: &mut Reading) {
    let text = format!("{} {}: a credential changed and changed back", door.endpoint, door.scheme);
    reading.coverage.push(Coverage { of: OF.into(), endpoint: Some(door.endpoint), ports: Vec::new(), text });
}

fn said(answer: &Answer) -> ChangeAnswer {
    match answer.status {
        404 | 405 | 410 | 501 => ChangeAnswer::NotThere,
        ..400 if !answer.says_error => ChangeAnswer::Done,
        _ => ChangeAnswer::Refused,
    }
}

fn taken(place: &PlaceLog, knock: &Knock, which: &str, reading: &mut Reading) -> Option<bool> {
    let (kind, why) = match knock {
        Knock::Accepted(_) => return Some(true),
        Knock::Rejected(_) => return Some(false),
        Knock::Open(text) => (ShortfallKind::Unsupported, text),
        Knock::Unclear(text) => (ShortfallKind::Unreadable, text),
        Knock::Blocked { told_by, .. } => (ShortfallKind::Limit, told_by),
        Knock::NoAnswer { kind, told_by } => (*kind, told_by),
    };
    missed(&place.door, kind, &format!("the {which} value was not told: {why}"), reading);
    None
}
