//! Whether a published page can be read by anyone, without registration, and what it says.
//!
//! It asks as an anonymous reader does, with no cookie and no account. Scripts on the page are not run.

use std::collections::BTreeMap;
use std::net::IpAddr;

use model::{Coverage, Digest, Endpoint, Fact, PageFacts, Reading, Shortfall, ShortfallKind, Touches};
use serde::{Deserialize, Serialize};
use wire::http::page::{Destination, forms, resolve, title};

use crate::http::exchange::{Server, exchange};
use crate::{Bench, Card, Need};

/// The card.
pub const CARD: Card = Card {
    id: "web.page",
    revision: 1,
    asks: "Can anyone read this page without registration, and does it hold these texts?",
    yields: &["page"],
    touches: Touches::Passive,
    needs: &[Need::Url],
};

/// Redirects that are followed.
const MOST_REDIRECTS: usize = 5;

/// Which pages.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Parameters {
    /// The pages.
    pub pages: Vec<Wanted>,
    /// Addresses of host names; a page on any other host is not asked for.
    pub resolve: BTreeMap<String, IpAddr>,
}

/// One page.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Wanted {
    /// Its address, http or https.
    pub url: String,
    /// Texts to look for, whatever the case of letters.
    #[serde(default)]
    pub texts: Vec<String>,
}

/// Why something was not seen, and in words.
pub type Missed = (ShortfallKind, String);

/// What came back.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Log {
    /// Each page, in order.
    pub pages: Vec<(Wanted, Result<Got, Missed>)>,
}

/// A page as it came.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Got {
    /// Its address after redirects.
    pub final_url: String,
    /// Each status on the way, the last one last.
    pub statuses: Vec<u16>,
    /// The body.
    pub body: String,
}

/// Asks for each page.
pub fn gather(parameters: &Parameters, bench: &mut dyn Bench) -> Log {
    let of = parameters.pages.len() as u64;
    let mut pages = Vec::new();
    for (done, wanted) in parameters.pages.iter().enumerate() {
        bench.progress(done as u64, of);
        pages.push((wanted.clone(), follow(&wanted.url, &parameters.resolve, bench)));
    }
    Log { pages }
}

fn follow(url: &str, names: &BTreeMap<String, IpAddr>, bench: &mut dyn Bench) -> Result<Got, Missed> {
    let mut url = url.to_owned();
    let mut statuses = Vec::new();
    loop {
        let (server, target) = locate(&url, names).map_err(|why| (ShortfallKind::Missing, why))?;
        let response = exchange(bench, &server, &server.request("GET", &target), &[])
            .map_err(|error| (error.shortfall(), format!("{url}: {error}")))?;
        statuses.push(response.status);
        let location = response.header("location").filter(|_| (300..400).contains(&response.status));
        let Some(location) = location else {
            return Ok(Got { final_url: url, statuses, body: response.text() });
        };
        if statuses.len() > MOST_REDIRECTS {
            return Err((ShortfallKind::Limit, format!("{url}: more than {MOST_REDIRECTS} redirects")));
        }
        url = match resolve(&target, location) {
            Destination::SameOrigin(path) => format!("{}{path}", origin(&url)),
            Destination::Absolute(other) => other,
            Destination::Nowhere => return Err((ShortfallKind::Unreadable, format!("{url} leads nowhere"))),
        };
    }
}

fn origin(url: &str) -> &str {
    let after = url.find("://").map_or(0, |at| at + 3);
    url[after..].find(['/', '?', '#']).map_or(url, |end| &url[..after + end])
}

/// Where a URL leads: server and request target.
fn locate(url: &str, names: &BTreeMap<String, IpAddr>) -> Result<(Server, String), String> {
    let (scheme, rest) = url.split_once("://").ok_or_else(|| format!("`{url}` is no web address"))?;
    let tls = match scheme.to_lowercase().as_str() {
        "https" => true,
        "http" => false,
        _ => return Err(format!("`{url}` is no web address")),
    };
    let rest = rest.split('#').next().unwrap_or_default();
    let (authority, target) = match rest.find(['/', '?']) {
        Some(at) if rest[at..].starts_with('/') => (&rest[..at], rest[at..].to_owned()),
        Some(at) => (&rest[..at], format!("/{}", &rest[at..])),
        None => (rest, "/".to_owned()),
    };
    let split = match authority.rfind(':') {
        Some(at) if !authority[at..].contains(']') => Some((&authority[..at], &authority[at + 1..])),
        _ => None,
    };
    let (host, port) = match split {
        Some((host, port)) => (host, port.parse::<u16>().map_err(|_| format!("`{url}` has no valid port"))?),
        None => (authority, if tls { 443 } else { 80 }),
    };
    let host = host.trim_matches(['[', ']']);
    let address = match host.parse::<IpAddr>() {
        Ok(address) => address,
        Err(_) => *names.get(host).ok_or_else(|| format!("the bench knows no address of {host}"))?,
    };
    Ok((Server { endpoint: Endpoint::tcp(address, port), tls, host: Some(host.to_owned()) }, target))
}

/// Reads a log.
pub fn interpret(log: &Log) -> Reading {
    let mut reading = Reading::default();
    for (wanted, got) in &log.pages {
        match got {
            Ok(got) => {
                reading.coverage.push(Coverage {
                    of: "page".into(),
                    endpoint: None,
                    ports: Vec::new(),
                    text: wanted.url.clone(),
                });
                reading.facts.push(Fact::Page(facts(wanted, got)));
            }
            Err((kind, why)) => reading.shortfalls.push(Shortfall {
                kind: *kind,
                of: "page".into(),
                endpoint: None,
                text: format!("{}: {why}", wanted.url),
            }),
        }
    }
    reading
}

fn facts(wanted: &Wanted, got: &Got) -> PageFacts {
    let status = got.statuses.last().copied().unwrap_or(0);
    // A page that holds a password field instead of its text is a login wall, whatever its status.
    let asks = forms(&got.body).iter().any(|form| form.asks_for_password());
    let lower = got.body.to_lowercase();
    let found: BTreeMap<String, bool> =
        wanted.texts.iter().map(|text| (text.clone(), lower.contains(&text.to_lowercase()))).collect();
    let holds_all = !found.is_empty() && found.values().all(|held| *held);
    let empty = got.body.trim().is_empty();
    PageFacts {
        url: wanted.url.clone(),
        final_url: got.final_url.clone(),
        status,
        free: status == 200 && !empty && (!asks || holds_all),
        title: title(&got.body).unwrap_or_default().chars().take(200).collect(),
        body: Digest::of(got.body.as_bytes()),
        found,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::scripted::ScriptedBench;

    fn read(handler: impl FnMut(&[u8]) -> Option<Vec<u8>> + 'static, texts: &[&str]) -> Reading {
        let mut bench = ScriptedBench::refusing().answering(80, handler);
        let texts = texts.iter().map(|t| (*t).to_owned()).collect();
        let pages = vec![Wanted { url: "http://cloud.example/policy".to_owned(), texts }];
        let resolve = BTreeMap::from([("cloud.example".to_owned(), "192.0.2.7".parse().unwrap())]);
        interpret(&gather(&Parameters { pages, resolve }, &mut bench))
    }

    fn page(reading: &Reading) -> &PageFacts {
        reading.facts.iter().find_map(|f| if let Fact::Page(p) = f { Some(p) } else { None }).unwrap()
    }

    fn answer(status: &str, body: &str) -> Vec<u8> {
        format!("HTTP/1.1 {status}\r\nContent-Length: {}\r\n\r\n{body}", body.len()).into_bytes()
    }

    #[test]
    fn a_page_that_anyone_can_read_is_free() {
        let reading =
            read(|h| (!h.is_empty()).then(|| answer("200 OK", "<title>P</title>Contact us")), &["contact"]);
        assert!(page(&reading).free);
        assert_eq!(page(&reading).found.get("contact"), Some(&true));
    }

    #[test]
    fn a_login_wall_behind_a_redirect_is_not_free() {
        let reading = read(
            |h| {
                let text = String::from_utf8_lossy(h).into_owned();
                match (text.contains("GET /login"), text.is_empty()) {
                    (_, true) => None,
                    (true, _) => Some(answer("200 OK", "<form><input type=password name=p></form>")),
                    (false, _) => Some(answer("302 Found\r\nLocation: /login", "")),
                }
            },
            &[],
        );
        assert!(!page(&reading).free);
        assert_eq!(page(&reading).final_url, "http://cloud.example/login");
    }

    #[test]
    fn a_page_of_a_host_the_bench_does_not_know_is_a_shortfall() {
        let pages = vec![Wanted { url: "https://elsewhere.example/".to_owned(), texts: vec![] }];
        let log = gather(&Parameters { pages, resolve: BTreeMap::new() }, &mut ScriptedBench::refusing());
        let reading = interpret(&log);
        assert!(reading.facts.is_empty());
        assert_eq!(reading.shortfalls[0].kind, ShortfallKind::Missing);
    }

    #[test]
    fn addresses_are_taken_apart() {
        let at = |url: &str| locate(url, &BTreeMap::new()).map(|(s, t)| (s.endpoint.port, s.tls, t));
        assert_eq!(at("https://[::1]:8443/a?b#c"), Ok((8443, true, "/a?b".to_owned())));
        assert_eq!(at("http://127.0.0.1?x"), Ok((80, false, "/?x".to_owned())));
        assert!(at("ftp://127.0.0.1/").is_err());
        assert!(at("http://127.0.0.1:x/").is_err());
    }
}
