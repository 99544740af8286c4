use std::cell::RefCell;
use std::rc::Rc;

use model::ChangeAnswer;
use serde_json::json;

use super::*;
use crate::scripted::ScriptedBench;

/// How a device changes the password of its one account.
#[derive(Clone, Copy)]
struct Changing {
    /// It says so and does nothing.
    ignores: bool,
    /// There is no such function.
    missing: bool,
    /// It takes the new value beside the old one.
    adds: bool,
    /// It changes once and never again.
    once: bool,
    /// Other sessions go on.
    keeps_sessions: bool,
    /// It says that something went wrong, and changes the value.
    lies: bool,
}

const GOOD: Changing =
    Changing { ignores: false, missing: false, adds: false, once: false, keeps_sessions: false, lies: false };

impl Changing {
    /// The reading, what is left in escrow, the passwords that hold at the end, and what the record shows.
    fn measured(self, has_escrow: bool) -> (Reading, usize, Vec<String>, String) {
        let holding = Rc::new(RefCell::new(vec!["the old one".to_owned()]));
        let kept = Rc::clone(&holding);
        let (mut sessions, mut count, mut changes) = (Vec::<u64>::new(), 500_u64, 0);
        let mut bench = ScriptedBench::refusing().answering(80, move |heard| {
            let text = String::from_utf8_lossy(heard).into_owned();
            let body = text.split_once("\r\n\r\n")?.1;
            if text.starts_with("POST") && !body.ends_with('}') {
                return None;
            }
            let told: serde_json::Value = serde_json::from_str(body).unwrap_or_default();
            let shown = text.split_once("sid=").and_then(|(_, rest)| rest[..8].parse::<u64>().ok());
            let is_in = shown.is_some_and(|sid| sessions.contains(&sid));
            let answer = |head: &str| format!("HTTP/1.1 {head}\r\nContent-Length: 2\r\n\r\n{{}}").into_bytes();
            let holds = |value: &serde_json::Value| kept.borrow().iter().any(|one| value == one.as_str());
            Some(match text.split(' ').take(2).collect::<Vec<_>>()[..] {
                ["POST", "/login"] if holds(&told["password"]) => {
                    count += 1;
                    sessions.push(count);
                    answer(&format!("200 OK\r\nSet-Cookie: sid={count:08}"))
                }
                ["POST", "/password"] if self.missing => answer("404 No"),
                ["POST", "/password"] if is_in && holds(&told["old"]) => {
                    changes += 1;
                    if self.once && changes > 1 {
                        return Some(answer("422 Used before"));
                    }
                    if !self.ignores {
                        if !self.adds {
                            kept.borrow_mut().clear();
                        }
                        kept.borrow_mut().push(told["new"].as_str().unwrap().to_owned());
                        sessions.retain(|sid| self.keeps_sessions || Some(*sid) == shown);
                    }
                    answer(if self.lies && changes == 1 { "500 Oops" } else { "200 OK" })
                }
                ["GET", "/state"] if is_in => answer("200 OK"),
                _ => answer("401 No"),
            })
        });
        if has_escrow {
            bench = bench.keeping_escrow();
        }
        let endpoint = model::Endpoint::tcp(bench.device(), 80);
        let door = json!({"endpoint": endpoint, "scheme": "http-json", "path": "/login"});
        let parameters = json!({"changes": [{
            "login": {"door": door, "user": "somebody", "secret": "the old one"},
            "request": "POST /password", "body": r#"{"old": "{old}", "new": "{new}"}"#,
            "guarded": {"server": {"endpoint": endpoint}, "path": "/state"},
        }]});
        let log = gather(&serde_json::from_value(parameters).unwrap(), &mut bench);
        let bytes = serde_json::to_vec(&log).unwrap();
        let sent: String = bench.sent.iter().map(|(_, sent)| String::from_utf8_lossy(sent).into_owned()).collect();
        let left = bench.escrow.len();
        let holding = holding.borrow().clone();
        (
            interpret(&serde_json::from_slice(&bytes).unwrap()),
            left,
            holding,
            sent + &String::from_utf8_lossy(&bytes),
        )
    }
}

fn fact(reading: &Reading) -> &model::CredentialChange {
    match reading.facts.as_slice() {
        [model::Fact::CredentialChange(fact)] => fact,
        other => panic!("{other:?}"),
    }
}

type Seen = (ChangeAnswer, Option<bool>, Option<bool>, Option<bool>);

fn seen(reading: &Reading) -> Seen {
    let fact = fact(reading);
    (fact.answered, fact.new_accepted, fact.old_accepted, fact.sessions_ended)
}

#[test]
fn a_change_that_works_is_told_and_undone_and_no_value_stands_anywhere() {
    let (reading, left, holding, record) = GOOD.measured(true);
    assert_eq!(seen(&reading), (ChangeAnswer::Done, Some(true), Some(false), Some(true)));
    assert_eq!((reading.shortfalls.as_slice(), left), (&[][..], 0));
    assert_eq!(holding, ["the old one"]);
    assert!(!record.contains("the old one") && !record.contains("Kq7-"), "{record}");
}

#[test]
fn changes_that_do_not_work_are_told_apart() {
    let told = |changing: Changing| {
        let (reading, left, holding, _) = changing.measured(true);
        assert_eq!((reading.shortfalls.as_slice(), left, holding), (&[][..], 0, vec!["the old one".to_owned()]));
        seen(&reading)
    };
    let done = ChangeAnswer::Done;
    assert_eq!(told(Changing { ignores: true, ..GOOD }), (done, Some(false), Some(true), Some(false)));
    assert_eq!(told(Changing { missing: true, ..GOOD }), (ChangeAnswer::NotThere, None, None, None));
    assert_eq!(told(Changing { keeps_sessions: true, ..GOOD }), (done, Some(true), Some(false), Some(false)));
    assert_eq!(told(Changing { lies: true, ..GOOD }), (ChangeAnswer::Refused, None, None, None));
}

#[test]
fn a_value_that_cannot_be_changed_back_is_said_and_stays_in_escrow() {
    let (reading, left, holding, _) = Changing { once: true, ..GOOD }.measured(true);
    assert_eq!((reading.shortfalls[0].kind, left), (ShortfallKind::NotRestored, 1));
    assert_ne!(holding, ["the old one"]);
    let (reading, left, ..) = Changing { adds: true, ..GOOD }.measured(true);
    assert_eq!(seen(&reading).2, Some(true));
    assert_eq!((reading.shortfalls[0].kind, left), (ShortfallKind::NotRestored, 1));
}

#[test]
fn without_a_place_for_the_new_value_nothing_is_changed() {
    let (reading, _, holding, record) = GOOD.measured(false);
    assert!(reading.facts.is_empty() && !record.contains("POST /password HTTP"), "{record}");
    assert_eq!((reading.shortfalls[0].kind, holding), (ShortfallKind::Missing, vec!["the old one".to_owned()]));
}
