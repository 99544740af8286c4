use model::Endpoint;

use super::*;
use crate::scripted::ScriptedBench;

fn ok(media: &str, body: &str) -> Vec<u8> {
    format!("HTTP/1.1 200 OK\r\nContent-Type: {media}\r\nContent-Length: {}\r\n\r\n{body}", body.len())
        .into_bytes()
}

fn measured(answer: impl Fn(&str, &str) -> Vec<u8> + 'static) -> Reading {
    let mut bench = ScriptedBench::refusing().answering(80, move |heard| {
        let text = String::from_utf8_lossy(heard).into_owned();
        let mut words = text.split(' ');
        let (method, target) = (words.next()?.to_owned(), words.next()?);
        Some(answer(&method, target))
    });
    let endpoint = Endpoint::tcp(bench.device(), 80);
    let parameters = Parameters {
        servers: vec![Server { endpoint, tls: false, host: None }],
        known: Known::from([("serial".to_owned(), "SN-0042".to_owned())]),
        extra_paths: vec!["/declared".to_owned()],
    };
    let log = gather(&parameters, &mut bench);
    interpret(&serde_json::from_slice(&serde_json::to_vec(&log).unwrap()).unwrap())
}

fn paths(reading: &Reading) -> Vec<(&str, u16, bool)> {
    let mut found = Vec::new();
    for fact in &reading.facts {
        if let Fact::Http(answer) = fact {
            found.push((answer.path.as_str(), answer.status, answer.content));
        }
    }
    found
}

fn prompts_of(reading: &Reading) -> Vec<(AuthScheme, &str)> {
    let mut found = Vec::new();
    for fact in &reading.facts {
        if let Fact::AuthPrompt { scheme, path, .. } = fact {
            found.push((*scheme, path.as_deref().unwrap_or_default()));
        }
    }
    found
}

const NOT_THERE: &[u8] = b"HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\n\r\n";

#[test]
fn content_login_redirect_and_refusal_are_told_apart() {
    let reading = measured(|_, target| match target {
        "/" => ok("text/html", "<form action=/in method=post><input name=u><input type=password name=p></form>"),
        "/status" => ok("application/json", r#"{"serial":"SN-0042"}"#),
        "/admin" => b"HTTP/1.1 302 Found\r\nLocation: /\r\nContent-Length: 0\r\n\r\n".to_vec(),
        "/config" => {
            b"HTTP/1.1 401 No\r\nWWW-Authenticate: Basic realm=\"x\"\r\nContent-Length: 0\r\n\r\n".to_vec()
        }
        "/info" => ok("application/json", r#"{"error":"login required"}"#),
        "/declared" => ok("text/plain", "hello"),
        _ => NOT_THERE.to_vec(),
    });
    let mut told = paths(&reading);
    told.sort_unstable();
    assert_eq!(
        told,
        [
            ("/", 200, false),
            ("/admin", 302, false),
            ("/config", 401, false),
            ("/declared", 200, true),
            ("/info", 200, false),
            ("/status", 200, true)
        ]
    );
    assert_eq!(prompts_of(&reading), [(AuthScheme::HttpForm, "/in"), (AuthScheme::HttpBasic, "/config")]);
    assert!(reading.facts.iter().any(|fact| matches!(fact, Fact::Disclosure { kind, source, .. }
        if kind == "serial" && source == "/status")));
    assert_eq!(reading.coverage.len(), 1);
    assert_eq!(reading.shortfalls, []);
}

#[test]
fn a_server_that_answers_every_path_alike_has_only_its_start_page() {
    let reading = measured(|_, target| ok("text/html", &format!("<p>Welcome at {target}</p>")));
    assert_eq!(paths(&reading), [("/", 200, true)]);
}

#[test]
fn links_are_followed_and_actions_are_not() {
    let reading = measured(|method, target| {
        assert!(!target.contains("reboot"), "{method} {target}");
        match target {
            "/" => ok("text/html", "<a href=a/b.html>x</a><a href=/reboot>y</a><script src=app.js></script>"),
            "/app.js" => ok("text/javascript", "fetch('/api/v1/leds')"),
            "/a/b.html" | "/api/v1/leds" => ok("text/plain", "there"),
            _ => NOT_THERE.to_vec(),
        }
    });
    let told = paths(&reading);
    assert!(told.contains(&("/a/b.html", 200, true)) && told.contains(&("/api/v1/leds", 200, true)), "{told:?}");
    assert!(reading.coverage[0].text.contains("1 links that look like actions"), "{:?}", reading.coverage);
}

#[test]
fn a_login_without_a_page_shows_by_the_method_it_takes() {
    let reading = measured(|_, target| match target {
        "/api/v1/login" => b"HTTP/1.1 405 No\r\nAllow: POST\r\nContent-Length: 0\r\n\r\n".to_vec(),
        _ => NOT_THERE.to_vec(),
    });
    assert_eq!(prompts_of(&reading), [(AuthScheme::HttpJson, "/api/v1/login")]);
}

#[test]
fn a_route_that_takes_uploads_is_asked_for_its_methods_and_sent_nothing() {
    let reading = measured(|method, target| {
        let asks = method == "POST" && target == "/onvif/device_service";
        assert!(asks || matches!(method, "GET" | "OPTIONS"), "{method} {target}");
        match (method, target) {
            ("OPTIONS", "/firmware") => {
                b"HTTP/1.1 204 x\r\nAllow: OPTIONS, POST\r\nContent-Length: 0\r\n\r\n".to_vec()
            }
            _ => NOT_THERE.to_vec(),
        }
    });
    let fact = reading.facts.iter().find_map(|fact| match fact {
        Fact::Http(answer) if answer.path == "/firmware" => Some(answer),
        _ => None,
    });
    let fact = fact.unwrap();
    assert_eq!((fact.method.as_str(), fact.status, fact.content), ("OPTIONS", 204, false));
    assert_eq!(fact.headers["allow"], "OPTIONS, POST");
}

#[test]
fn a_server_that_falls_silent_is_left_and_is_a_shortfall() {
    let count = std::cell::Cell::new(0);
    let reading = measured(move |_, _| {
        count.set(count.get() + 1);
        if count.get() > 20 { Vec::new() } else { NOT_THERE.to_vec() }
    });
    assert_eq!(reading.shortfalls.len(), 1, "{:?}", reading.shortfalls);
    assert_eq!(reading.shortfalls[0].kind, ShortfallKind::Silence);
    let nobody = interpret(&gather(
        &Parameters {
            servers: vec![Server {
                endpoint: Endpoint::tcp("192.0.2.7".parse().unwrap(), 80),
                tls: false,
                host: None,
            }],
            known: Known::new(),
            extra_paths: vec![],
        },
        &mut ScriptedBench::refusing(),
    ));
    assert!(nobody.coverage.is_empty() && nobody.facts.is_empty());
    assert_eq!(nobody.shortfalls[0].kind, ShortfallKind::Refused);
}
