use std::cell::RefCell;
use std::rc::Rc;

use serde_json::json;

use super::*;
use crate::scripted::ScriptedBench;

/// A device with one resource, and who may do what with it.
#[derive(Clone, Copy)]
struct Guarded {
    read_without: bool,
    write_without: bool,
    write_weak: bool,
    /// Writing changes another value than the one sent.
    spoils: bool,
    /// Writing back does not help either.
    sticks: bool,
}

const GOOD: Guarded =
    Guarded { read_without: false, write_without: false, write_weak: false, spoils: false, sticks: false };

fn answer(status: &str, body: &str) -> Vec<u8> {
    let media = "Content-Type: application/json";
    format!("HTTP/1.1 {status}\r\n{media}\r\nContent-Length: {}\r\n\r\n{body}", body.len()).into_bytes()
}

impl Guarded {
    fn bench(self) -> (ScriptedBench, Rc<RefCell<String>>) {
        let value = Rc::new(RefCell::new(r#"{"on":false}"#.to_owned()));
        let (kept, mut writes) = (Rc::clone(&value), 0);
        let bench = ScriptedBench::refusing().answering(80, move |heard| {
            let text = String::from_utf8_lossy(heard).into_owned();
            let body = text.split_once("\r\n\r\n")?.1;
            let is = |token: &str| text.contains(&format!("Bearer {token}\r\n"));
            let (admin, guest) = (is("admin-token"), is("guest-token"));
            Some(match text.split(' ').take(2).collect::<Vec<_>>()[..] {
                ["POST", "/login"] if body.contains("right") => answer("200 OK", r#"{"token":"admin-token"}"#),
                ["POST", "/login"] if body.contains("weak") => answer("200 OK", r#"{"token":"guest-token"}"#),
                ["GET", "/state"] if admin || guest || self.read_without => answer("200 OK", &kept.borrow()),
                ["PUT", "/state"] if admin || self.write_without || (guest && self.write_weak) => {
                    writes += 1;
                    let spoilt = self.spoils && (writes == 1 || self.sticks);
                    *kept.borrow_mut() = if spoilt { r#"{"on":true}"#.to_owned() } else { body.to_owned() };
                    answer("200 OK", body)
                }
                ["GET" | "PUT", "/state"] if guest => answer("403 No", r#"{"error":"no"}"#),
                ["GET" | "PUT", "/state"] => answer("401 No", r#"{"error":"login"}"#),
                _ => answer("404 No", r#"{"error":"not found"}"#),
            })
        });
        (bench, value)
    }

    fn measured(self, functions: &[(&str, bool)], with: &[&str]) -> (Reading, String, ScriptedBench) {
        let (mut bench, value) = self.bench();
        let endpoint = Endpoint::tcp(bench.device(), 80);
        let server = json!({"endpoint": endpoint});
        let login = |secret: &str| {
            with.contains(&secret).then(|| {
                let door = json!({"endpoint": endpoint, "scheme": "http-json", "path": "/login"});
                json!({"door": door, "user": "somebody", "secret": secret})
            })
        };
        let functions: Vec<_> = functions
            .iter()
            .map(|(request, writes)| json!({"server": server, "request": request, "writes": writes}))
            .collect();
        let parameters = json!({"functions": functions, "login": login("right"), "low_privilege": login("weak")});
        let log = gather(&serde_json::from_value(parameters).unwrap(), &mut bench);
        let reading = interpret(&serde_json::from_slice(&serde_json::to_vec(&log).unwrap()).unwrap());
        let value = value.borrow().clone();
        (reading, value, bench)
    }
}

fn told(reading: &Reading) -> Vec<String> {
    let mut found = Vec::new();
    for fact in &reading.facts {
        if let Fact::Access(access) = fact {
            let granted = match (access.granted, access.unclear) {
                (true, _) => "granted",
                (false, true) => "unclear",
                (false, false) => "refused",
            };
            found.push(format!("{} {:?} {granted}", access.function, access.credential));
        }
    }
    found
}

fn kinds(reading: &Reading) -> Vec<ShortfallKind> {
    reading.shortfalls.iter().map(|short| short.kind).collect()
}

const BOTH: [(&str, bool); 2] = [("PUT /state", true), ("GET /state", false)];

#[test]
fn a_guarded_function_is_granted_to_the_entitled_alone_and_reads_come_first() {
    let (reading, value, _) = GOOD.measured(&BOTH, &["right", "weak"]);
    assert_eq!(
        told(&reading),
        [
            "PUT /state None refused",
            "PUT /state Wrong refused",
            "PUT /state LowPrivilege refused",
            "PUT /state Altered(\"first-half\") refused",
            "PUT /state Altered(\"second-half\") refused",
            "PUT /state Valid granted",
            "GET /state Valid granted",
            "GET /state None refused",
            "GET /state Wrong refused",
            "GET /state LowPrivilege granted",
            "GET /state Altered(\"first-half\") refused",
            "GET /state Altered(\"second-half\") refused",
        ]
    );
    assert_eq!((value.as_str(), reading.shortfalls.len()), (r#"{"on":false}"#, 0));
    assert_eq!(reading.coverage[0].text, "2 of 2 functions tried at 192.0.2.7:80/tcp");
}

#[test]
fn reads_are_tried_before_any_write() {
    let (_, _, bench) = GOOD.measured(&BOTH, &["right"]);
    let sent: Vec<_> = bench.sent.iter().map(|(_, bytes)| String::from_utf8_lossy(bytes).into_owned()).collect();
    let first_put = sent.iter().position(|text| text.starts_with("PUT")).unwrap();
    // Three of the read itself; two with altered sessions, each behind a look that the valid one holds; and the value.
    assert_eq!(sent[..first_put].iter().filter(|text| text.starts_with("GET /state")).count(), 8, "{sent:?}");
}

#[test]
fn what_anybody_can_do_is_granted_to_nobody_in_particular() {
    let open = Guarded { read_without: true, write_without: true, ..GOOD };
    let (reading, ..) = open.measured(&BOTH, &["right"]);
    let told = told(&reading);
    for function in ["PUT /state", "GET /state"] {
        for credential in ["None", "Wrong"] {
            let wanted = format!("{function} {credential} granted");
            assert!(told.contains(&wanted), "{wanted}: {told:?}");
        }
    }
}

#[test]
fn a_weak_subject_that_can_write_is_told() {
    let (reading, ..) = Guarded { write_weak: true, ..GOOD }.measured(&BOTH, &["right", "weak"]);
    assert!(told(&reading).contains(&"PUT /state LowPrivilege granted".to_owned()));
    assert!(told(&reading).contains(&"PUT /state None refused".to_owned()));
}

#[test]
fn a_value_that_changed_is_put_back_and_one_that_cannot_be_is_a_shortfall() {
    let open = Guarded { write_without: true, spoils: true, ..GOOD };
    // The first write spoils it; later ones, the valid one among them, put it right.
    let (reading, value, _) = open.measured(&BOTH[..1], &["right"]);
    assert_eq!((value.as_str(), kinds(&reading)), (r#"{"on":false}"#, vec![]));
    let (reading, ..) = Guarded { sticks: true, ..open }.measured(&BOTH[..1], &["right"]);
    assert_eq!(kinds(&reading), [ShortfallKind::NotRestored]);
}

#[test]
fn without_a_valid_credential_a_write_without_a_body_is_not_tried() {
    let (reading, ..) = GOOD.measured(&BOTH, &[]);
    assert_eq!(told(&reading), ["GET /state None refused", "GET /state Wrong refused"]);
    assert_eq!(kinds(&reading), [ShortfallKind::Missing, ShortfallKind::Missing]);
}

#[test]
fn a_refused_login_is_a_shortfall_of_every_function_and_no_refusal() {
    let (reading, ..) = GOOD.measured(&[("GET /state", false)], &["right", "other"]);
    assert!(reading.shortfalls.is_empty());
    let (mut bench, _) = GOOD.bench();
    let endpoint = Endpoint::tcp(bench.device(), 80);
    let door = json!({"endpoint": endpoint, "scheme": "http-json", "path": "/login"});
    let parameters = json!({
        "functions": [{"server": {"endpoint": endpoint}, "request": "GET /state", "writes": false}],
        "login": {"door": door, "user": "somebody", "secret": "mistyped"},
    });
    let reading = interpret(&gather(&serde_json::from_value(parameters).unwrap(), &mut bench));
    assert!(!told(&reading).iter().any(|one| one.contains("Valid")));
    assert_eq!(kinds(&reading), [ShortfallKind::Missing]);
}

#[test]
fn a_request_that_would_act_is_not_sent_without_a_body_to_send() {
    let requests = [("POST /reset", true), ("DELETE /state", true), ("DESCRIBE /", false)];
    let (reading, _, bench) = GOOD.measured(&requests, &["right"]);
    assert_eq!(kinds(&reading), [ShortfallKind::Missing, ShortfallKind::Missing, ShortfallKind::Unsupported]);
    assert!(
        !bench.sent.iter().any(|(_, bytes)| bytes.starts_with(b"DELETE") || bytes.starts_with(b"POST /reset"))
    );
}

#[test]
fn one_page_for_every_path_grants_nothing() {
    let mut bench = ScriptedBench::refusing().answering(80, |heard| {
        let page = "<h1>App</h1>";
        let answer =
            format!("HTTP/1.1 200 OK\r\nContent-Type: text/html\r\nContent-Length: {}\r\n\r\n", page.len());
        (!heard.is_empty()).then(|| [answer.as_bytes(), page.as_bytes()].concat())
    });
    let endpoint = Endpoint::tcp(bench.device(), 80);
    let functions = json!([{"server": {"endpoint": endpoint}, "request": "GET /state", "writes": false}]);
    let parameters = serde_json::from_value(json!({"functions": functions})).unwrap();
    let reading = interpret(&gather(&parameters, &mut bench));
    assert_eq!(told(&reading), ["GET /state None unclear", "GET /state Wrong unclear"]);
}

/// What a server with one resource makes of each subject, for each pair of statuses: without a credential and with one.
fn became_with(without: &'static str, with: &'static str) -> Vec<String> {
    let mut bench = ScriptedBench::refusing().answering(80, move |heard| {
        let text = String::from_utf8_lossy(heard);
        text.split_once("\r\n\r\n")?;
        let is_in = text.contains("Bearer admin-token\r\n");
        Some(match text.split(' ').take(2).collect::<Vec<_>>()[..] {
            ["POST", "/login"] => answer("200 OK", r#"{"token":"admin-token"}"#),
            ["GET", "/state"] if is_in => answer(with, r#"{"on":false}"#),
            ["GET", "/state"] => answer(without, "{}"),
            _ => answer("404 No", "{}"),
        })
    });
    let endpoint = Endpoint::tcp(bench.device(), 80);
    let door = json!({"endpoint": endpoint, "scheme": "http-json", "path": "/login"});
    let parameters = json!({
        "functions": [{"server": {"endpoint": endpoint}, "request": "GET /state"}],
        "login": {"door": door, "user": "somebody", "secret": "right"},
    });
    let reading = interpret(&gather(&serde_json::from_value(parameters).unwrap(), &mut bench));
    told(&reading).iter().take(2).map(|line| line.rsplit(' ').next().unwrap().to_owned()).collect()
}

#[test]
fn only_who_is_turned_away_is_refused() {
    for (without, with, told) in [
        ("401 No", "200 OK", ["granted", "refused"]),
        ("403 No", "404 No", ["unclear", "refused"]),
        ("302 Found\r\nLocation: /login", "500 No", ["unclear", "refused"]),
        // Some servers hide from others what the entitled get.
        ("404 No", "200 OK", ["granted", "refused"]),
        ("400 No", "200 OK", ["granted", "refused"]),
        ("302 Found\r\nLocation: /", "200 OK", ["granted", "refused"]),
        // Nobody gets it: it may not be there at all.
        ("404 No", "404 No", ["unclear", "unclear"]),
        ("405 No", "405 No", ["unclear", "unclear"]),
        ("400 No", "403 No", ["refused", "unclear"]),
        // The server fails, or is too busy for anybody.
        ("500 No", "200 OK", ["granted", "unclear"]),
        ("429 No", "200 OK", ["granted", "unclear"]),
    ] {
        assert_eq!(became_with(without, with), told, "{without} and {with}");
    }
}

/// A device with sessions and a label beside each, which is right only where it looks at all of both.
#[derive(Clone, Copy)]
struct Careless {
    /// Signs of the identifier that are looked at.
    looks_at: usize,
    /// Logging out is answered and does nothing.
    stays: bool,
    /// The label is believed.
    believes: bool,
    /// A login ends every other session.
    single: bool,
}

impl Careless {
    const NOT: Self = Self { looks_at: 16, stays: false, believes: false, single: false };

    fn measured(self, logout: Option<&str>) -> Reading {
        let (mut open, mut count): (Vec<(String, &str)>, u64) = (Vec::new(), 0x1111_2222_3333);
        let mut bench = ScriptedBench::refusing().answering(80, move |heard| {
            let text = String::from_utf8_lossy(heard).into_owned();
            let body = text.split_once("\r\n\r\n")?.1;
            let shown = |name: &str| {
                let cookies = text.split_once("Cookie: ")?.1.split_once("\r\n")?.0;
                cookies.split("; ").find_map(|pair| pair.strip_prefix(&format!("{name}="))).map(str::to_owned)
            };
            let sid = shown("sid").unwrap_or_default();
            let is_same =
                |one: &(String, &str)| sid.len() == 16 && one.0.get(..self.looks_at) == sid.get(..self.looks_at);
            let session = open.iter().find(|one| is_same(one)).cloned();
            let role = session.as_ref().map(|(_, role)| *role);
            let role = if self.believes { role.and(shown("role")) } else { role.map(str::to_owned) };
            Some(match (text.split(' ').take(2).collect::<Vec<_>>()[..].to_vec().as_slice(), role.as_deref()) {
                (["POST", "/login"], _) => {
                    count = count.wrapping_mul(0x5851_f42d_4c95_7f2d).rotate_left(29) | 1;
                    let (role, token) =
                        (if body.contains("right") { "admin" } else { "guest" }, format!("{count:016x}"));
                    if self.single {
                        open.retain(|(_, of)| *of != role);
                    }
                    open.push((token.clone(), role));
                    let set = format!("200 OK\r\nSet-Cookie: sid={token}\r\nSet-Cookie: role={role}");
                    answer(&set, "{}")
                }
                (["POST", "/logout"], Some(_)) => {
                    open.retain(|one| self.stays || !is_same(one));
                    answer("200 OK", "{}")
                }
                (["GET", "/state"], Some("admin")) => answer("200 OK", r#"{"on":false}"#),
                (["GET", "/state"], Some(_)) => answer("403 No", "{}"),
                (["GET", "/state"], None) => answer("401 No", "{}"),
                _ => answer("404 No", "{}"),
            })
        });
        let endpoint = Endpoint::tcp(bench.device(), 80);
        let door = json!({"endpoint": endpoint, "scheme": "http-json", "path": "/login"});
        let login = |secret: &str| json!({"door": door, "user": "somebody", "secret": secret});
        let parameters = json!({
            "functions": [{"server": {"endpoint": endpoint}, "request": "GET /state"}],
            "login": login("right"), "low_privilege": login("weak"), "logout": logout,
        });
        interpret(&gather(&serde_json::from_value(parameters).unwrap(), &mut bench))
    }
}

#[test]
fn a_device_that_looks_at_the_whole_session_grants_it_alone() {
    for careful in [Careless::NOT, Careless { single: true, ..Careless::NOT }] {
        let reading = careful.measured(Some("POST /logout"));
        assert_eq!(
            told(&reading),
            [
                "GET /state Valid granted",
                "GET /state None refused",
                "GET /state Wrong refused",
                "GET /state Expired refused",
                "GET /state LowPrivilege refused",
                "GET /state Altered(\"first-half\") refused",
                "GET /state Altered(\"second-half\") refused",
                "GET /state Altered(\"role-taken-over\") refused",
            ]
        );
        assert_eq!(reading.shortfalls, []);
    }
}

#[test]
fn what_a_careless_device_overlooks_is_granted() {
    let granted = |careless: Careless| -> Vec<String> {
        let reading = careless.measured(Some("POST /logout"));
        told(&reading).into_iter().filter(|line| line.ends_with("granted") && !line.contains("Valid")).collect()
    };
    assert_eq!(
        granted(Careless { looks_at: 8, ..Careless::NOT }),
        ["GET /state Altered(\"second-half\") granted"]
    );
    assert_eq!(granted(Careless { stays: true, ..Careless::NOT }), ["GET /state Expired granted"]);
    assert_eq!(
        granted(Careless { believes: true, ..Careless::NOT }),
        ["GET /state Altered(\"role-taken-over\") granted"]
    );
}

#[test]
fn a_session_that_was_not_ended_is_no_ended_one() {
    let reading = Careless::NOT.measured(Some("POST /leave"));
    assert!(!told(&reading).iter().any(|line| line.contains("Expired")), "{:?}", told(&reading));
    assert_eq!(kinds(&reading), [ShortfallKind::Missing]);
    let reading = Careless::NOT.measured(None);
    assert!(!told(&reading).iter().any(|line| line.contains("Expired")));
    assert_eq!(kinds(&reading), []);
}
