//! Whether well-known default credentials, and the one on this unit's label, are accepted.
//!
//! A few tries per door, far below any lockout; the first well-known one that is accepted ends it for that door.

use std::time::Duration;

use model::{Coverage, Credential, Fact, LoginOutcome, Reading, Shortfall, ShortfallKind, Touches};
use serde::{Deserialize, Serialize};

use super::door::{Control, Door, Guess, Knock, control, knock, proved_knock};
use crate::{Bench, Card, Need, Secret};

/// How long a block is taken to last that does not say it.
const USUAL_BLOCK: Duration = Duration::from_secs(2);
/// A longer one is left to end by itself.
const LONGEST_BLOCK: Duration = Duration::from_secs(60);
/// Longer than a door says, so that its clock and ours may differ a little.
const GRACE: Duration = Duration::from_millis(250);

/// The card.
pub const CARD: Card = Card {
    id: "auth.defaults",
    revision: 2,
    asks: "Which of the well-known default credentials, and does the one on the label, open this door?",
    yields: &["login"],
    touches: Touches::Intrusive,
    needs: &[Need::Endpoints, Need::Accounts],
};

/// Where to knock, and with what.
#[derive(Debug, Clone, Deserialize)]
pub struct Parameters {
    /// The doors.
    pub doors: Vec<Door>,
    /// The pre-installed credential of this unit, where the bench has it, and any other the operator adds.
    #[serde(default)]
    pub own: Vec<Own>,
    /// Wrong credentials per door; below the lockout that the operator knows of.
    #[serde(default = "few")]
    pub budget: u32,
}

fn few() -> u32 {
    4
}

/// A credential that the bench knows.
#[derive(Debug, Clone, Deserialize)]
pub struct Own {
    /// Index into the doors.
    pub door: usize,
    /// What it is.
    pub credential: Credential,
    /// User name.
    pub user: String,
    /// Secret.
    pub secret: Secret,
}

/// What came back.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Log {
    /// One part per door.
    pub doors: Vec<DoorLog>,
}

/// What happened at one door.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct DoorLog {
    /// Which.
    pub door: Door,
    /// How it answers a surely wrong credential.
    pub control: Control,
    /// Each try, in order.
    pub tries: Vec<(Credential, Knock)>,
    /// Credentials that were not tried: the budget or the allowance was used up, or the attack had succeeded.
    pub left_out: Vec<Credential>,
    /// What a right credential did at the end, which on most devices clears the count of wrong ones: other doors may
    /// share it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub restored: Option<Knock>,
}

/// User name and password of devices, the most common first (the dictionaries of the Mirai family and vendor manuals).
const WELL_KNOWN: [(&str, &str); 14] = [
    ("admin", "admin"),
    ("admin", ""),
    ("root", "root"),
    ("admin", "password"),
    ("admin", "1234"),
    ("root", ""),
    ("admin", "12345"),
    ("user", "user"),
    ("support", "support"),
    ("admin", "123456"),
    ("root", "admin"),
    ("guest", "guest"),
    ("service", "service"),
    ("anonymous", "anonymous@"),
];

/// Whether a secret is one that everybody knows, as this probe tries it.
pub fn is_well_known_secret(secret: &str) -> bool {
    COMMUNITIES.contains(&secret) || WELL_KNOWN.iter().any(|(_, password)| *password == secret)
}

/// SNMP communities that everybody knows.
const COMMUNITIES: [&str; 3] = ["public", "private", "admin"];

/// Which well-known ones come first at a door: those that its protocol is known for.
fn order(door: &Door) -> Vec<(&'static str, &'static str)> {
    let mut list = WELL_KNOWN.to_vec();
    match door.scheme {
        model::AuthScheme::SnmpCommunity => return COMMUNITIES.map(|community| ("", community)).to_vec(),
        model::AuthScheme::Ftp => list.rotate_right(1),
        model::AuthScheme::SshPassword | model::AuthScheme::TelnetLogin => list.swap(0, 2),
        // Root rarely logs in to a web page; the support account does, and a small budget should reach it.
        _ => list.swap(2, 8),
    }
    list
}

/// Knocks at each door.
pub fn gather(parameters: &Parameters, bench: &mut dyn Bench) -> Log {
    let of = parameters.doors.len() as u64;
    let mut doors = Vec::new();
    for (index, door) in parameters.doors.iter().enumerate() {
        bench.progress(index as u64, of);
        doors.push(at_door(index, door, parameters, bench));
    }
    Log { doors }
}

fn at_door(index: usize, door: &Door, parameters: &Parameters, bench: &mut dyn Bench) -> DoorLog {
    let own: Vec<&Own> = parameters.own.iter().filter(|o| o.door == index).collect();
    let user = own.first().map_or("admin", |o| o.user.as_str());
    let mut budget = parameters.budget;
    let mut spend = |bench: &mut dyn Bench| {
        let may = budget > 0 && bench.attempt(&door.name());
        budget = budget.saturating_sub(1);
        may
    };
    let mut log = DoorLog {
        door: door.clone(),
        control: Control::none(),
        tries: Vec::new(),
        left_out: Vec::new(),
        restored: None,
    };
    if spend(bench) {
        log.control = control(door, user, bench);
    }
    let mut over = !is_evaluating(&log);
    let mut right = None;
    // A right credential costs no attempt, and on most devices it clears the count of wrong ones.
    for own in &own {
        if over {
            log.left_out.push(own.credential.clone());
            continue;
        }
        let guess = Guess { user: &own.user, secret: &own.secret, hidden: true, forwarded: None };
        // What is expected to be right is proved only where a refusal shows in nothing but the shape of a page.
        let knock = match log.control.is_rejected() {
            true => knock(door, guess, &log.control, bench),
            false => proved_knock(door, guess, &log.control, bench),
        };
        if matches!(knock, Knock::Accepted(_)) {
            log.control.is_now_told_apart();
            right = Some(guess);
        }
        log.tries.push((own.credential.clone(), knock));
    }
    for (user, password) in order(door) {
        let credential = Credential::WellKnown(format!("{user}/{password}"));
        if over || !spend(bench) {
            log.left_out.push(credential);
            continue;
        }
        let secret = Secret::new(password);
        let knock = proved_knock(
            door,
            Guess { user, secret: &secret, hidden: false, forwarded: None },
            &log.control,
            bench,
        );
        over = match &knock {
            Knock::NoAnswer { kind: ShortfallKind::Silence, .. } => !refuses_by_silence(door),
            Knock::Rejected(_) | Knock::Unclear(_) => false,
            Knock::Open(_) | Knock::Accepted(_) | Knock::Blocked { .. } | Knock::NoAnswer { .. } => true,
        };
        log.tries.push((credential, knock));
    }
    wait_for_the_end(&log, bench);
    log.restored = right.map(|right| knock(door, right, &log.control, bench));
    log
}

/// A block that the search brought about is left to end here, so that it meets nothing that follows: doors may share
/// one count.
fn wait_for_the_end(log: &DoorLog, bench: &mut dyn Bench) {
    let knocks = log.tries.iter().map(|(_, knock)| knock).chain([&log.control.knock]);
    let blocks = knocks.filter_map(|knock| match knock {
        Knock::Blocked { millis, .. } => Some(millis.map_or(USUAL_BLOCK, Duration::from_millis)),
        _ => None,
    });
    if let Some(block) = blocks.max().filter(|block| *block <= LONGEST_BLOCK) {
        bench.pause(block + GRACE);
    }
}

/// Whether the door's answer to a credential nobody has is one that others can be told apart from.
fn is_evaluating(log: &DoorLog) -> bool {
    match &log.control.knock {
        Knock::Rejected(_) => true,
        // The shape of an answer that refuses nothing by itself may still differ from that to a right credential.
        Knock::Unclear(_) => !log.control.shape.is_empty(),
        Knock::NoAnswer { kind: ShortfallKind::Silence, .. } => refuses_by_silence(&log.door),
        Knock::Open(_) | Knock::Accepted(_) | Knock::Blocked { .. } | Knock::NoAnswer { .. } => false,
    }
}

/// An SNMP agent does not answer a wrong community (RFC 3584 section 5.2.1).
fn refuses_by_silence(door: &Door) -> bool {
    door.scheme == model::AuthScheme::SnmpCommunity
}

/// Reads a log.
pub fn interpret(log: &Log) -> Reading {
    let mut reading = Reading::default();
    for at in &log.doors {
        let mut missed = |kind, text: String| {
            let text = format!("{} {}: {text}", at.door.endpoint, at.door.scheme);
            reading.shortfalls.push(Shortfall {
                kind,
                of: "logins".into(),
                endpoint: Some(at.door.endpoint),
                text,
            });
        };
        let mut evaluated = Vec::new();
        let mut facts = Vec::new();
        let mut login = |credential: &Credential, accepted: bool, told_by: &str| {
            evaluated.push(named(credential));
            facts.push(Fact::Login(LoginOutcome {
                endpoint: at.door.endpoint,
                scheme: at.door.scheme,
                path: at.door.path.clone(),
                credential: credential.clone(),
                accepted,
                told_by: told_by.to_owned(),
            }));
        };
        match &at.control.knock {
            Knock::Open(told_by) => login(&Credential::None, true, told_by),
            Knock::Accepted(told_by) => login(&Credential::Wrong, true, told_by),
            _ => {}
        }
        // Silence refuses a community only where another one shows that the agent is there.
        let is_there =
            refuses_by_silence(&at.door) && at.tries.iter().any(|(_, k)| matches!(k, Knock::Accepted(_)));
        for (credential, knock) in &at.tries {
            match knock {
                Knock::Open(told_by) => login(&Credential::None, true, told_by),
                Knock::Accepted(told_by) => login(credential, true, told_by),
                Knock::Rejected(told_by) => login(credential, false, told_by),
                Knock::NoAnswer { kind: ShortfallKind::Silence, .. } if is_there => {
                    login(credential, false, "silence, while another community was answered");
                }
                Knock::Blocked { told_by, .. } => {
                    missed(ShortfallKind::Limit, format!("{} not evaluated: {told_by}", named(credential)));
                }
                Knock::Unclear(told_by) => {
                    missed(ShortfallKind::Unreadable, format!("{} unclear: {told_by}", named(credential)));
                }
                Knock::NoAnswer { kind, told_by } => missed(*kind, format!("{}: {told_by}", named(credential))),
            }
        }
        if at.tries.is_empty() {
            let kind = match &at.control.knock {
                Knock::NoAnswer { kind, .. } => *kind,
                Knock::Unclear(_) => ShortfallKind::Unreadable,
                _ => ShortfallKind::Limit,
            };
            missed(kind, format!("nothing was tried: {}", at.control.knock.told_by()));
        }
        if let Some(knock) = at.restored.as_ref().filter(|knock| !matches!(knock, Knock::Accepted(_))) {
            missed(ShortfallKind::NotRestored, format!("the right credential at the end: {}", knock.told_by()));
        }
        if !at.left_out.is_empty() {
            missed(ShortfallKind::Limit, format!("{} credentials were not tried", at.left_out.len()));
        }
        reading.facts.append(&mut facts);
        if !evaluated.is_empty() {
            reading.coverage.push(Coverage {
                of: "logins".into(),
                endpoint: Some(at.door.endpoint),
                ports: Vec::new(),
                text: format!("{} {}: {}", at.door.endpoint, at.door.scheme, evaluated.join(", ")),
            });
        }
    }
    reading
}

fn named(credential: &Credential) -> String {
    match credential {
        Credential::WellKnown(name) => name.clone(),
        Credential::DeclaredDefault => "the label's credential".to_owned(),
        Credential::Valid => "the valid credential".to_owned(),
        Credential::LowPrivilege => "a low-privilege credential".to_owned(),
        Credential::Wrong => "a wrong credential".to_owned(),
        Credential::None => "no credential".to_owned(),
        Credential::Expired => "a session that has ended".to_owned(),
        Credential::Altered(how) => format!("an altered session ({how})"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::scripted::ScriptedBench;

    fn door(port: u16, scheme: model::AuthScheme) -> Door {
        let endpoint = model::Endpoint::tcp("192.0.2.7".parse().unwrap(), port);
        Door { endpoint, tls: false, host: None, scheme, path: Some("/login".to_owned()) }
    }

    fn run(door: Door, bench: &mut ScriptedBench) -> Reading {
        interpret(&gather(&Parameters { doors: vec![door], own: vec![], budget: 4 }, bench))
    }

    fn accepted(reading: &Reading) -> Vec<String> {
        let login = |f: &Fact| match f {
            Fact::Login(l) if l.accepted => Some(named(&l.credential)),
            _ => None,
        };
        reading.facts.iter().filter_map(login).collect()
    }

    #[test]
    fn a_default_that_opens_a_json_login_is_found_and_ends_the_attack() {
        let mut bench = ScriptedBench::refusing().answering(80, |heard| {
            let text = String::from_utf8_lossy(heard).into_owned();
            if !text.contains('}') {
                return None;
            }
            Some(match text.contains("\"password\":\"admin\"") {
                true => b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\nSet-Cookie: s=1\r\n\r\n{}".to_vec(),
                false => b"HTTP/1.1 401 No\r\nContent-Length: 0\r\n\r\n".to_vec(),
            })
        });
        let reading = run(door(80, model::AuthScheme::HttpJson), &mut bench);
        assert_eq!(accepted(&reading), ["admin/admin"]);
        assert!(reading.shortfalls.iter().any(|s| s.text.contains("were not tried")));
    }

    #[test]
    fn a_login_that_always_says_200_accepts_nothing_but_is_unclear() {
        let mut bench = ScriptedBench::refusing().answering(80, |h| {
            h.ends_with(b"}").then(|| b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n{}".to_vec())
        });
        let reading = run(door(80, model::AuthScheme::HttpJson), &mut bench);
        assert!(reading.facts.is_empty(), "{reading:?}");
        assert!(reading.shortfalls.iter().any(|s| s.text.contains("unclear")));
    }

    #[test]
    fn a_block_that_the_search_brought_about_has_ended_when_the_next_door_is_tried() {
        let mut bench = ScriptedBench::refusing();
        let clock = bench.clock();
        let (mut wrong, mut until) = (0, 0);
        bench = bench.answering(80, move |heard| {
            heard.ends_with(b"}").then(|| {
                let blocked = clock.get() < until;
                wrong += u32::from(!blocked);
                if !blocked && wrong == 3 {
                    until = clock.get() + 9000;
                }
                match blocked {
                    true => b"HTTP/1.1 429 Slow\r\nRetry-After: 9\r\nContent-Length: 0\r\n\r\n".to_vec(),
                    false => b"HTTP/1.1 401 No\r\nContent-Length: 0\r\n\r\n".to_vec(),
                }
            })
        });
        let doors = ["/login", "/other"]
            .map(|path| Door { path: Some(path.to_owned()), ..door(80, model::AuthScheme::HttpJson) });
        let log = gather(&Parameters { doors: doors.to_vec(), own: vec![], budget: 4 }, &mut bench);
        assert!(matches!(log.doors[0].tries.last(), Some((_, Knock::Blocked { .. }))), "{log:?}");
        assert!(log.doors[1].control.is_rejected(), "{log:?}");
    }

    #[test]
    fn a_silent_door_is_a_shortfall_and_no_refusal() {
        let mut bench = ScriptedBench::refusing().answering(23, |_| None);
        let reading = run(door(23, model::AuthScheme::TelnetLogin), &mut bench);
        assert!(reading.facts.is_empty() && reading.coverage.is_empty());
        assert!(!reading.shortfalls.is_empty());
    }
}
