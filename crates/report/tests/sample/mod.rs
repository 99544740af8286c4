//! The sample that every writer is tested on: an invented plug with a verdict of each kind.

#![allow(dead_code, reason = "each test uses a part of it")]

mod clauses;

use model::{Digest, Edition, Outcome, Timestamp};
use report::Presentation;
use report::presentation::*;

/// Provisions of the sample that do not pass.
const OUTCOMES: &[(&str, Outcome)] = &[
    ("5.1-1", Outcome::Fail),
    ("5.1-5", Outcome::Inconclusive),
    ("5.3-10", Outcome::Inconclusive),
    ("5.3-14", Outcome::NotApplicable),
    ("5.3-15A", Outcome::NotApplicable),
    ("5.3-15B", Outcome::NotApplicable),
    ("5.4-3", Outcome::Open),
    ("5.5-1", Outcome::Inconclusive),
    ("5.5-2", Outcome::Open),
    ("5.6-1", Outcome::Fail),
    ("5.6-2", Outcome::Inconclusive),
    ("5.6-5", Outcome::Fail),
    ("5.6-8", Outcome::NotApplicable),
    ("5.9-1", Outcome::Open),
    ("5.9-2", Outcome::Open),
    ("5.10-1", Outcome::NotApplicable),
    ("5.11-1", Outcome::Open),
    ("6-4", Outcome::NotApplicable),
    ("6-5", Outcome::NotApplicable),
];

/// The outcome of a provision of the sample.
fn outcome(provision: &str) -> Outcome {
    OUTCOMES.iter().find(|(id, _)| *id == provision).map_or(Outcome::Pass, |(_, o)| *o)
}

fn at(minute: i64) -> Timestamp {
    Timestamp::from_seconds(1_772_366_400 + minute * 60)
}

fn place(path: &str, line: u32, quote: &str) -> Place {
    Place { path: path.into(), line, column: 1, quote: quote.into() }
}

fn declared(path: &str, line: u32, quote: &str, text: &str) -> Ground {
    Ground::Declared(Declared { at: place(path, line, quote), text: text.into() })
}

fn observed(record: u64, probe: &str, text: &str) -> Ground {
    let when = at(i64::try_from(record).unwrap_or(0));
    let (target, text, tool) = ("dut".into(), text.into(), tool(probe));
    Ground::Observed(Observed { record, probe: probe.into(), tool, target, when, text })
}

/// The tool whose output a probe of the sample read.
fn tool(probe: &str) -> String {
    if probe == "import.nmap" { "nmap 7.93".into() } else { String::new() }
}

fn step(verb: Verb, text: &str, command: Option<&str>) -> Step {
    Step { verb, text: text.into(), command: command.map(Into::into) }
}

fn document(id: &str, version: &str, published: &str, title: &str) -> Document {
    let (id, version) = (id.into(), version.into());
    let url = "https://www.etsi.org/standards".into();
    Document { id, version, published: published.into(), title: title.into(), url }
}

fn head() -> Head {
    Head {
        product: "Lumo Plug".into(),
        model: "LP-1".into(),
        release: "2.4.1".into(),
        supplier: "Lumo Example Works".into(),
        assessor: "Example Test Laboratory".into(),
        edition: Edition::V3_1_3,
        requirements: document("EN 303 645", "V3.1.3", "2024-09", "Baseline Requirements"),
        tests: document("TS 103 701", "V2.1.1", "2025-05", "Conformance Assessment"),
        at: at(90),
        ruleset: 1,
        crypto_policy: CryptoPolicy {
            name: "Laboratory list".into(),
            version: "7".into(),
            digest: Digest::of(b"policy"),
            replaced: true,
        },
        tool: "assay 0.1.0".into(),
        ledger: Some(Ledger {
            records: 41,
            root: Digest::of(b"root"),
            signers: vec!["laboratory bench 2".into()],
        }),
    }
}

fn findings() -> Vec<Finding> {
    let finding = |provision: &str, mandatory, about: &str, because: &str, grounds, next| Finding {
        provision: provision.into(),
        mandatory,
        about: about.into(),
        because: because.into(),
        grounds,
        next,
    };
    vec![
        finding(
            "5.1-1",
            true,
            "5.1-1-2a @ AuthMech-WebUI",
            "a login with the factory default was accepted although the dossier declares a password per device",
            vec![
                declared(
                    "ixit/1-AuthMech.toml",
                    8,
                    "origin = \"per-device\"",
                    "AuthMech-WebUI: origin per-device",
                ),
                observed(14, "auth.defaults", "admin / admin accepted at 192.0.2.7:80/tcp, HTTP 200"),
            ],
            vec![step(
                Verb::Mend,
                "Give each device its own password, then measure again",
                Some("assay observe auth.defaults"),
            )],
        ),
        finding(
            "5.6-1",
            true,
            "5.6-1-2c",
            "TCP port 23 answers on the local network and no declared interface explains it",
            vec![
                declared("ixit/28-LogIntf.toml", 3, "[[LogIntf]]", "7 logical interfaces, none on 23/tcp"),
                observed(12, "net.tcp-ports", "looked at tcp 1-65535 from lan; open: 23, 80, 443, 1883"),
                observed(
                    13,
                    "import.nmap",
                    "23/tcp greets with \"BusyBox v1.31.0 login: <script>alert(1)</script>\"",
                ),
                Ground::Rule(Ruled { text: "every enabled logical interface is listed in 28-LogIntf".into() }),
            ],
            vec![step(Verb::Mend, "Close 23/tcp, or declare the interface and why it is needed", None)],
        ),
        finding(
            "5.6-5",
            false,
            "5.6-5-1a @ SoftServ-Telnet",
            "a service runs that the product's use does not need",
            vec![Ground::Stated(Stated {
                record: 33,
                by: "R. Example (test laboratory)".into(),
                when: at(33),
                text: "fail: telnet serves no declared function".into(),
            })],
            vec![step(Verb::Mend, "Switch the service off in the release build", None)],
        ),
    ]
}

fn gaps() -> Vec<Gap> {
    let gap = |step, missing: &str, instances: &[&str], provisions: &[&str], mandatory, legs: &[&str]| Gap {
        step,
        missing: vec![missing.into()],
        instances: instances.iter().map(|t| (*t).into()).collect(),
        provisions: provisions.iter().map(|t| (*t).into()).collect(),
        mandatory,
        legs: legs.iter().map(|t| (*t).into()).collect(),
    };
    vec![
        gap(
            step(
                Verb::Observe,
                "Run auth.guessing against the product",
                Some("assay observe auth.guessing --target dut"),
            ),
            "nobody has tried whether guessing is slowed down",
            &["5.1-5-1b @ AuthMech-WebUI", "5.1-5-2b @ AuthMech-WebUI", "5.1-5-2b @ AuthMech-Cloud"],
            &["5.1-5", "5.5-5"],
            2,
            &[],
        ),
        gap(
            step(Verb::Declare, "Declare `signature` of UpdMech-OTA in table UpdMech", None),
            "it is not declared which signature an update carries",
            &["5.3-10-1a @ UpdMech-OTA"],
            &["5.3-10"],
            1,
            &[],
        ),
        gap(
            step(Verb::Prepare, "Add the address of `cloud` to the bench", None),
            "the bench has no address for cloud",
            &["5.5-1-2a @ ComMech-Cloud"],
            &["5.5-1"],
            1,
            &[],
        ),
        gap(
            step(
                Verb::State,
                "Decide whether users get clear deletion instructions",
                Some("assay state 5.11-1-1a"),
            ),
            "no person has decided it yet",
            &["5.11-1-1a"],
            &["5.11-1"],
            0,
            &[],
        ),
        gap(
            step(Verb::Declare, "Write a control for 5.9-1", None),
            "no control is designed for 5.9-1",
            &[],
            &[],
            0,
            &["5.9-1"],
        ),
    ]
}

fn looked() -> Vec<Looked> {
    let looked = |probe: &str, record, at_: &[&str], not| Looked {
        target: "dut".into(),
        probe: probe.into(),
        tool: tool(probe),
        place: "lan".into(),
        record,
        when: at(i64::try_from(record).unwrap_or(0)),
        stale_since: (record == 15).then(|| at(20)),
        at: at_.iter().map(|t| (*t).into()).collect(),
        not,
    };
    let missed = |why: &str, text: &str| Missed { why: why.into(), text: text.into() };
    vec![
        looked("net.tcp-ports", 12, &["tcp 1-65535 at 192.0.2.7 from lan"], vec![]),
        looked("import.nmap", 13, &["tcp 1-1000 at 192.0.2.7"], vec![]),
        looked(
            "net.udp-services",
            16,
            &["32 UDP services at 192.0.2.7 from lan"],
            vec![missed("silence", "5353/udp: three tries"), missed("silence", "1900/udp: three tries")],
        ),
        looked("tls.server-offer", 15, &["versions SSL 3.0 to TLS 1.3 at 443", "37 suites at 443"], vec![]),
        looked("auth.guessing", 18, &[], vec![missed("missing", "nobody has agreed to intrusive steps")]),
    ]
}

fn access() -> Vec<Tried> {
    let tried = |function: &str, found: &str, none: &str, altered: &str| Tried {
        function: function.into(),
        at: "443/tcp".into(),
        place: String::new(),
        found: found.into(),
        none: none.into(),
        wrong: "refused".into(),
        ended: String::new(),
        altered: altered.into(),
        weak: "unclear".into(),
        valid: "granted".into(),
        record: 4,
    };
    vec![tried("GET /api/v1/config", "", "refused", "refused"), tried("GET /status.json", "page", "granted", "")]
}

fn traffic() -> Vec<Flow> {
    let flow = |compared: &str, declared: &str, what: &str, because: &str| Flow {
        compared: compared.into(),
        declared: declared.into(),
        what: what.into(),
        because: because.into(),
        grounds: Vec::new(),
    };
    vec![
        flow(
            "undeclared",
            "",
            "tls with metrics.example at 443/tcp",
            "the product speaks tls, and nothing declares it",
        ),
        flow("match", "SecComMech-Cloud", "tls at cloud 8883/tcp", "agrees on tls-1.3 with cloud at 8883/tcp"),
    ]
}

fn unmet() -> Vec<Unmet> {
    let observed = Observed {
        record: 9,
        probe: "net.udp-services".into(),
        target: "dut".into(),
        tool: String::new(),
        when: at(9),
        text: "5353/udp did not answer over IPv4".into(),
    };
    vec![
        Unmet {
            table: "LogIntf".into(),
            declared: "LogIntf-MDNS".into(),
            what: "5353/udp, mdns".into(),
            because: "it was looked for, and not met".into(),
            grounds: vec![Ground::Observed(observed)],
        },
        Unmet {
            table: "service".into(),
            declared: "cloud".into(),
            what: "https://cloud.example".into(),
            because: "nothing was looked at for it".into(),
            grounds: Vec::new(),
        },
    ]
}

fn records() -> Vec<Record> {
    let record = |seq: u64, kind, of: &str, by: &str, files| Record {
        seq,
        kind,
        of: of.into(),
        target: if kind == RecordKind::Observation { "dut".into() } else { String::new() },
        by: by.into(),
        tool: if of == "import.nmap" { "nmap 7.93, in scan.xml".into() } else { String::new() },
        when: at(i64::try_from(seq).unwrap_or(0)),
        from: Some(at(i64::try_from(seq).unwrap_or(0) - 1)),
        until: Some(at(i64::try_from(seq).unwrap_or(0))),
        valid_until: (seq != 33).then(|| at(90 + i64::try_from(seq).unwrap_or(0))),
        level: if kind == RecordKind::Observation { "reproducible".into() } else { "measured".into() },
        operator: if kind == RecordKind::Observation { "O. Perator".into() } else { String::new() },
        place: "lan".into(),
        unit: "RT-9 2.4.1, serial 0042, firmware 2.4.1".into(),
        parameters: if of == "net.tcp-ports" { vec!["address = \"192.0.2.7\"".into()] } else { Vec::new() },
        digest: Digest::of(&seq.to_be_bytes()),
        files,
    };
    let file = |kind: &str, name: &str, size| File {
        kind: kind.into(),
        name: name.into(),
        size,
        digest: Digest::of(name.as_bytes()),
    };
    let bench = "assay 0.1.0";
    let raw = |name: &str| vec![file("raw", name, 48_213)];
    vec![
        record(12, RecordKind::Observation, "net.tcp-ports", bench, raw("tcp-ports.json")),
        record(13, RecordKind::Observation, "import.nmap", bench, raw("scan.xml")),
        record(14, RecordKind::Observation, "auth.defaults", bench, raw("defaults.json")),
        record(15, RecordKind::Observation, "tls.server-offer", bench, raw("tls.json")),
        record(16, RecordKind::Observation, "net.udp-services", bench, raw("udp.json")),
        record(18, RecordKind::Observation, "auth.guessing", bench, vec![]),
        record(
            33,
            RecordKind::Statement,
            "5.6-5-1a @ SoftServ-Telnet",
            "R. Example (test laboratory)",
            vec![file("photo", "label of the device.jpg", 812_004), file("capture", "boot.pcapng", 92_118)],
        ),
    ]
}

/// The sample.
pub(crate) fn sample() -> Presentation {
    let clauses = clauses::clauses();
    let of = |mandatory| clauses.iter().flat_map(|c| &c.provisions).filter(move |p| p.mandatory == mandatory);
    let total = |mandatory, because: &str| Total {
        outcome: Outcome::Fail,
        because: because.into(),
        counts: Counts::over(of(mandatory).map(|p| p.outcome)),
    };
    let mandatory = total(true, "fail: mandatory provision 5.1-1, 5.6-1");
    let recommended = total(false, "fail: recommendation 5.6-5");
    let limits = [
        "It is no certificate and no declaration of conformity.",
        "It speaks of release 2.4.1 alone, as it lay before the bench at the time of each record.",
        "9 of 78 provisions are open or inconclusive; nothing is said about what they ask.",
        "What the supplier declares is taken as declared; it is not proven by being written down.",
        "EN 303 645 is a baseline: a product that meets it can still have weaknesses.",
    ];
    Presentation {
        head: head(),
        mandatory,
        recommended,
        figures: Figures::of(&clauses),
        limits: limits.map(Into::into).into(),
        clauses,
        findings: findings(),
        gaps: gaps(),
        looked: looked(),
        unmet: unmet(),
        traffic: traffic(),
        access: access(),
        records: records(),
        people: vec![Person { name: "R. Example".into(), role: "test laboratory".into(), statements: 12 }],
        reviews: vec![Review {
            record: 36,
            checkpoint: "judged".into(),
            approved: false,
            assessment: 35,
            current: true,
            by: "A. Nother".into(),
            role: "reviewer".into(),
            when: at(36),
            reasons: "The lockout was not looked at.".into(),
        }],
        written: vec![
            Written { what: "report".into(), path: ".assay/reports/2.4.1.html".into() },
            Written { what: "bundle".into(), path: ".assay/reports/2.4.1.bundle".into() },
        ],
        exit: Exit { code: 10, meaning: "assessed, and something failed".into() },
    }
}

/// The sample with one clause of two provisions: enough for a snapshot.
pub(crate) fn small() -> Presentation {
    let mut small = sample();
    small.clauses.retain(|c| c.id == "5.1" || c.id == "5.6");
    for clause in &mut small.clauses {
        clause.provisions.truncate(2);
        for provision in &mut clause.provisions {
            provision.cases.truncate(1);
        }
    }
    small
}

/// The small sample with something in every field of the model.
pub(crate) fn rich() -> Presentation {
    let mut rich = small();
    let every = || {
        let stated = Stated { record: 33, by: "R. Example".into(), when: at(33), text: "fail: seen".into() };
        vec![
            declared("ics.toml", 2, "a = true", "feature a is present"),
            observed(12, "net.tcp-ports", "open: 23"),
            Ground::Stated(stated),
            Ground::Rule(Ruled { text: "a fact".into() }),
        ]
    };
    let steps = || vec![step(Verb::Observe, "Measure it", Some("assay observe"))];
    for record in &mut rich.records {
        record.target = "dut".into();
    }
    for finding in &mut rich.findings {
        (finding.grounds, finding.next) = (every(), steps());
    }
    for provision in rich.clauses.iter_mut().flat_map(|c| &mut c.provisions) {
        provision.applies_because = every();
        provision.grounds = every();
        provision.next = steps();
        provision.answer.justification = "It is not needed.".into();
        provision.answer.compensating = "The network is separate.".into();
        provision.answer.review = "2027-01-01".into();
        for case in &mut provision.cases {
            case.or_when = vec!["it holds no user data".into()];
            case.otherwise = Some(Otherwise { reading: "one suffices".into(), outcome: Outcome::Pass });
            for instance in case.units.iter_mut().flat_map(|u| &mut u.instances) {
                instance.entry = "AuthMech-WebUI".into();
                (instance.grounds, instance.next) = (every(), steps());
                match instance.outcome {
                    Outcome::Pass => {
                        instance.currency = Currency::Carried;
                        instance.carried = Some(Carried {
                            from: "1.3".into(),
                            assessment: 9,
                            records: vec![4, 7],
                            policy: "documents, for a year".into(),
                        });
                    }
                    Outcome::Open => {
                        instance.currency = Currency::Stale;
                        instance.stale_because = "AuthMech-WebUI changed: `origin`".into();
                    }
                    _ => {}
                }
            }
        }
    }
    rich
}

/// A presentation of a product of which nothing is known yet.
pub(crate) fn bare() -> Presentation {
    let mut bare = small();
    for text in [&mut bare.head.product, &mut bare.head.model, &mut bare.head.release, &mut bare.head.supplier] {
        text.clear();
    }
    bare.head.ledger = None;
    bare.clauses.clear();
    bare.findings.clear();
    bare.gaps.clear();
    bare.looked.clear();
    bare.unmet.clear();
    bare.traffic.clear();
    bare.access.clear();
    bare.records.clear();
    bare.people.clear();
    bare.reviews.clear();
    bare.written.clear();
    bare.figures = Figures::of(&bare.clauses);
    for total in [&mut bare.mandatory, &mut bare.recommended] {
        total.outcome = Outcome::Open;
        total.because = "nothing has been looked at".into();
        total.counts = Counts::over([]);
    }
    bare.exit = Exit { code: 11, meaning: "assessed, and mandatory provisions are still open".into() };
    bare
}
