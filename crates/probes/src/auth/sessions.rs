//! How a login holds the sessions that it opens: cookie attributes, identifiers that can be foretold, an end by logging out.
//!
//! A small sample: it shows identifiers that are counted or repeated, and how many bits can differ at most. That they are
//! drawn well is not seen. Identifiers never stand in the log; what is kept of them is their form.

mod sample;

use model::{
    Coverage, Fact, Reading, SessionCarrier, SessionFacts, SessionPattern, Shortfall, ShortfallKind, Touches,
};
use serde::{Deserialize, Serialize};

use crate::auth::door::Door;
use crate::http::access::Login;
use crate::http::answer::Answer;
use crate::http::exchange::Server;
use crate::http::session::{NoSession, Session};
use crate::{Bench, Card, Need};

/// The card.
pub const CARD: Card = Card {
    id: "auth.sessions",
    revision: 1,
    asks: "How does this login hold its sessions: by which cookie or token, can the next be foretold, does logging out end one?",
    yields: &["session"],
    touches: Touches::Intrusive,
    needs: &[Need::Endpoints, Need::Accounts],
};

const OF: &str = "sessions";
/// Sessions opened at most; every one takes a place in the product.
const MOST: u32 = 12;

/// Where to log in.
#[derive(Debug, Clone, Deserialize)]
pub struct Parameters {
    /// The logins.
    pub logins: Vec<Target>,
    /// Sessions to open at each.
    #[serde(default = "six")]
    pub sample: u32,
}

fn six() -> u32 {
    6
}

/// A login and what shows whether its sessions hold.
#[derive(Debug, Clone, Deserialize)]
pub struct Target {
    /// The login.
    pub login: Login,
    /// A path that is guarded by it.
    #[serde(default)]
    pub guarded: Option<Guarded>,
    /// The request that logs out.
    #[serde(default)]
    pub logout: Option<String>,
}

/// A page that only a session is let in to.
#[derive(Debug, Clone, Deserialize)]
pub struct Guarded {
    /// Where.
    pub server: Server,
    /// Its path; it is asked for with GET.
    pub path: String,
}

/// What came back.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Log {
    /// One part per login.
    pub logins: Vec<LoginLog>,
}

/// What one login showed.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct LoginLog {
    /// Which.
    pub door: Door,
    /// Sessions that were opened.
    pub opened: u32,
    /// Whether the credential is shown each time, so that there is nothing to hand out.
    #[serde(default)]
    pub shown_each_time: bool,
    /// What a session is shown by.
    pub carriers: Vec<CarrierLog>,
    /// Whether the guarded page turns away whoever has no session.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub guarded: Option<Result<bool, NoSession>>,
    /// What the guarded page says to a session before it logs out, and behind it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub logout: Option<Result<(Answer, Answer), NoSession>>,
    /// Why no further session was opened.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub stopped: Option<NoSession>,
}

/// What is kept of a cookie or token.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct CarrierLog {
    /// Name of the cookie, or `bearer`.
    pub name: String,
    /// Its attributes; none for a token.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub cookie: Option<Attributes>,
    /// The form of its values.
    pub form: Form,
    /// What the guarded page says where it is shown alone.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub alone: Option<Answer>,
}

/// Attributes of a cookie that bear on its protection.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Attributes {
    /// `Secure`.
    pub secure: bool,
    /// `HttpOnly`.
    pub http_only: bool,
    /// `SameSite`, as received.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub same_site: Option<String>,
}

/// The form of values that were handed out one after the other.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Form {
    /// How many there were.
    pub values: u32,
    /// How many of them had come before.
    pub repeated: u32,
    /// Characters of each, at most, that differ between any two.
    pub differing: u32,
    /// How many different signs such a place can take, by the kinds of signs seen there.
    pub signs: u32,
    /// From each value to the next where all are numbers, decimal or else hexadecimal, that grow by small steps.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub steps: Vec<i64>,
}

/// Opens sessions at each login.
pub fn gather(parameters: &Parameters, bench: &mut dyn Bench) -> Log {
    let of = parameters.logins.len() as u64;
    let mut logins = Vec::new();
    for (index, target) in parameters.logins.iter().enumerate() {
        bench.progress(index as u64, of);
        logins.push(at_login(target, parameters.sample.clamp(2, MOST), bench));
    }
    Log { logins }
}

fn at_login(target: &Target, sample: u32, bench: &mut dyn Bench) -> LoginLog {
    let mut log = LoginLog {
        door: target.login.door.clone(),
        opened: 0,
        shown_each_time: false,
        carriers: Vec::new(),
        guarded: None,
        logout: None,
        stopped: None,
    };
    let mut sessions = Vec::new();
    while log.opened < sample && log.stopped.is_none() && !log.shown_each_time {
        match Session::open(&target.login, bench) {
            Ok(session) => {
                log.shown_each_time = !session.is_handed_out();
                log.opened += 1;
                sessions.push(session);
            }
            Err(why) => log.stopped = Some(why),
        }
    }
    let Some(last) = sessions.last().filter(|session| session.is_handed_out()) else { return log };
    log.carriers = last.carriers().iter().map(|(name, _)| carrier(name, last, &sessions)).collect();
    if let Some(guarded) = &target.guarded {
        let asked = |session: &Session, bench: &mut dyn Bench| {
            let response = session.send(&guarded.server, "GET", &guarded.path, None, bench);
            response.map(|r| Answer::of(&r, &guarded.path)).map_err(|e| (e.shortfall(), e.to_string()))
        };
        let bare = asked(&Session::default(), bench);
        let with = asked(last, bench);
        let is_guarded = bare.and_then(|bare| with.map(|with| !bare.is_success() && with.is_success()));
        if is_guarded == Ok(true) {
            for carrier in &mut log.carriers {
                carrier.alone = asked(&last.shown_by(&carrier.name), bench).ok();
            }
            log.logout = target.logout.as_deref().map(|request| {
                let before = asked(last, bench)?;
                last.log_out(&guarded.server, request, bench)?;
                Ok((before, asked(last, bench)?))
            });
        }
        log.guarded = Some(is_guarded);
    }
    // Every session takes a place in the product; those that can be given back are.
    if let (Some(request), Some(guarded)) = (&target.logout, &target.guarded) {
        for session in &sessions[..sessions.len() - 1] {
            session.log_out(&guarded.server, request, bench).ok();
        }
    }
    log
}

fn carrier(name: &str, last: &Session, sessions: &[Session]) -> CarrierLog {
    let values: Vec<String> = sessions
        .iter()
        .filter_map(|session| session.carriers().into_iter().find(|(own, _)| *own == name))
        .map(|(_, value)| value.to_owned())
        .collect();
    let cookie = last.cookie(name).map(|cookie| Attributes {
        secure: cookie.secure,
        http_only: cookie.http_only,
        same_site: cookie.same_site.as_deref().map(|text| wire::text::visible_str(text, 20)),
    });
    CarrierLog { name: wire::text::visible_str(name, 60), cookie, form: Form::of(&values), alone: None }
}

/// Reads a log.
pub fn interpret(log: &Log) -> Reading {
    let mut reading = Reading::default();
    for login in &log.logins {
        read_login(login, &mut reading);
    }
    reading
}

fn read_login(log: &LoginLog, reading: &mut Reading) {
    let (endpoint, scheme) = (log.door.endpoint, log.door.scheme);
    let mut missed = |kind, of: &str, text: &str| {
        let text = format!("{endpoint} {scheme}: {text}");
        reading.shortfalls.push(Shortfall { kind, of: of.to_owned(), endpoint: Some(endpoint), text });
    };
    if log.shown_each_time {
        missed(ShortfallKind::Unsupported, OF, "it hands out no session; the credential is shown each time");
        return;
    }
    if let Some((kind, why)) = &log.stopped {
        missed(*kind, OF, &format!("{} sessions were opened, then: {why}", log.opened));
    }
    if log.carriers.is_empty() || log.opened < 2 {
        return;
    }
    match &log.guarded {
        None => {
            missed(ShortfallKind::Missing, "session-end", "no page is known that shows whether a session holds")
        }
        Some(Err((kind, why))) => missed(*kind, "session-end", why),
        Some(Ok(false)) => {
            missed(ShortfallKind::Missing, "session-end", "the page to look at does not tell a session from none");
        }
        Some(Ok(true)) => {}
    }
    let (mut ends_on_logout, mut told_by) = (None, String::new());
    match &log.logout {
        Some(Ok((before, after))) if before.is_success() => {
            ends_on_logout = Some(!after.is_success());
            told_by = format!("{}, and {} after logging out", before.told(), after.told());
        }
        Some(Ok((before, _))) => {
            missed(ShortfallKind::Missing, "session-end", &format!("before it ended: {}", before.told()));
        }
        Some(Err((kind, why))) => missed(*kind, "session-end", why),
        None if log.guarded == Some(Ok(true)) => {
            missed(ShortfallKind::Missing, "session-end", "how to log out is not known");
        }
        None => {}
    }
    reading.facts.push(Fact::Session(SessionFacts {
        endpoint,
        scheme,
        path: log.door.path.clone(),
        sample: log.opened,
        carriers: log.carriers.iter().map(told).collect(),
        ends_on_logout,
        told_by,
    }));
    reading.coverage.push(Coverage {
        of: OF.into(),
        endpoint: Some(endpoint),
        ports: Vec::new(),
        text: format!("{endpoint} {scheme}: {} sessions", log.opened),
    });
}

fn told(log: &CarrierLog) -> SessionCarrier {
    let attributes = log.cookie.as_ref();
    SessionCarrier {
        name: log.name.clone(),
        cookie: log.cookie.is_some(),
        secure: attributes.is_some_and(|a| a.secure),
        http_only: attributes.is_some_and(|a| a.http_only),
        same_site: attributes.and_then(|a| a.same_site.as_ref()).map(|text| text.to_lowercase()),
        bits_at_most: log.form.bits_at_most(),
        pattern: log.form.pattern(),
        alone: log.alone.as_ref().map(Answer::is_success),
    }
}

impl Form {
    fn pattern(&self) -> Option<SessionPattern> {
        match self {
            _ if self.values < 2 => None,
            _ if self.repeated + 1 == self.values => Some(SessionPattern::Constant),
            _ if self.repeated > 0 => Some(SessionPattern::Repeated),
            _ if self.is_counted() => Some(SessionPattern::Counted),
            _ => None,
        }
    }
}

#[cfg(test)]
mod tests;
