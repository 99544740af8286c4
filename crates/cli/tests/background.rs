//! The background: measured where the bench asks for it, as far as the operator agreed, and kept only when whole.
#![allow(clippy::unwrap_used)]

mod program;

use std::fs;
use std::net::TcpListener;

use program::Bench;

const AGREED: &str = "[consent]\ntouches = \"active\"\nby = \"test laboratory\"\nuntil = \"2099-12-31\"\n";

/// A port on loopback that remembers whether anybody came.
struct Door(TcpListener);

impl Door {
    fn open() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        listener.set_nonblocking(true).unwrap();
        Self(listener)
    }

    fn port(&self) -> u16 {
        self.0.local_addr().unwrap().port()
    }

    fn was_tried(&self) -> bool {
        self.0.accept().is_ok()
    }
}

/// The sample with a bench of one target that asks for its background and one that does not.
fn bench(own: &Door, other: &Door, rest: &str) -> Bench {
    let bench = Bench::new();
    let target = |name: &str, port: u16, background: bool| {
        format!(
            "[[target]]\nname = \"{name}\"\naddress = \"127.0.0.1\"\ntcp-ports = \"{port}\"\nbackground = {background}\n"
        )
    };
    let text = target("dut", own.port(), true) + &target("cloud", other.port(), false) + rest;
    fs::write(bench.path("plug/bench.toml"), text).unwrap();
    bench
}

#[test]
fn without_consent_to_active_steps_the_background_is_refused_and_nothing_is_sent() {
    let (own, other) = (Door::open(), Door::open());
    let over = AGREED.replace("2099", "2020");
    for (consent, why) in [
        ("", "gives no consent"),
        (over.as_str(), "ended on 2020-12-31"),
        (&AGREED.replace("active", "passive"), "up to passive"),
    ] {
        let bench = bench(&own, &other, consent);
        let said = bench.refused(1, &["observe", "plug", "--background", "--yes"]);
        assert!(said.contains(why) && said.contains("touches = \"active\""), "{said}");
        assert_eq!(said.lines().last(), Some("nothing was sent"));
        assert!(!bench.path("plug/.assay/background.json").exists());
    }
    assert!(!own.was_tried() && !other.was_tried());
}

#[test]
fn the_plan_is_shown_first_and_only_the_targets_that_ask_for_it_are_tried() {
    let (own, other) = (Door::open(), Door::open());
    let bench = bench(&own, &other, AGREED);
    let plan = bench.run(&["observe", "plug", "--background", "--dry-run"]);
    assert_eq!(plan.exit, 0, "{}", plan.said);
    assert!(plan.data.contains("net.tcp-ports") && plan.data.contains("active"), "{}", plan.data);
    assert!(plan.said.contains("dut at 127.0.0.1") && !plan.said.contains("cloud"), "{}", plan.said);
    // Nobody is there to be asked.
    assert!(bench.refused(1, &["observe", "plug", "--background"]).contains("not confirmed"));
    assert!(!own.was_tried());
    assert_eq!(bench.done(&["observe", "plug", "--background", "--yes"]), plan.data.trim_end());
    assert!(own.was_tried() && !other.was_tried());
    let kept = fs::read_to_string(bench.path("plug/.assay/background.json")).unwrap();
    assert_eq!(kept.split_whitespace().collect::<String>(), format!("{{\"dut\":[{}]}}", own.port()));
}

#[test]
fn a_background_with_holes_is_not_kept() {
    let (own, other) = (Door::open(), Door::open());
    let bench = bench(&own, &other, &format!("{AGREED}[limits]\nper-second = 100\nseconds = 1\n"));
    let at = bench.path("plug/bench.toml");
    let text = fs::read_to_string(&at).unwrap().replacen(&format!("\"{}\"", own.port()), "\"1-65535\"", 1);
    fs::write(&at, text).unwrap();
    let said = bench.refused(1, &["observe", "plug", "--background", "--yes"]);
    assert!(said.contains("were not tried") && said.contains("[limits]"), "{said}");
    assert_eq!(said.lines().last(), Some("no background was kept"));
    assert!(!bench.path("plug/.assay/background.json").exists());
}

#[test]
fn a_bench_that_asks_for_no_background_says_how_to() {
    let (own, other) = (Door::open(), Door::open());
    let bench = bench(&own, &other, AGREED);
    let at = bench.path("plug/bench.toml");
    fs::write(&at, fs::read_to_string(&at).unwrap().replace("background = true", "background = false")).unwrap();
    let said = bench.refused(1, &["observe", "plug", "--background", "--yes"]);
    assert!(said.contains("`background = true`"), "{said}");
    assert!(!own.was_tried());
}
