//! A new release of the demonstration product: what was measured and stated on 1.4.2, and what becomes of it in 1.4.3.
#![allow(clippy::unwrap_used)]

mod program;

use std::collections::BTreeMap;
use std::fs;

use program::Bench;
use serde_json::Value;

const MEASURED: [&str; 3] = ["probe", "assisted", "manual"];

/// Where each instance stands: what it is, and why where it is stale.
fn standings(bench: &Bench) -> BTreeMap<String, (String, String, String)> {
    let told: Value = serde_json::from_str(&bench.done(&["release", "status", "d", "--json"])).unwrap();
    assert_eq!(told["release"], "1.4.3");
    assert_eq!(told["follows"], "1.4.2");
    let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
    let one = |i: &Value| {
        let stands = (text(&i["method"]), text(&i["currency"]["is"]), text(&i["currency"]["because"]));
        (text(&i["instance"]), stands)
    };
    told["instances"].as_array().unwrap().iter().map(one).collect()
}

fn sbom(bench: &Bench, version: &str) -> String {
    let text = format!(
        "{{\"bomFormat\": \"CycloneDX\", \"specVersion\": \"1.6\", \"components\": [\
         {{\"name\": \"rustls\", \"version\": \"{version}\"}}, {{\"name\": \"lumen-boot\", \"version\": \"1.2.0\"}}]}}"
    );
    let file = bench.path(&format!("{version}.json"));
    fs::write(&file, text).unwrap();
    file.display().to_string()
}

#[test]
fn a_new_release_keeps_what_rests_on_nothing_new_and_asks_for_the_rest() {
    // The passwords that bench.toml refers to: the demonstration makes its own, and nothing is sent after it.
    let bench = Bench::new().with("ASSAY_DEMO_ADMIN_PASSWORD", "none").with("ASSAY_DEMO_GUEST_PASSWORD", "none");
    let demo = bench.run(&["demo", "--dir", "d", "--fault", "none"]);
    assert!([0, 11].contains(&demo.exit), "{}", demo.said);
    bench.done(&["release", "add", "1.4.2", "--folder", "d", "--sbom", &sbom(&bench, "0.23.46")]);
    for (unit, entry) in [
        ("5.3-1-1b", "SoftComp-Tls"),
        ("5.3-1-1b", "SoftComp-Bootloader"),
        ("5.2-2-1a", "VulnTypes-Firmware"),
        ("5.2-2-1a", "VulnTypes-Service"),
    ] {
        let words = [
            "state",
            unit,
            "--folder",
            "d",
            "--entry",
            entry,
            "--verdict",
            "pass",
            "--because",
            "read",
            "--by",
            "T. Ester",
        ];
        bench.done(&words);
    }
    bench.run(&["judge", "d", "--record"]);
    let before: Value = serde_json::from_str(&bench.done(&["release", "status", "d", "--json"])).unwrap();
    let passed = |method: &str| {
        let all = before["instances"].as_array().unwrap().iter();
        all.filter(|i| i["method"] == method && i["outcome"] == "pass").count()
    };
    assert!(passed("probe") > 20 && passed("judgement") >= 3, "{} {}", passed("probe"), passed("judgement"));

    let added = bench.done(&["release", "add", "1.4.3", "--folder", "d", "--sbom", &sbom(&bench, "0.23.47")]);
    assert!(added.contains("rustls: the SBOM lists 0.23.47, SoftComp-Tls declares 0.23.46"), "{added}");
    let again = bench.refused(1, &["release", "add", "1.4.3", "--folder", "d"]);
    assert!(again.contains("already recorded") && again.contains("as they were"), "{again}");
    let file = bench.path("d/ixit/3-VulnTypes.toml");
    let text = fs::read_to_string(&file).unwrap();
    let at = text.find("ID = \"VulnTypes-Service\"").unwrap();
    let (head, tail) = text.split_at(at);
    fs::write(&file, format!("{head}{}", tail.replacen("Action = \"", "Action = \"Otherwise: ", 1))).unwrap();

    let now = standings(&bench);
    let stands = |instance: &str| now.get(instance).unwrap_or_else(|| panic!("there is no {instance}"));
    assert_eq!(stands("5.2-2-1a @ VulnTypes-Firmware").1, "carried");
    assert_eq!(stands("5.3-1-1b @ SoftComp-Bootloader").1, "carried");
    assert_eq!(stands("5.2-2-1a @ VulnTypes-Service").2, "VulnTypes-Service changed: `action`");
    assert_eq!(stands("5.3-1-1b @ SoftComp-Tls").2, "component rustls went from 0.23.46 to 0.23.47");
    // Nothing measured is carried, and whatever was decided at the product is due again.
    for was in before["instances"].as_array().unwrap().iter().filter(|i| i["currency"]["is"] == "current") {
        let instance = was["instance"].as_str().unwrap();
        let (method, is, because) = stands(instance);
        let measured = MEASURED.contains(&method.as_str());
        match measured {
            true => assert!(is == "stale" && !because.is_empty(), "{instance}: {is} {because}"),
            false => assert!(["current", "carried", "stale"].contains(&is.as_str()), "{instance}: {is}"),
        }
    }
    let carried: Vec<&String> = now.iter().filter(|(_, (_, is, _))| is == "carried").map(|(i, _)| i).collect();
    assert_eq!(carried, ["5.2-2-1a @ VulnTypes-Firmware", "5.3-1-1b @ SoftComp-Bootloader"]);

    let judged = bench.run(&["judge", "d", "--format", "markdown"]);
    assert!(judged.data.contains("carried from 1.4.2"), "the report says so");
    assert!(judged.data.contains("2 unit instances are carried over from an earlier release"));
    let json: Value = serde_json::from_str(&bench.run(&["judge", "d", "--format", "json"]).data).unwrap();
    assert!(json.to_string().contains("\"currency\":\"carried-over\""));
    bench.run(&["observe", "d", "--background", "--yes"]);
    let planned = bench.run(&["observe", "d", "--stale", "--dry-run"]);
    assert_eq!(planned.exit, 0, "{}", planned.said);
    assert!(planned.data.starts_with("dut.identity "), "{}", planned.data);
    assert!(planned.said.contains("tls.server-offer on dut renews:"), "{}", planned.said);
    assert!(planned.said.contains("went from 0.23.46 to 0.23.47"), "{}", planned.said);
    let elsewhere = "in factory-default, measured of an earlier release alone: assay observe --stale --place";
    assert!(planned.said.contains(elsewhere), "{}", planned.said);
}
