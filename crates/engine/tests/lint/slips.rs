//! One slip per code at least: what is written otherwise, and on which line the note has to lie.

use std::collections::BTreeSet;

use dossier::Note;
use engine::lint::{CODES, check, check_at};
use model::Timestamp;

use crate::good::{line, sources, with};

/// Code; file; what stands there; what is written instead; a text on the line where the note lies.
type Slip = (&'static str, &'static str, &'static str, &'static str, &'static str);

const ASSAY: &str = "assay.toml";
const ICS: &str = "ics.toml";
const CONTROLS: &str = "controls.toml";
const BENCH: &str = "bench.toml";
const AUTH: &str = "1-AuthMech.toml";
const INFO: &str = "2-UserInfo.toml";
const UPDATE: &str = "3-8-maintenance.toml";
const SECURITY: &str = "10-14-security.toml";
const PLATFORM: &str = "15-20-platform.toml";
const DATA: &str = "21-29-data.toml";

const FORM: &[Slip] = &[
    ("not-toml", ASSAY, "[product]", "[product", "[product"),
    ("unknown-key", ASSAY, "hardware =", "hardwear =", "hardwear"),
    ("unknown-key", UPDATE, "automatic = true", "automatik = true", "automatik"),
    ("unknown-value", UPDATE, "authenticity-by = \"device\"", "authenticity-by = \"devise\"", "devise"),
    ("wrong-type", SECURITY, "uniqueness = \"per-device\"", "uniqueness = 7", "uniqueness = 7"),
    ("wrong-type", BENCH, "[[target]]\nname = \"dut\"", "[target]\nname = \"dut\"", "[target]"),
    ("number-out-of-range", SECURITY, "port = 443", "port = 70000", "70000"),
    ("not-an-address", BENCH, "\"192.0.2.10\"", "\"192.0.2.300\"", "192.0.2.300"),
    ("bad-url", INFO, "= \"https://lamp.example/support\"", "= \"lamp.example/support\"", "support-period-url"),
    ("bad-url", ASSAY, "\"mqtts://cloud.example:8883\"", "\"mqtts://cloud.example:88830\"", "88830"),
    ("bad-date", ICS, "2026-09-30", "2026-09-31", "2026-09-31"),
    ("bad-date", ASSAY, "2026-01-12", "12.01.2026", "12.01.2026"),
    ("bad-date", BENCH, "2026-12-31", "end of 2026", "end of 2026"),
    ("bad-digest", ASSAY, "sha256:6f", "sha256:", "firmware"),
    ("bad-package-url", UPDATE, "pkg:generic", "generic", "purl"),
    ("placeholder", INFO, "\"5 years after the end of sale\"", "\"? years\"", "Support Period"),
    ("placeholder", UPDATE, "30 days after triage", "TBD", "TBD"),
    ("key-in-text", CONTROLS, "Platform pattern 5.0-1", "-----BEGIN PRIVATE KEY-----", "BEGIN"),
];

const CARRY: &str = "statement-days = 365\n";

const PRODUCT: &[Slip] = &[
    ("carry-incomplete", ASSAY, CARRY, "statement-days = 365\n[[carry]]\nmethod = \"rule\"\n", "[[carry]]"),
    (
        "carry-twice",
        ASSAY,
        CARRY,
        "statement-days = 365\n[[carry]]\nmethod = \"judgement\"\nwhen = \"never\"\n\
         [[carry]]\nwhen = \"unchanged\"\nmethod = \"judgement\" # again\n",
        "again",
    ),
    (
        "carry-past-image",
        ASSAY,
        CARRY,
        "statement-days = 365\n[[carry]]\nmethod = \"probe\"\nwhen = \"unchanged\"\n",
        "unchanged",
    ),
    (
        "carry-too-long",
        ASSAY,
        CARRY,
        "statement-days = 365\n[[carry]]\nmethod = \"judgement\"\nwhen = \"unchanged\"\ndays = 366\n",
        "366",
    ),
    (
        "task-days-order",
        ASSAY,
        CARRY,
        "statement-days = 365\ntask-days-mandatory = 60\ntask-days-recommended = 45\n",
        "45",
    ),
    ("task-days-order", ASSAY, CARRY, "statement-days = 365\ntask-days-mandatory = 31\n", "31"),
    (
        "checkpoint-incomplete",
        ASSAY,
        CARRY,
        "statement-days = 365\n[[checkpoint]]\nname = \"out\"\nholds = []\n",
        "[[checkpoint]]",
    ),
    (
        "checkpoint-twice",
        ASSAY,
        CARRY,
        "statement-days = 365\n[[checkpoint]]\nname = \"out\"\nholds = [\"current\"]\n\
         [[checkpoint]]\nholds = [\"current\"]\nname = \"out\" # again\n",
        "again",
    ),
    ("unknown-edition", ASSAY, "3.1.3", "3.1.4", "3.1.4"),
    ("edition-undeclared", ASSAY, "edition = \"3.1.3\"\n", "", ""),
    ("product-unnamed", ASSAY, "model = \"LAMP-100\"\n", "", "[product]"),
    ("no-release", ASSAY, "version = \"1.4.0\"\n", "", "[[release]]"),
    ("duplicate-release", ASSAY, "1.4.0", "1.3.0", "version"),
    ("release-order", ASSAY, "2026-01-12", "2025-01-12", "2025-01-12"),
    ("person-without-role", ASSAY, "role = \"firmware\"\ncontact", "contact", "[[person]]"),
    ("unknown-clause", ASSAY, "for = \"5.2\"", "for = \"5.22\"", "5.22"),
    ("unknown-scope", ASSAY, "statement-days = 365", "two-persons = [\"manul\"]", "manul"),
    ("unknown-role", ASSAY, "role = \"firmware\"\n\n[policy]", "role = \"firmwear\"\n\n[policy]", "firmwear"),
    ("unknown-role", CONTROLS, "owner = \"product security\"", "owner = \"nobody\"", "nobody"),
    ("responsibility-incomplete", ASSAY, "for = \"5.3-9\"\n", "", "[[responsible]]"),
];

const ANSWERS: &[Slip] = &[
    ("unknown-provision", ICS, "id = \"5.1-2A\"", "id = \"5.1-2B\"", "5.1-2B"),
    ("unknown-provision", ICS, "id = \"5.0-1\"", "id = \"4-1\"", "4-1"),
    ("unknown-provision", ASSAY, "for = \"5.3-9\"", "for = \"5.3-99\"", "5.3-99"),
    ("duplicate-provision", ICS, "id = \"5.1-2\"", "id = \"5.1-1\"", "5.1-1"),
    ("row-without-id", ICS, "id = \"5.1-3\"\n", "", "[[provision]]"),
    ("status-disagrees", ICS, "status = \"M F (c)\"", "status = \"R F (c)\"", "R F (c)"),
    ("provision-without-row", ICS, "id = \"6-8\"", "id = \"6-80\"", "[[provision]]"),
    ("unanswered", ICS, "status = \"M\"\nsupport = \"Y\"", "status = \"M\"", "5.0-1"),
    ("mandatory-answered-no", ICS, "\"M\"\nsupport = \"Y\"", "\"M\"\nsupport = \"N\"", "support"),
    ("mandatory-not-applicable", ICS, "\"M F (a)\"\nsupport = \"Y\"", "\"M F (a)\"\nsupport = \"N/A\"", "support"),
    (
        "not-applicable-contradicted",
        ICS,
        "\"R F (f)\"\nsupport = \"Y\"",
        "\"R F (f)\"\nsupport = \"N/A\"",
        "support",
    ),
    ("answer-to-inapplicable", ICS, "\"R F (aa)\"\nsupport = \"N/A\"", "\"R F (aa)\"\nsupport = \"Y\"", "support"),
    ("answer-carried", ICS, "\"M F (a)\"\n", "\"M F (a)\"\ncarried = \"5.1-1 of V2.1.1\"\n", "5.1-1 of V2.1.1"),
    ("applicability-undeclared", ICS, "aa = false\n", "", "support"),
    (
        "justification-missing",
        ICS,
        "detail = \"The microcontroller has no memory protection unit\"\njustification = \"No part with memory protection fits the power budget\"\n",
        "",
        "support = \"N\"",
    ),
    (
        "compensation-missing",
        ICS,
        "compensating = \"All code is written in a memory-safe language\"",
        "",
        "support = \"N\"",
    ),
    ("review-missing", ICS, "review = \"2026-09-30\"\n", "", "support = \"N\""),
    ("review-past", ICS, "review = \"2026-09-30\"", "review = \"2025-09-30\"", "2025-09-30"),
    ("detail-missing", ICS, "detail = \"See the entries that the tests of 5.1-1 read\"", "", "support"),
    ("unknown-feature", ICS, "aa = false", "ab = false", "ab = false"),
    ("unknown-condition", ICS, "16 = true", "17 = true", "17"),
    ("feature-undeclared", ICS, "e = true\n", "", "= true"),
    ("features-contradict", ICS, "z = true", "z = false", "= true"),
    ("feature-contradicted", ICS, "a = true", "a = false", "a = false"),
    ("feature-contradicted", ICS, "w = true", "w = false", "w = false"),
    ("feature-contradicted", UPDATE, "automatic = true", "automatic = false", "h = true"),
    ("feature-contradicted", ICS, "12 = true", "12 = false", "12 = false"),
];

const ENTRIES: &[Slip] = &[
    ("unknown-table", AUTH, "[[AuthMech]]", "[[AuthMec]]", "[[AuthMec]]"),
    ("unknown-table", PLATFORM, "[[PhyIntf]]", "[[Intf]]", "[[Intf]]"),
    ("table-spelling", PLATFORM, "[[CodeMin]]", "[[codemin]]", "[[codemin]]"),
    ("table-number", PLATFORM, "[[CodeMin]]", "[[15-CodeMin]]", "[[15-CodeMin]]"),
    ("table-shape", UPDATE, "[Conf]", "[[Conf]]\nID = \"Conf\"", "[[Conf]]"),
    ("table-shape", PLATFORM, "[[CodeMin]]", "[CodeMin]", "[CodeMin]"),
    (
        "table-without-facts",
        PLATFORM,
        "[[PrivlCtrl]]",
        "[CodeMin.facts]\nx = 1\n\n[[PrivlCtrl]]",
        "[CodeMin.facts]",
    ),
    ("empty-table", PLATFORM, "ID = \"CodeMin-Linker\"", "", "[[CodeMin]]"),
    ("entry-without-id", DATA, "ID = \"ExtSens-Motion\"", "", "[[ExtSens]]"),
    ("empty-id", DATA, "\"ExtSens-Motion\"", "\"\"", "ID = \"\""),
    ("duplicate-id", DATA, "\"ResMech-Power\"", "\"ResMech-Local\"", "ResMech-Local"),
    ("unknown-field", DATA, "Anonymization", "Anonymisation", "Anonymisation"),
    ("unknown-field", DATA, "Purpose = \"Remote", "consent = \"Remote", "consent"),
    (
        "duplicate-field",
        DATA,
        "Purpose = \"Remote control\"",
        "Purpose = \"x\"\npurpose = \"y\"",
        "purpose = \"y\"",
    ),
    ("unexpected-value", DATA, "Sensitive = \"No\"", "Sensitive = \"Perhaps\"", "Perhaps"),
    ("missing-table", PLATFORM, "[[SecDev]]", "[[SecDevelopment]]", "support"),
    ("missing-field", SECURITY, "\"Protection Scheme\" = \"In read-only memory\"", "", "[[SecParam]]"),
    (
        "missing-field",
        AUTH,
        "\"Password Generation Mechanism\" = \"Twelve",
        "Description2 = \"Twelve",
        "[[AuthMech]]",
    ),
];

const REFERENCES: &[Slip] = &[
    ("dangling-reference", UPDATE, "[\"UpdMech-Ota\"]", "[\"UpdMech-Otta\"]", "UpdMech-Otta"),
    ("dangling-reference", SECURITY, "[\"SecComMech-Web\"]", "[\"AuthMech-Web\"]", "AuthMech-Web"),
    (
        "dangling-reference",
        AUTH,
        "interface = [\"LogIntf-Web\"]",
        "interface = [\"LogIntf-Page\"]",
        "LogIntf-Page",
    ),
    ("reference-as-text", UPDATE, "= [\"UpdMech-Ota\"]", "= \"over the air\"", "over the air"),
    ("unknown-service", SECURITY, "service = \"cloud\"", "service = \"clowd\"", "clowd"),
    ("unused-entry", SECURITY, "ID = \"SecComMech-Cloud\"", "ID = \"SecComMech-Other\"", "SecComMech-Other"),
    ("unused-service", ASSAY, "id = \"cloud\"", "id = \"backend\"", "backend"),
    ("unused-host", BENCH, "\"updates.example\" =", "\"other.example\" =", "other.example"),
];

const CONTRADICTIONS: &[Slip] = &[
    ("prose-contradicts-fact", SECURITY, "Type = \"critical\"", "Type = \"public\"", "Type"),
    ("prose-contradicts-fact", SECURITY, "Status = \"enabled\"", "Status = \"disabled\"", "Status"),
    ("prose-contradicts-fact", PLATFORM, "\"Debug Interface\" = \"No\"", "\"Debug Interface\" = \"Yes\"", "Debug"),
    ("prose-contradicts-fact", PLATFORM, "Type = \"physical port\"", "Type = \"network interface\"", "Type"),
    ("prose-contradicts-fact", DATA, "Sensitive = \"No\"", "Sensitive = \"Yes\"", "Sensitive"),
    ("prose-contradicts-fact", DATA, "sensitive = false", "sensitive = true", "Sensitive"),
    ("prose-contradicts-fact", UPDATE, "cryptography = true", "cryptography = false", "Cryptographic Usage"),
    ("prose-contradicts-fact", UPDATE, "updatable = true", "updatable = false", "Update Mechanism"),
    ("prose-contradicts-fact", DATA, "targets = [\"device\"]", "targets = [\"service\"]", "Target Type"),
    (
        "password-fixed-and-unique",
        AUTH,
        "origin = \"per-device\"",
        "origin = \"per-device\"\nfixed-value = \"1234\"",
        "1234",
    ),
    ("universal-password", AUTH, "origin = \"user-defined\"", "origin = \"universal\"", "universal"),
    (
        "guessing-unprevented",
        AUTH,
        "\"Brute Force Prevention\" = \"After five",
        "Description2 = \"After five",
        "AuthMech-Web",
    ),
    (
        "guessing-unprevented",
        AUTH,
        "\"After five wrong attempts logins are refused for ten minutes\"",
        "\"None\"",
        "Brute",
    ),
    ("lockout-incomplete", AUTH, "lockout-after = 5", "", "lockout-seconds = 600"),
    ("scheme-contradicts-factor", AUTH, "\"http-form\"", "\"tls-client-certificate\"", "scheme"),
    ("local-mechanism-with-scheme", AUTH, "network = true\nscheme", "network = false\nscheme", "scheme"),
    ("machine-password", AUTH, "factors = [\"certificate\"]", "factors = [\"password\"]", "serves"),
    ("unchangeable-value", AUTH, "changeable = true", "changeable = false", "changeable"),
    ("automatic-never-checks", UPDATE, "[\"after-initialization\", \"periodic\"]", "[\"never\"]", "checking"),
    ("automatic-never-checks", UPDATE, "[\"after-initialization\", \"periodic\"]", "[]", "checking"),
    (
        "notifies-never-checks",
        UPDATE,
        "automatic = true\nnetwork = true\ninterface = [\"LogIntf-Client\"]\nchecking = [\"after-initialization\", \"periodic\"]",
        "automatic = false\nchecking = [\"never\"]",
        "checking",
    ),
    (
        "checking-contradicts",
        UPDATE,
        "\"after-initialization\", \"periodic\"",
        "\"never\", \"periodic\"",
        "checking",
    ),
    ("checking-contradicts", UPDATE, "checked-by = \"device\"", "checked-by = \"nobody\"", "checked-by"),
    ("switch-without-function", UPDATE, "automatic = true", "automatic = false", "user-can-enable"),
    ("switch-without-function", UPDATE, "notifies = true", "notifies = false", "notification-can-enable"),
    (
        "signature-unverified",
        UPDATE,
        "authenticity-by = \"device\"",
        "authenticity-by = \"nobody\"",
        "authenticity-by",
    ),
    ("update-delivery-contradicts", UPDATE, "network = true", "network = false", "network"),
    ("immutable-and-updatable", UPDATE, "updatable = false", "updatable = true", "immutable-because"),
    ("identity-shared", SECURITY, "uniqueness = \"per-device\"", "uniqueness = \"shared\"", "uniqueness"),
    ("critical-in-source", SECURITY, "in-source-code = false", "in-source-code = true", "in-source-code"),
    ("unique-in-source", SECURITY, "in-source-code = false", "in-source-code = true", "uniqueness"),
    ("shared-critical", SECURITY, "uniqueness = \"per-device\"", "uniqueness = \"shared\"", "uniqueness"),
    ("sent-over-nothing", SECURITY, "= [\"SecComMech-Web\"]", "= []", "Secure Communication Mechanisms"),
    (
        "sent-though-kept",
        SECURITY,
        "communicated = true",
        "communicated = false",
        "Secure Communication Mechanisms",
    ),
    (
        "critical-in-clear",
        SECURITY,
        "guarantees = [\"confidentiality\", \"integrity\", \"authenticity\", \"replay-protection\"]",
        "guarantees = [\"integrity\"]",
        "SecComMech-Web",
    ),
    ("sensitive-in-clear", DATA, "Sensitive = \"No\"", "Sensitive = \"Yes\"", ""),
    ("old-protocol", SECURITY, "\"tls-1.2\"", "\"tls-1.0\"", "lowest-version"),
    ("version-without-tls", SECURITY, "protocol = \"tls\"", "protocol = \"ssh\"", "lowest-version"),
    ("clear-among-secured", SECURITY, "protocol = \"tls\"", "protocol = \"none\"", "protocol"),
    ("guarantee-without-means", SECURITY, "protocol = \"tls\"", "protocol = \"none\"", "guarantees"),
    (
        "debug-enabled",
        PLATFORM,
        "status = \"disabled-permanently\"\ndebug = true\nexposure = \"never\"\nprotected = true",
        "status = \"enabled\"\ndebug = true",
        "status",
    ),
    ("never-needed-enabled", PLATFORM, "status = \"disabled-permanently\"", "status = \"enabled\"", "status"),
    ("reach-contradicts-network", PLATFORM, "reach = \"local\"", "reach = \"lan\"", "reach"),
    ("outgoing-answers", DATA, "port = 443\n", "port = 443\noutgoing = true\n", "443"),
    ("endpoint-incomplete", DATA, "transport = \"tcp\"\nport = 443", "port = 443", "port = 443"),
    ("endpoint-incomplete", DATA, "transport = \"tcp\"\nport = 443", "transport = \"tcp\"", "transport"),
    ("port-zero", DATA, "port = 443", "port = 0", "port = 0"),
    ("port-without-network", DATA, "network = true", "network = false", "port = 443"),
    (
        "endpoint-twice",
        DATA,
        "reach = \"remote\"\nprotocol",
        "reach = \"remote\"\ntransport = \"tcp\"\nport = 443\nprotocol",
        "port = 443",
    ),
    (
        "kind-contradicts-table",
        DATA,
        "kind = \"logical\"\nnetwork = true",
        "kind = \"port\"\nnetwork = true",
        "kind",
    ),
    ("secret-disclosed", DATA, "discloses = [\"model\"]", "discloses = [\"credential\"]", "discloses"),
    ("disabled-interface-used", DATA, "status = \"enabled\"", "status = \"disabled\"", ""),
    (
        "disabled-interface-used",
        SECURITY,
        "interface = [\"LogIntf-Web\"]\nread",
        "interface = [\"LogIntf-Shell\"]\nread",
        "LogIntf-Shell",
    ),
    ("service-contradicts-interface", SECURITY, "network = true", "network = false", "network"),
    ("configuration-unguarded", SECURITY, "= [\"AuthMech-Web\", \"AuthMech-Label\"]", "= []", "configures"),
    ("consent-contradicts", DATA, "consent = true", "consent = false", "Consent"),
    ("consent-contradicts", DATA, "\"In the settings of the app\"", "\"None\"", "Withdrawing Consent"),
    ("stored-though-kept", DATA, "to-service = true", "to-service = false", "stored-by"),
    ("examination-contradicts", DATA, "examined = true", "examined = false", "Security Examination"),
    (
        "confirmation-contradicts",
        DATA,
        "Confirmation = \"The",
        "Confirmation = \"No\"\nDescription2 = \"The",
        "Confirmation",
    ),
    ("unconfirmed-deletion", DATA, "confirms = true", "confirms = false", "confirms"),
    ("model-disagrees", INFO, "model = \"LAMP-100\"", "model = \"LAMP-200\"", "LAMP-200"),
    ("model-disagrees", INFO, "\"LAMP-100, on", "\"LAMP-101, on", "Model Designation"),
    (
        "support-period-disagrees",
        INFO,
        "support-period-text = \"5 years\"",
        "support-period-text = \"2 years\"",
        "2 years",
    ),
    (
        "confirmation-denied",
        UPDATE,
        "\"Confirmation of Update Procedures\" = \"Yes\"",
        "\"Confirmation of Update Procedures\" = \"No\"",
        "Update Procedures",
    ),
];

const LABORATORY: &[Slip] = &[
    ("control-missing", CONTROLS, "provision = \"5.1-1\"", "provision = \"5.1-99\"", "support"),
    ("control-without-provision", CONTROLS, "provision = \"5.1-1\"\n", "", "[[control]]"),
    ("duplicate-control", CONTROLS, "provision = \"5.1-2\"", "provision = \"5.1-1\"", "5.1-1"),
    (
        "control-without-design",
        CONTROLS,
        "design = \"Decided in the security concept, section 5.1-1\"\npattern = \"Platform pattern 5.1-1\"",
        "",
        "5.1-1",
    ),
    ("control-for-unmet", CONTROLS, "provision = \"5.6-7\"", "provision = \"5.6-8\"", "5.6-8"),
    ("secret-in-text", BENCH, "{ env = \"LAMP_PASSWORD\" }", "\"hunter2\"", "hunter2"),
    ("secret-looks-plain", BENCH, "LAMP_PASSWORD", "hunter2!", "hunter2!"),
    (
        "consent-missing",
        BENCH,
        "[consent]\ntouches = \"intrusive\"\nby = \"Product security\"\nuntil = \"2026-12-31\"\n",
        "",
        "[[target]]",
    ),
    ("consent-incomplete", BENCH, "until = \"2026-12-31\"\n", "", "[consent]"),
    ("unknown-target", BENCH, "name = \"cloud\"", "name = \"clout\"", "clout"),
    ("duplicate-target", BENCH, "name = \"cloud\"", "name = \"dut\"", "dut"),
    ("link-local-without-interface", BENCH, "address = \"192.0.2.10\"", "address = \"fe80::10\"", "fe80::10"),
    ("target-incomplete", BENCH, "address = \"192.0.2.10\"\n", "", "[[target]]"),
    ("target-not-one", BENCH, "192.0.2.10", "0.0.0.0", "0.0.0.0"),
    ("target-public", BENCH, "192.0.2.10", "8.8.8.8", "8.8.8.8"),
    ("no-dut", BENCH, "name = \"dut\"", "name = \"duct\"", "[[target]]"),
    ("bad-port-list", BENCH, "1-65535", "1-65536", "1-65536"),
    ("limit-zero", BENCH, "parallel = 8", "parallel = 0", "parallel"),
    (
        "identity-missing",
        BENCH,
        "[[identity]]\nmeans = \"http-text\"\nport = 443\ntls = true\npath = \"/\"\nvalue = \"LAMP-100\"\nfirmware = \"v*\"\n",
        "",
        "[[target]]",
    ),
    ("identity-incomplete", BENCH, "value = \"LAMP-100\"\n", "", "[[identity]]"),
    ("firmware-place", BENCH, "firmware = \"v*\"", "firmware = \"v\"", "firmware"),
    ("firmware-place", BENCH, "firmware = \"v*\"", "firmware = \"*\"", "firmware"),
    ("serial-missing", BENCH, "serial = \"0042\"\n", "", "[[target]]"),
    ("account-incomplete", BENCH, "mechanism = \"AuthMech-Web\"\n", "", "[[account]]"),
    ("unknown-mechanism", BENCH, "mechanism = \"AuthMech-Web\"", "mechanism = \"AuthMech-Wob\"", "AuthMech-Wob"),
    (
        "bad-pattern",
        BENCH,
        "[[identity]]\n",
        "[[pattern]]\nname = \"mail\"\nregex = \"(a\"\n[[identity]]\n",
        "regex = \"(a\"",
    ),
    ("bad-pattern", DATA, "consent = true\n", "consent = true\npatterns = ['[a-z]*']\n", "patterns"),
    (
        "bad-canary",
        BENCH,
        "[[identity]]\n",
        "[[canary]]\nname = \"c\"\nvalue = \"abc\"\n[[identity]]\n",
        "value = \"abc\"",
    ),
    (
        "bad-second-source",
        BENCH,
        "place = \"lan\"\n",
        "place = \"lan\"\nsecond-source = \"192.0.2.10\"\n",
        "second-source",
    ),
    (
        "bad-clear-ports",
        BENCH,
        "[[identity]]\n",
        "[interception]\nlisten = \"192.0.2.3\"\nclear-ports = [\"8883\"]\n[[identity]]\n",
        "clear-ports",
    ),
    (
        "outage-incomplete",
        BENCH,
        "[[identity]]\n",
        "[outage]\naway = [\"true\"]\nback = []\n[[identity]]\n",
        "[outage]",
    ),
    ("default-of-user-defined", BENCH, "standing = \"valid\"", "standing = \"default\"", "standing"),
];

fn slips() -> impl Iterator<Item = &'static Slip> {
    [FORM, PRODUCT, ANSWERS, ENTRIES, REFERENCES, CONTRADICTIONS, LABORATORY].into_iter().flatten()
}

#[test]
fn each_slip_gives_its_note_on_its_line() {
    let mut wrong = Vec::new();
    for (code, path, from, to, mark) in slips() {
        let mut broken = with(path, from, to);
        if *code == "sensitive-in-clear" {
            broken = doubly(broken);
        }
        let (dossier, notes) = check_at(broken, Timestamp::parse("2026-02-01").unwrap());
        let written = |note: &&Note| {
            let span = note.labels[0].0;
            let text = &dossier.sources[usize::from(span.file)].text;
            let start = text[..span.start as usize].rfind('\n').map_or(0, |n| n + 1);
            text[start..].lines().next().unwrap_or_default().contains(mark)
        };
        if !notes.iter().filter(|n| n.code == *code).any(|n| written(&n)) {
            let told: Vec<String> = notes.iter().map(|n| line(&dossier.sources, n)).collect();
            wrong.push(format!("{code}: `{from}` -> `{to}` gives\n  {}", told.join("\n  ")));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

/// Sensitive data needs a second slip to go in clear: the facts, and the mechanism.
fn doubly(mut sources: Vec<dossier::SourceText>) -> Vec<dossier::SourceText> {
    for source in &mut sources {
        source.text = source.text.replace("sensitive = false", "sensitive = true").replace(
            "guarantees = [\"confidentiality\", \"integrity\", \"authenticity\", \"replay-protection\"]",
            "guarantees = []",
        );
    }
    sources
}

#[test]
fn a_file_that_is_missing_or_strange_is_told() {
    let without = |path: &str| sources().into_iter().filter(|s| s.path != path).collect::<Vec<_>>();
    let codes = |sources| check(sources).1.iter().map(|n| n.code).collect::<BTreeSet<_>>();
    assert!(codes(without("ics.toml")).contains("missing-file"));
    assert!(codes(without("controls.toml")).contains("no-controls"));
    let mut more = sources();
    more.push(dossier::SourceText { path: "notes.toml".into(), text: String::new() });
    assert!(codes(more).contains("unknown-file"));
}

#[test]
fn a_policy_with_a_hole_is_told() {
    let codes = |text: &str| {
        let mut more = sources();
        more.push(dossier::SourceText { path: "crypto-policy.toml".into(), text: text.into() });
        check(more).1.iter().map(|n| n.code).collect::<BTreeSet<_>>()
    };
    assert!(codes("name = \"Laboratory\"").contains("policy-incomplete"));
    let list = "name = \"Laboratory\"\nversion = \"1\"\n[source.a]\ntitle = \"A\"\n[[list]]\nof = \"rsa-bits\"\n\
                level = \"broken\"\nsources = [\"a\"]\nentries = [\"..2047\"]\n";
    assert!(codes(list).is_empty());
    assert!(codes(&list.replace("..2047", "2047")).contains("policy-unreadable"));
}

#[test]
fn every_code_has_a_slip_that_provokes_it() {
    let mut tried: BTreeSet<&str> = slips().map(|s| s.0).collect();
    tried.extend(["missing-file", "no-controls", "unknown-file", "policy-incomplete", "policy-unreadable"]);
    let listed: BTreeSet<&str> = CODES.iter().map(|c| c.name).collect();
    assert_eq!(tried, listed);
}
