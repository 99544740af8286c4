//! The real program against real servers on a network of their own: another host, as far as packets can tell.
//!
//! Skipped aloud where namespaces or the servers are not to be had.
#![allow(clippy::unwrap_used)]

use std::path::Path;
use std::process::Command;

use serde_json::Value;
use testkit::netns::Netns;
use testkit::servers::{Dropbear, Mosquitto, Nginx};
use testkit::{Site, ready};

const DOSSIER: &str = r#"
edition = "3.1.3"
[product]
name = "Test host"
model = "TH-1"
[[release]]
version = "1.0"
"#;

const INTERFACES: &str = r#"
[[LogIntf]]
ID = "LogIntf-Web"
[LogIntf.facts]
kind = "logical"
network = true
status = "enabled"
transport = "tcp"
port = 80
protocol = "http"

[[LogIntf]]
ID = "LogIntf-Off"
[LogIntf.facts]
kind = "logical"
network = true
status = "disabled"
transport = "tcp"
port = 8080
protocol = "http"
"#;

fn write(at: &Path, name: &str, text: &str) {
    let path = at.join(name);
    std::fs::create_dir_all(path.parent().unwrap()).unwrap();
    std::fs::write(path, text).unwrap();
}

fn assay(arguments: &[&str], at: &Path) -> (i32, String, String) {
    let output = Command::new(env!("CARGO_BIN_EXE_assay")).args(arguments).current_dir(at).output().unwrap();
    let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
    (output.status.code().unwrap(), text(&output.stdout), text(&output.stderr))
}

/// Outcome and reason of a unit instance.
fn result<'a>(report: &'a Value, id: &str) -> (&'a str, &'a str) {
    fn find<'a>(value: &'a Value, id: &str) -> Option<&'a Value> {
        match value {
            Value::Object(map) if map.get("id").is_some_and(|i| i == id) && map.contains_key("basis") => {
                Some(value)
            }
            Value::Object(map) => map.values().find_map(|v| find(v, id)),
            Value::Array(list) => list.iter().find_map(|v| find(v, id)),
            _ => None,
        }
    }
    let found = find(report, id).unwrap_or_else(|| panic!("{id} is not in the report"));
    (found["outcome"].as_str().unwrap(), found["because"].as_str().unwrap())
}

#[test]
fn a_host_on_the_network_is_measured_judged_and_left_alone_beyond_its_address() {
    let Some(netns) = ready(Netns::create()) else { return };
    let web = Nginx { pages: vec![("about".to_owned(), "<h1>TH-1</h1>".to_owned())], ..Nginx::default() };
    let Some(_web) = ready(web.start(&Site::inside(&netns).port(80))) else { return };
    let Some(_ssh) = ready(Dropbear::default().start(&Site::inside(&netns).port(22))) else { return };
    let Some(_mqtt) = ready(Mosquitto::default().start(&Site::inside(&netns).port(1883))) else { return };
    let at = tempfile::tempdir().unwrap();
    write(at.path(), "assay.toml", DOSSIER);
    write(at.path(), "ics.toml", "[features]\np = true\nn = true\n");
    write(at.path(), "ixit/28-LogIntf.toml", INTERFACES);
    let bench = |value: &str, touches: &str| {
        format!(
            "[consent]\ntouches = \"{touches}\"\nby = \"test laboratory\"\n[[target]]\nname = \"dut\"\naddress = \"{}\"\n\
             [limits]\nwait-millis = 400\n[[identity]]\nmeans = \"http-text\"\nport = 80\npath = \"/about\"\nvalue = \"{value}\"\n",
            netns.inner()
        )
    };

    write(at.path(), "bench.toml", &bench("TH-2", "active"));
    let (code, _, said) = assay(&["observe", "--yes"], at.path());
    assert_eq!(code, 1, "{said}");
    assert!(said.contains("nothing above passive was sent"), "{said}");

    write(at.path(), "bench.toml", &bench("TH-1", "active"));
    let (code, planned, _) = assay(&["observe", "--dry-run"], at.path());
    assert_eq!(code, 0);
    assert!(planned.contains("auth.guessing") && planned.contains("not taken"), "{planned}");
    let (code, _, said) = assay(&["observe", "--yes"], at.path());
    assert_eq!(code, 0, "{said}");

    let (code, json, said) = assay(&["judge", "--format", "json"], at.path());
    assert_eq!(code, 10, "{said}");
    let report: Value = serde_json::from_str(&json).unwrap();
    let (outcome, because) = result(&report, "5.6-1-2c");
    assert_eq!(outcome, "fail");
    assert!(because.contains("22/tcp"), "{because}");
    assert_eq!(result(&report, "5.6-1-2a @ LogIntf-Web").0, "pass");
    assert_eq!(result(&report, "5.6-1-2a @ LogIntf-Off").0, "pass", "a declared disabled port that refuses");
    for undeclared in ["22/tcp", "1883/tcp"] {
        assert!(json.contains(undeclared), "{undeclared} is not told");
    }
    // Nothing intrusive was agreed to: the record says so instead of being silent.
    assert!(json.contains("auth.guessing was not run"), "{json}");
    assert_eq!(assay(&["records"], at.path()).0, 0);
}

/// A dossier of a host that declares its web page and carries both versions of the Internet Protocol.
fn write_dual(at: &Path) {
    write(at, "assay.toml", DOSSIER);
    write(at, "ics.toml", "[features]\np = true\nn = true\n");
    let web = INTERFACES.split("\n[[LogIntf]]\nID = \"LogIntf-Off\"").next().unwrap();
    write(at, "ixit/28-LogIntf.toml", web);
    let lan = "[[PhyIntf]]\nID = \"PhyIntf-Lan\"\n[PhyIntf.facts]\nkind = \"port\"\nnetwork = true\n\
               status = \"enabled\"\nip = [\"ipv4\", \"ipv6\"]\n";
    write(at, "ixit/15-PhyIntf.toml", lan);
}

#[test]
fn what_answers_over_ipv6_alone_is_found_and_no_pass_is_given_before_it_was_looked_for() {
    let Some(netns) = ready(Netns::create()) else { return };
    let web = Nginx { pages: vec![("about".to_owned(), "<h1>TH-1</h1>".to_owned())], ..Nginx::default() };
    let Some(_v4) = ready(web.start(&Site::inside(&netns).port(80))) else { return };
    let Some(_v6) = ready(web.start(&Site::inside_v6(&netns).port(80))) else { return };
    let at = tempfile::tempdir().unwrap();
    write_dual(at.path());
    let bench = |also: &str| {
        format!(
            "[consent]\ntouches = \"active\"\nby = \"test laboratory\"\n[[target]]\nname = \"dut\"\n\
             address = \"{}\"\n{also}[limits]\nwait-millis = 400\n[[identity]]\nmeans = \"http-text\"\n\
             port = 80\npath = \"/about\"\nvalue = \"TH-1\"\n",
            netns.inner()
        )
    };
    let judged = || {
        let (_, json, said) = assay(&["judge", "--format", "json"], at.path());
        let report: Value = serde_json::from_str(&json).unwrap_or_else(|_| panic!("{said}"));
        let (outcome, because) = result(&report, "5.6-1-2c");
        (outcome.to_owned(), because.to_owned(), json.clone())
    };

    write(at.path(), "bench.toml", &bench(""));
    let (code, _, said) = assay(&["observe", "--yes"], at.path());
    assert_eq!(code, 0, "{said}");
    let (outcome, because, report) = judged();
    assert_eq!(outcome, "inconclusive", "{because}");
    assert!(report.contains("no address of the product was searched over IPv6"), "{because}");

    // The shell listens on the IPv6 address alone.
    let Some(_shell) = ready(Dropbear::default().start(&Site::inside_v6(&netns).port(2222))) else { return };
    write(at.path(), "bench.toml", &bench(&format!("also = [\"{}\"]\n", netns.inner_v6())));
    let (code, _, said) = assay(&["observe", "--yes"], at.path());
    assert_eq!(code, 0, "{said}");
    let (outcome, because, _) = judged();
    assert_eq!(outcome, "fail", "{because}");
    assert!(because.contains("2222/tcp"), "{because}");
}

#[test]
fn a_search_from_the_wan_side_of_a_router_passes_nothing_and_finds_what_the_router_lets_through() {
    let Some(router) = ready(Netns::create()) else { return };
    let Some(product) = ready(Netns::create()) else { return };
    let web = Nginx { pages: vec![("about".to_owned(), "<h1>TH-1</h1>".to_owned())], ..Nginx::default() };
    let Some(_web) = ready(web.start(&Site::inside(&product).port(80))) else { return };
    product.move_behind(&router).unwrap();
    // The product is declared to carry IPv4 alone; the router before it carries IPv6, which says nothing of the product.
    let off = ["-w", "net.ipv6.conf.lan0.disable_ipv6=1"];
    assert!(product.command("sysctl").unwrap().args(off).output().unwrap().status.success());
    router.forward(80, (product.inner(), 80).into()).unwrap();
    let at = tempfile::tempdir().unwrap();
    write_dual(at.path());
    let lan = "[[PhyIntf]]\nID = \"PhyIntf-Lan\"\n[PhyIntf.facts]\nkind = \"port\"\nnetwork = true\n\
               status = \"enabled\"\nip = [\"ipv4\"]\nplaces = [\"lan\"]\n";
    write(at.path(), "ixit/15-PhyIntf.toml", lan);
    let bench = format!(
        "[consent]\ntouches = \"active\"\nby = \"test laboratory\"\n[[target]]\nname = \"dut\"\n\
         address = \"{}\"\n[[target]]\nname = \"dut\"\naddress = \"{}\"\nplace = \"wan\"\n\
         [limits]\nwait-millis = 400\n[[identity]]\nmeans = \"http-text\"\nport = 80\n\
         path = \"/about\"\nvalue = \"TH-1\"\n",
        product.inner(),
        router.inner()
    );
    write(at.path(), "bench.toml", &bench);
    let outside = |state: &str| {
        let arguments = ["observe", "--yes", "--place", "wan", "--state", state];
        let (code, _, said) = assay(&arguments, at.path());
        assert_eq!(code, 0, "{said}");
    };
    let beside = |state: &str| {
        let mut command = router.command(env!("CARGO_BIN_EXE_assay")).unwrap();
        let done = command.args(["observe", "--yes", "--state", state]).current_dir(at.path()).output().unwrap();
        assert!(done.status.success(), "{}", String::from_utf8_lossy(&done.stderr));
    };
    let judged = |id: &str| {
        let (_, json, said) = assay(&["judge", "--format", "json"], at.path());
        let report: Value = serde_json::from_str(&json).unwrap_or_else(|_| panic!("{said}"));
        let (outcome, because) = result(&report, id);
        (outcome.to_owned(), because.to_owned())
    };

    // From outside every other port refuses, and the one that answers is declared: that is no search of the product.
    for state in ["initialized", "factory-default"] {
        outside(state);
    }
    for id in ["5.6-1-2c", "5.5-5-2b"] {
        let (outcome, because) = judged(id);
        assert!(outcome == "inconclusive" || outcome == "open", "{id}: {outcome}, {because}");
    }

    // Beside the product the same search passes, so that the place alone held it back.
    for state in ["initialized", "factory-default"] {
        beside(state);
    }
    let (outcome, because) = judged("5.6-1-2c");
    assert_eq!(outcome, "pass", "{because}");

    // A shell that the router passes on from another port is met outside and fails, though nobody declared it or the port.
    let Some(_shell) = ready(Dropbear::default().start(&Site::inside(&product).port(2200))) else { return };
    router.forward(2222, (product.inner(), 2200).into()).unwrap();
    outside("initialized");
    let (outcome, because) = judged("5.6-1-2c");
    assert_eq!(outcome, "fail", "{because}");
    assert!(because.contains("2222/tcp"), "{because}");
}
