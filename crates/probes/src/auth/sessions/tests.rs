use serde_json::json;

use super::*;
use crate::scripted::ScriptedBench;

/// A device with a login and a page behind it.
#[derive(Clone, Copy)]
struct Holding {
    /// How the number of a session is written.
    identifier: fn(u64) -> String,
    attributes: &'static str,
    ends: bool,
    /// The page is for everybody.
    public: bool,
    /// Logins until it asks to slow down.
    logins: u64,
}

fn mixed(count: u64) -> String {
    let mixed = |salt: u64| {
        (count ^ salt).wrapping_mul(0x5851_f42d_4c95_7f2d).rotate_left(29).wrapping_mul(0x9e37_79b9_7f4a_7c15)
    };
    format!("{:016x}{:016x}", mixed(1), mixed(0x77))
}

const GOOD: Holding = Holding {
    identifier: mixed,
    attributes: "; HttpOnly; Secure; SameSite=Strict",
    ends: true,
    public: false,
    logins: 100,
};

impl Holding {
    fn measured(self, logout: bool) -> Reading {
        let (mut open, mut count): (Vec<String>, u64) = (Vec::new(), 41);
        let mut bench = ScriptedBench::refusing().answering(80, move |heard| {
            let text = String::from_utf8_lossy(heard).into_owned();
            text.split_once("\r\n\r\n")?;
            let shown =
                text.split_once("sid=").map(|(_, rest)| rest.split([';', '\r']).next().unwrap().to_owned());
            let is_in = shown.as_ref().is_some_and(|sid| open.contains(sid));
            let answer = |head: &str| format!("HTTP/1.1 {head}\r\nContent-Length: 2\r\n\r\n{{}}").into_bytes();
            Some(match text.split(' ').take(2).collect::<Vec<_>>()[..] {
                ["POST", "/login"] if count - 41 < self.logins => {
                    count += 1;
                    let token = (self.identifier)(count);
                    open.push(token.clone());
                    answer(&format!("200 OK\r\nSet-Cookie: lang=en\r\nSet-Cookie: sid={token}{}", self.attributes))
                }
                ["POST", "/login"] => answer("429 Slow"),
                ["POST", "/logout"] if is_in => {
                    open.retain(|sid| !self.ends || Some(sid) != shown.as_ref());
                    answer("200 OK")
                }
                ["GET", "/state"] if is_in || self.public => answer("200 OK"),
                _ => answer("401 No"),
            })
        });
        let endpoint = model::Endpoint::tcp(bench.device(), 80);
        let door = json!({"endpoint": endpoint, "scheme": "http-json", "path": "/login"});
        let login = json!({"door": door, "user": "somebody", "secret": "right one"});
        let guarded = json!({"server": {"endpoint": endpoint}, "path": "/state"});
        let logout = logout.then_some("POST /logout");
        let parameters = json!({"logins": [{"login": login, "guarded": guarded, "logout": logout}]});
        let log = gather(&serde_json::from_value(parameters).unwrap(), &mut bench);
        let bytes = serde_json::to_vec(&log).unwrap();
        for number in 42..60 {
            let identifier = (self.identifier)(number);
            assert!(!String::from_utf8_lossy(&bytes).contains(&identifier) || identifier.len() < 4);
        }
        interpret(&serde_json::from_slice(&bytes).unwrap())
    }
}

fn fact(reading: &Reading) -> &SessionFacts {
    match reading.facts.as_slice() {
        [Fact::Session(fact)] => fact,
        other => panic!("{other:?}"),
    }
}

fn sid(reading: &Reading) -> &SessionCarrier {
    fact(reading).carriers.iter().find(|one| one.name == "sid").unwrap()
}

#[test]
fn a_good_login_is_told_with_its_cookie_and_its_end() {
    let reading = GOOD.measured(true);
    assert_eq!(reading.shortfalls, []);
    let told = sid(&reading);
    assert!(told.secure && told.http_only && told.cookie);
    assert_eq!((told.same_site.as_deref(), told.pattern, told.alone), (Some("strict"), None, Some(true)));
    assert_eq!((told.bits_at_most, fact(&reading).sample), (128, 6));
    assert_eq!(fact(&reading).ends_on_logout, Some(true));
    let label = &fact(&reading).carriers[0];
    assert_eq!(
        (label.name.as_str(), label.pattern, label.alone),
        ("lang", Some(SessionPattern::Constant), Some(false))
    );
}

#[test]
fn counted_identifiers_bare_cookies_and_sessions_without_an_end_are_told() {
    let counted = Holding { identifier: |count| format!("{:08}", count + 1000), ..GOOD };
    assert_eq!(sid(&counted.measured(true)).pattern, Some(SessionPattern::Counted));
    let one = Holding { identifier: |_| "the-only-session".to_owned(), ..GOOD };
    assert_eq!(sid(&one.measured(true)).pattern, Some(SessionPattern::Constant));
    let bare = Holding { attributes: "", ..GOOD }.measured(true);
    assert!(!sid(&bare).secure && !sid(&bare).http_only && sid(&bare).same_site.is_none());
    assert_eq!(fact(&Holding { ends: false, ..GOOD }.measured(true)).ends_on_logout, Some(false));
}

#[test]
fn what_does_not_tell_a_session_from_none_says_nothing_of_its_end() {
    let reading = Holding { public: true, ..GOOD }.measured(true);
    assert_eq!((fact(&reading).ends_on_logout, sid(&reading).alone), (None, None));
    assert_eq!(reading.shortfalls.len(), 1);
    let reading = GOOD.measured(false);
    assert_eq!(fact(&reading).ends_on_logout, None);
    assert!(reading.shortfalls[0].text.contains("how to log out is not known"));
}

#[test]
fn a_login_that_is_refused_leaves_no_fact_of_one_session() {
    let reading = Holding { logins: 1, ..GOOD }.measured(true);
    assert!(reading.facts.is_empty() && reading.coverage.is_empty());
    assert_eq!(reading.shortfalls[0].kind, ShortfallKind::Limit);
}
