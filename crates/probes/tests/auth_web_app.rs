//! http.access, auth.sessions and auth.change at a web application in Python with sessions and roles, sound and careless.
#![allow(clippy::unwrap_used)]

use std::io::{BufRead, BufReader};
use std::path::Path;
use std::process::{Child, Command, Stdio};

use model::{ChangeAnswer, Credential, Endpoint, Fact, Reading, SessionPattern, ShortfallKind};
use probes::{Limits, LiveBench, Scope, listed};
use serde_json::{Value, json};
use testkit::{StartError, ready};

/// The application; the words behind it say in what it is careless.
const APP: &str = r#"
import http.server, json, secrets, sys
careless = set(sys.argv[1:])
passwords = {'alice': 'wonderland-7', 'bob': 'builder-and-son'}
roles = {'alice': 'admin', 'bob': 'reader'}
sessions, counter = {}, [1000]
settings = {'ntp': 'pool.example'}
class App(http.server.BaseHTTPRequestHandler):
    protocol_version = 'HTTP/1.1'
    def log_message(self, *a): pass
    def answer(self, status, body, cookies=()):
        text = json.dumps(body).encode()
        self.send_response(status)
        self.send_header('Content-Type', 'application/json')
        self.send_header('Content-Length', str(len(text)))
        for cookie in cookies: self.send_header('Set-Cookie', cookie)
        self.end_headers()
        self.wfile.write(text)
    def cookies(self):
        pairs = [p.strip().split('=', 1) for p in self.headers.get('Cookie', '').split(';') if '=' in p]
        return dict(pairs)
    def user(self):
        sid = self.cookies().get('sid', '')
        if 'prefix' in careless:
            return next((u for s, u in sessions.items() if s[:20] == sid[:20]), None)
        return sessions.get(sid)
    def role(self):
        user = self.user()
        if user and 'label' in careless and 'role' in self.cookies(): return self.cookies()['role']
        return roles.get(user)
    def message(self):
        return json.loads(self.rfile.read(int(self.headers.get('Content-Length', 0))) or b'{}')
    def do_GET(self):
        if self.path != '/settings': return self.answer(404, {'error': 'no'})
        role = self.role()
        if role is None: return self.answer(401, {'error': 'login'})
        self.answer(200, settings) if role == 'admin' else self.answer(403, {'error': 'role'})
    def do_PUT(self):
        told, role = self.message(), self.role()
        if self.path != '/settings': return self.answer(404, {'error': 'no'})
        if role is None: return self.answer(401, {'error': 'login'})
        if role != 'admin': return self.answer(403, {'error': 'role'})
        settings.update(told)
        self.answer(200, settings)
    def do_POST(self):
        told, user = self.message(), self.user()
        if self.path == '/login':
            name = told.get('username')
            if passwords.get(name) != told.get('password'): return self.answer(401, {'error': 'wrong'})
            counter[0] += 1
            sid = str(counter[0]) if 'counted' in careless else secrets.token_hex(20)
            sessions[sid] = name
            more = '' if 'bare' in careless else '; HttpOnly; SameSite=Lax'
            return self.answer(200, {'ok': True}, ['sid=' + sid + more, 'role=' + roles[name]])
        if user is None: return self.answer(401, {'error': 'login'})
        if self.path == '/logout':
            if 'stays' not in careless: sessions.pop(self.cookies()['sid'], None)
            return self.answer(200, {'ok': True})
        if self.path == '/password':
            if passwords[user] != told.get('old'): return self.answer(403, {'error': 'old'})
            if len(told.get('new', '')) < 12: return self.answer(422, {'error': 'short'})
            if 'ignores' not in careless: passwords[user] = told['new']
            if 'stays' not in careless:
                for sid in [s for s, u in sessions.items() if u == user and s != self.cookies()['sid']]: del sessions[sid]
            return self.answer(200, {'ok': True})
        self.answer(404, {'error': 'no'})
server = http.server.ThreadingHTTPServer(('127.0.0.1', 0), App)
print(server.server_address[1], flush=True)
server.serve_forever()
"#;

struct App {
    child: Child,
    at: Endpoint,
}

impl Drop for App {
    fn drop(&mut self) {
        self.child.kill().ok();
        self.child.wait().ok();
    }
}

/// The application, or none where this machine has no Python.
fn app(careless: &[&str]) -> Option<App> {
    let mut command = Command::new("python3");
    command.args(["-c", APP]).args(careless).stdout(Stdio::piped());
    let missing = |_| StartError::Missing { program: "python3".to_owned(), package: "python3".to_owned() };
    let mut child = ready(command.spawn().map_err(missing))?;
    let mut line = String::new();
    BufReader::new(child.stdout.take().unwrap()).read_line(&mut line).unwrap();
    let at = Endpoint::tcp("127.0.0.1".parse().unwrap(), line.trim().parse().unwrap());
    Some(App { child, at })
}

impl App {
    fn login(&self, user: &str, secret: &str) -> Value {
        let door = json!({"endpoint": self.at, "scheme": "http-json", "path": "/login"});
        json!({"door": door, "user": user, "secret": secret})
    }

    fn measured(&self, probe: &str, parameters: &Value, escrow: Option<&Path>) -> Reading {
        let mut bench = LiveBench::new(Scope::of([self.at.address]), Limits::default());
        if let Some(folder) = escrow {
            bench = bench.keeping_secrets_in(folder);
        }
        let probe = listed(probe).unwrap();
        let log = (probe.gather)(parameters, &mut bench).unwrap();
        let record = serde_json::to_string(bench.transcript()).unwrap() + &String::from_utf8_lossy(&log);
        assert!(
            !record.contains("wonderland-7") && !record.contains("builder-and-son"),
            "a password is on record"
        );
        assert!(!record.contains("Kq7-"), "the value in between is on record");
        (probe.interpret)(&log).unwrap()
    }

    fn access(&self) -> Vec<(String, Credential)> {
        let server = json!({"endpoint": self.at});
        let parameters = json!({
            "functions": [{"server": server, "request": "GET /settings"},
                          {"server": server, "request": "PUT /settings", "writes": true}],
            "login": self.login("alice", "wonderland-7"), "low_privilege": self.login("bob", "builder-and-son"),
            "logout": "POST /logout",
        });
        let reading = self.measured("http.access", &parameters, None);
        assert_eq!(reading.shortfalls, []);
        let granted = |fact: &Fact| match fact {
            Fact::Access(a) if a.granted && a.credential != Credential::Valid => {
                Some((a.function.clone(), a.credential.clone()))
            }
            _ => None,
        };
        assert_eq!(reading.facts.len(), 16, "eight subjects at two functions");
        reading.facts.iter().filter_map(granted).collect()
    }

    fn sessions(&self) -> Reading {
        let guarded = json!({"server": {"endpoint": self.at}, "path": "/settings"});
        let login = self.login("alice", "wonderland-7");
        let parameters = json!({"logins": [{"login": login, "guarded": guarded, "logout": "POST /logout"}]});
        self.measured("auth.sessions", &parameters, None)
    }

    fn change(&self, escrow: Option<&Path>) -> Reading {
        let guarded = json!({"server": {"endpoint": self.at}, "path": "/settings"});
        let parameters = json!({"changes": [{
            "login": self.login("alice", "wonderland-7"), "request": "POST /password",
            "body": r#"{"old": "{old}", "new": "{new}"}"#, "guarded": guarded,
        }]});
        self.measured("auth.change", &parameters, escrow)
    }
}

#[test]
fn a_sound_application_lets_nobody_else_in() {
    let Some(app) = app(&[]) else { return };
    assert_eq!(app.access(), []);
}

#[test]
fn what_a_careless_application_takes_for_a_session_is_told() {
    let both = |credential: Credential| {
        ["GET /settings", "PUT /settings"].map(|function| (function.to_owned(), credential.clone())).to_vec()
    };
    for (careless, credential) in [
        ("prefix", Credential::Altered("second-half".to_owned())),
        ("label", Credential::Altered("role-taken-over".to_owned())),
        ("stays", Credential::Expired),
    ] {
        let Some(app) = app(&[careless]) else { return };
        assert_eq!(app.access(), both(credential), "{careless}");
    }
}

#[test]
fn cookies_identifiers_and_their_end_are_told() {
    let sid = |reading: &Reading| match reading.facts.as_slice() {
        [Fact::Session(fact)] => {
            (fact.carriers.iter().find(|one| one.name == "sid").unwrap().clone(), fact.ends_on_logout)
        }
        other => panic!("{other:?}"),
    };
    let Some(sound) = app(&[]) else { return };
    let (carrier, ends) = sid(&sound.sessions());
    assert!(carrier.http_only && !carrier.secure && carrier.same_site.as_deref() == Some("lax"));
    assert_eq!((carrier.alone, carrier.pattern, ends), (Some(true), None, Some(true)));
    assert!((100..=160).contains(&carrier.bits_at_most), "{carrier:?}");
    let Some(careless) = app(&["counted", "bare", "stays"]) else { return };
    let (carrier, ends) = sid(&careless.sessions());
    assert_eq!((carrier.http_only, carrier.pattern, ends), (false, Some(SessionPattern::Counted), Some(false)));
}

#[test]
fn a_password_is_changed_and_changed_back_or_nothing_is_touched() {
    let at = tempfile::tempdir().unwrap();
    let folder = at.path().join("escrow");
    let seen = |reading: &Reading| match reading.facts.as_slice() {
        [Fact::CredentialChange(f)] => (f.answered, f.new_accepted, f.old_accepted, f.sessions_ended),
        other => panic!("{other:?}"),
    };
    let done = ChangeAnswer::Done;
    for (careless, expected) in [
        (&[][..], (done, Some(true), Some(false), Some(true))),
        (&["ignores"], (done, Some(false), Some(true), Some(true))),
        (&["stays"], (done, Some(true), Some(false), Some(false))),
    ] {
        let Some(app) = app(careless) else { return };
        let reading = app.change(Some(&folder));
        assert_eq!((seen(&reading), reading.shortfalls.as_slice()), (expected, &[][..]), "{careless:?}");
        assert!(!folder.exists(), "nothing is left behind");
        assert_eq!(
            app.access().iter().filter(|(_, who)| *who != Credential::Expired).count(),
            0,
            "the old value opens"
        );
    }
    let Some(app) = app(&[]) else { return };
    let reading = app.change(None);
    assert_eq!((reading.facts.len(), reading.shortfalls[0].kind), (0, ShortfallKind::Missing));
}
