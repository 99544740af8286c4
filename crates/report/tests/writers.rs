//! What the writers of plain text make of the sample.
#![allow(clippy::unwrap_used, reason = "tests")]

mod sample;

use expect_test::expect;
use report::presentation::Finding;

#[test]
fn the_terminal_tells_findings_first_then_what_is_open() {
    expect![[r#"
        Lumo Plug (LP-1), release 2.4.1
          EN 303 645 V3.1.3 (2024-09) with TS 103 701 V2.1.1 (2025-05)
          judged for 2026-03-01T13:30:00Z by rule set 1, assay 0.1.0
          cryptography policy: Laboratory list 7 (crypto-policy.toml of the dossier),
          sha256:823412d1eacb67956220e532959f0104603057c88704863ca38e7cd188fda812

        Mandatory    FAIL            2 fail, 4 inconclusive, 2 open, 27 pass, 1 n/a
                       fail: mandatory provision 5.1-1, 5.6-1
        Recommended  FAIL            1 fail, 3 open, 32 pass, 6 n/a
                       fail: recommendation 5.6-5

        5.1  No universal default passwor… ✗F ✓P
        5.6  Minimize exposed attack surf… ✗F ?I
        ✗f fail  ?i inconclusive  ○o open  ✓p pass  ·n n/a; capital: mandatory

        Findings: 3, 2 on mandatory provisions
        ✗ 5.1-1  mandatory  5.1-1-2a @ AuthMech-WebUI
            a login with the factory default was accepted although the dossier declares
            a password per device
              declared ixit/1-AuthMech.toml:8:1: AuthMech-WebUI: origin per-device
              observed #14 auth.defaults at dut, 2026-03-01T12:14:00Z: admin / admin
                       accepted at 192.0.2.7:80/tcp, HTTP 200
              → Give each device its own password, then measure again
                $ assay observe auth.defaults
        ✗ 5.6-1  mandatory  5.6-1-2c
            TCP port 23 answers on the local network and no declared interface explains
            it
              declared ixit/28-LogIntf.toml:3:1: 7 logical interfaces, none on 23/tcp
              observed #12 net.tcp-ports at dut, 2026-03-01T12:12:00Z: looked at tcp
                       1-65535 from lan; open: 23, 80, 443, 1883
              observed #13 import.nmap (nmap 7.93) at dut, 2026-03-01T12:13:00Z: 23/tcp
                       greets with "BusyBox v1.31.0 login: <script>alert(1)</script>"
              rule     every enabled logical interface is listed in 28-LogIntf
              → Close 23/tcp, or declare the interface and why it is needed
        ✗ 5.6-5  recommendation  5.6-5-1a @ SoftServ-Telnet
            a service runs that the product's use does not need
              stated   #33 R. Example (test laboratory), 2026-03-01T12:33:00Z: fail:
                       telnet serves no declared function
              → Switch the service off in the release build

        In the way: 5 next steps, what blocks most first
        Commands are for the folder of the dossier; elsewhere, add its path to them.
         1 Run auth.guessing against the product
           $ assay observe auth.guessing --target dut
           unblocks 2 provisions (2 mandatory), 3 unit instances
         2 Declare `signature` of UpdMech-OTA in table UpdMech
           unblocks 1 provision (1 mandatory), 1 unit instance
         3 Add the address of `cloud` to the bench
           unblocks 1 provision (1 mandatory), 1 unit instance
         4 Decide whether users get clear deletion instructions
           $ assay state 5.11-1-1a
           unblocks 1 provision (0 mandatory), 1 unit instance
         5 Write a control for 5.9-1
           unblocks 1 leg of a claim

        Looked at
        net.tcp-ports at dut: tcp 1-65535 at 192.0.2.7 from lan
        import.nmap (nmap 7.93) at dut: tcp 1-1000 at 192.0.2.7
        net.udp-services at dut: 32 UDP services at 192.0.2.7 from lan
          2 shortfalls, the first: silence: 5353/udp: three tries
        tls.server-offer at dut, stale: versions SSL 3.0 to TLS 1.3 at 443
          and 1 more line
        auth.guessing at dut: nothing
          1 shortfall, the first: missing: nobody has agreed to intrusive steps

        Declared and never met; not shown to be off, and nothing passes by it
        LogIntf-MDNS (5353/udp, mdns): it was looked for, and not met
        cloud (https://cloud.example): nothing was looked at for it

        Traffic against the declared communication
        undeclared   tls with metrics.example at 443/tcp: the product speaks tls, and
                     nothing declares it
        match        SecComMech-Cloud: agrees on tls-1.3 with cloud at 8883/tcp

        Evidence: 7 records
        how checkable: 1 measured, 6 reproducible
        7 records: RT-9 2.4.1, serial 0042, firmware 2.4.1

        This is no certificate. Criteria of 120 applicable test cases: 77 read, 39
        derived, 4 uncertain; a person has to confirm 4.
        review     #36 judged: sent back these verdicts, record 35 by A. Nother
                               (reviewer): The lockout was not looked at.
        report     .assay/reports/2.4.1.html
        bundle     .assay/reports/2.4.1.bundle
        exit       10: assessed, and something failed
    "#]]
    .assert_eq(&report::terminal(&sample::small(), false));
}

#[test]
fn a_product_of_which_nothing_is_known_is_told_as_such() {
    expect![[r#"
        not declared, release not declared
          EN 303 645 V3.1.3 (2024-09) with TS 103 701 V2.1.1 (2025-05)
          judged for 2026-03-01T13:30:00Z by rule set 1, assay 0.1.0
          cryptography policy: Laboratory list 7 (crypto-policy.toml of the dossier),
          sha256:823412d1eacb67956220e532959f0104603057c88704863ca38e7cd188fda812

        Mandatory    OPEN
                       nothing has been looked at
        Recommended  OPEN
                       nothing has been looked at

        ✗f fail  ?i inconclusive  ○o open  ✓p pass  ·n n/a; capital: mandatory

        No finding
          Nothing that was looked at is broken. What was not looked at is below.

        Looked at
        Nothing has been measured for this release.

        This is no certificate. Criteria of 0 applicable test cases: 0 read, 0 derived,
        0 uncertain; a person has to confirm 0.
        exit       11: assessed, and mandatory provisions are still open
    "#]]
    .assert_eq(&report::terminal(&sample::bare(), false));
    let page = report::html(&sample::bare());
    for told in ["nothing recorded yet", "Nothing has been measured", "No record lies behind this report"] {
        assert!(page.contains(told), "{told}");
    }
    let text = report::markdown(&sample::bare());
    assert!(text.contains("# Assessment of not declared, release not declared"));
    assert!(text.contains("Nothing has been measured for this release."));
}

#[test]
fn no_line_is_wider_than_80_columns() {
    for told in [sample::sample(), sample::rich(), sample::bare()] {
        for line in report::terminal(&told, false).lines() {
            assert!(line.chars().count() <= 80, "{line}");
        }
    }
}

#[test]
fn colour_adds_nothing_but_colour() {
    let painted = report::terminal(&sample::sample(), true);
    let mut plain = String::new();
    let mut parts = painted.split('\u{1b}');
    plain.push_str(parts.next().unwrap());
    for part in parts {
        plain.push_str(part.split_once('m').unwrap().1);
    }
    assert_ne!(painted, plain);
    assert_eq!(plain, report::terminal(&sample::sample(), false));
}

#[test]
fn what_does_not_fit_a_summary_is_counted() {
    let mut told = sample::sample();
    told.gaps = vec![told.gaps[0].clone(); 14];
    let first = told.findings[0].clone();
    told.findings = (0..23).map(|n| Finding { because: format!("reason {n}"), ..first.clone() }).collect();
    let text = report::terminal(&told, false);
    assert!(text.contains("… and 4 more steps in the report"), "{text}");
    assert!(text.contains("… and 3 more causes in the report"), "{text}");
}

#[test]
fn findings_of_one_cause_stand_together_with_all_that_fail_by_it() {
    let mut told = sample::sample();
    let first = told.findings[0].clone();
    let other = Finding {
        provision: "5.6-5".to_owned(),
        about: "5.6-5-1a @ Other".to_owned(),
        mandatory: false,
        ..first.clone()
    };
    told.findings = vec![first.clone(), other];
    let (text, page, file) = (report::terminal(&told, false), report::html(&told), report::markdown(&told));
    assert!(text.contains("Findings: 2 of 1 cause, 1 on mandatory provisions"), "{text}");
    for told in [&text, &page, &file] {
        assert!(told.contains(&first.about) && told.contains("5.6-5-1a @ Other"), "{told}");
        let words = first.because.split(' ').next().unwrap();
        assert!(told.contains(words), "{told}");
    }
    assert_eq!(text.lines().filter(|line| line.starts_with("✗ ")).count(), 1, "{text}");
}

#[test]
fn the_markdown_begins_with_the_verdict_and_what_it_does_not_claim() {
    let text = report::markdown(&sample::small());
    let head = text.split("## Provision by provision").next().unwrap();
    expect![[r##"
        # Assessment of Lumo Plug, release 2.4.1

        |  |  |
        | --- | --- |
        | Model | LP-1 |
        | Supplier organization | Lumo Example Works |
        | Assessed by | Example Test Laboratory |
        | Edition | EN 303 645 V3.1.3 (2024-09) with TS 103 701 V2.1.1 (2025-05) |
        | Judged for | 2026-03-01T13:30:00Z |
        | Rule set | 1 |
        | Cryptography policy | Laboratory list 7 (crypto-policy.toml of the dossier), sha256:823412d1eacb67956220e532959f0104603057c88704863ca38e7cd188fda812 |
        | Program | assay 0.1.0 |
        | Ledger | 41 records, root sha256:4813494d137e1631bba301d5acab6e7bb7aa74ce1185d456565ef51d737677b2 |
        | Signed by | laboratory bench 2 |

        ## Verdict

        |  | verdict | fail | inconclusive | open | pass | n/a | because |
        | --- | --- | --- | --- | --- | --- | --- | --- |
        | Mandatory | **fail** | 2 | 4 | 2 | 27 | 1 | fail: mandatory provision 5.1-1, 5.6-1 |
        | Recommended | **fail** | 1 | 0 | 3 | 32 | 6 | fail: recommendation 5.6-5 |

        ## What this report does not claim

        - It is no certificate and no declaration of conformity.
        - It speaks of release 2.4.1 alone, as it lay before the bench at the time of each record.
        - 9 of 78 provisions are open or inconclusive; nothing is said about what they ask.
        - What the supplier declares is taken as declared; it is not proven by being written down.
        - EN 303 645 is a baseline: a product that meets it can still have weaknesses.

        ## What the verdicts rest on

        - 427 unit instances, 9 of them undecided; decided: 176 by person, 165 by probe, 50 by rule
        - criteria of applicable test cases: 77 high, 39 medium, 4 low confidence; a person has to confirm 4
        - 12 statements by R. Example, test laboratory

        ## Provisions by clause

        Mandatory provisions are bold.

        | clause | provisions |
        | --- | --- |
        | 5.1 No universal default passwords | **5.1-1** fail · **5.1-2** pass |
        | 5.6 Minimize exposed attack surfaces | **5.6-1** fail · **5.6-2** inconclusive |

        ## Findings (3)

        ### 5.1-1, mandatory: 5.1-1-2a @ AuthMech-WebUI

        a login with the factory default was accepted although the dossier declares a password per device

        - **declared** `ixit/1-AuthMech.toml:8:1` `origin = "per-device"`: AuthMech-WebUI: origin per-device
        - **observed** (record 14 of 2026-03-01T12:14:00Z, auth.defaults at dut): `admin / admin accepted at 192.0.2.7:80/tcp, HTTP 200`
        - **next** (mend the product): Give each device its own password, then measure again `assay observe auth.defaults`

        ### 5.6-1, mandatory: 5.6-1-2c

        TCP port 23 answers on the local network and no declared interface explains it

        - **declared** `ixit/28-LogIntf.toml:3:1` `[[LogIntf]]`: 7 logical interfaces, none on 23/tcp
        - **observed** (record 12 of 2026-03-01T12:12:00Z, net.tcp-ports at dut): `looked at tcp 1-65535 from lan; open: 23, 80, 443, 1883`
        - **observed** (record 13 of 2026-03-01T12:13:00Z, import.nmap (nmap 7.93) at dut): `23/tcp greets with "BusyBox v1.31.0 login: <script>alert(1)</script>"`
        - **rule** every enabled logical interface is listed in 28-LogIntf
        - **next** (mend the product): Close 23/tcp, or declare the interface and why it is needed

        ### 5.6-5, recommendation: 5.6-5-1a @ SoftServ-Telnet

        a service runs that the product's use does not need

        - **stated** by R. Example (test laboratory) (record 33 of 2026-03-01T12:33:00Z): fail: telnet serves no declared function
        - **next** (mend the product): Switch the service off in the release build

        ## In the way (5)

        Commands are for the folder of the dossier; elsewhere, add its path to them.

        |  | next step | unblocks | provisions | unit instances | missing |
        | --- | --- | --- | --- | --- | --- |
        | 1 | Run auth.guessing against the product `assay observe auth.guessing --target dut` | unblocks 2 provisions (2 mandatory), 3 unit instances | 5.1-5, 5.5-5 | 5.1-5-1b @ AuthMech-WebUI, 5.1-5-2b @ AuthMech-WebUI, 5.1-5-2b @ AuthMech-Cloud | nobody has tried whether guessing is slowed down |
        | 2 | Declare \`signature\` of UpdMech-OTA in table UpdMech | unblocks 1 provision (1 mandatory), 1 unit instance | 5.3-10 | 5.3-10-1a @ UpdMech-OTA | it is not declared which signature an update carries |
        | 3 | Add the address of \`cloud\` to the bench | unblocks 1 provision (1 mandatory), 1 unit instance | 5.5-1 | 5.5-1-2a @ ComMech-Cloud | the bench has no address for cloud |
        | 4 | Decide whether users get clear deletion instructions `assay state 5.11-1-1a` | unblocks 1 provision (0 mandatory), 1 unit instance | 5.11-1 | 5.11-1-1a | no person has decided it yet |
        | 5 | Write a control for 5.9-1 | unblocks 1 leg of a claim | 5.9-1 | – | no control is designed for 5.9-1 |

        ## Looked at

        | probe | tool | target | from | when | record | looked at | not looked at |
        | --- | --- | --- | --- | --- | --- | --- | --- |
        | net.tcp-ports | assay | dut | lan | 2026-03-01T12:12:00Z | 12 | tcp 1-65535 at 192.0.2.7 from lan | – |
        | import.nmap | nmap 7.93 | dut | lan | 2026-03-01T12:13:00Z | 13 | tcp 1-1000 at 192.0.2.7 | – |
        | net.udp-services | assay | dut | lan | 2026-03-01T12:16:00Z | 16 | 32 UDP services at 192.0.2.7 from lan | silence: 5353/udp: three tries; silence: 1900/udp: three tries |
        | tls.server-offer | assay | dut | lan | 2026-03-01T12:15:00Z, stale since 2026-03-01 | 15 | versions SSL 3.0 to TLS 1.3 at 443; 37 suites at 443 | – |
        | auth.guessing | assay | dut | lan | 2026-03-01T12:18:00Z | 18 | – | missing: nobody has agreed to intrusive steps |

        ## Declared and never met

        Declared, and met by no measurement of this release. None of it is shown to be off or absent, and nothing passes by it.

        | declared | in | where | why | looked at |
        | --- | --- | --- | --- | --- |
        | LogIntf-MDNS | LogIntf | 5353/udp, mdns | it was looked for, and not met | net.udp-services on dut: 5353/udp did not answer over IPv4 (record 9) |
        | cloud | service | https://cloud.example | nothing was looked at for it | – |

        ## Access

        What each subject got who asked for a function over the network. Altered tells the worst of several sessions that were changed. Granted to the valid subject is what it is there for; granted to another is judged where an entry declares the function, or has to be declared.

        | function | at | nobody | wrong | ended | altered | fewer rights | valid | record |
        | --- | --- | --- | --- | --- | --- | --- | --- | --- |
        | GET /api/v1/config | 443/tcp | refused | refused | \- | refused | unclear | **granted** | 4 |
        | GET /status.json (found: page) | 443/tcp | **granted** | refused | \- | \- | unclear | **granted** | 4 |

        ## Traffic

        Captured conversations against the declared communication. What no capture shows is not shown to be off, and what could not be read is not taken for protected.

        | result | declared by | what | why | record |
        | --- | --- | --- | --- | --- |
        | undeclared | – | tls with metrics.example at 443/tcp | the product speaks tls, and nothing declares it |  |
        | match | SecComMech-Cloud | tls at cloud 8883/tcp | agrees on tls-1.3 with cloud at 8883/tcp |  |

    "##]].assert_eq(head);
}

#[test]
fn the_markdown_tells_a_provision_with_its_answer_and_its_units() {
    let text = report::markdown(&sample::small());
    let from = text.find("#### 5.1-1:").unwrap();
    let to = text[from..].find("#### 5.1-2:").unwrap() + from;
    expect![[r#####"
        #### 5.1-1: fail (mandatory, M F (a))

        Outside factory default, passwords for user or machine-to-machine authentication are unique per device or set by the user.

        - **verdict** fail: 1 of 4 unit instances fails
        - **applies** It applies.
          - **rule** it binds every product
          - **declared** `ics.toml:44:1` `support = "Y"`: Y
        - **exists** pass: answered, designed and documented
        - **works** fail: 1 of 4 unit instances fails
        - **proven** fail: 11 of 12 unit instances rest on this release's records

        Supplier's answer: **Y**, claimed, `ics.toml:44:1` `support = "Y"`

        Detail:

        > Each plug leaves the line with its own value.
        > It is printed on the label.

        Control, owner firmware, `controls.toml:21:1` `[[control]]`

        Design decision:

        > One place in the firmware decides it; the default is the safe one.

        Implementation pattern:

        > Checked at boot and covered by the release tests.

        Accepted when:

        - the release test \`baseline\` is green

        Documents:

        - docs/security-concept.pdf

        ##### Test case 5.1-1-1 (conceptual): fail

        Assess password-based mechanisms on paper for uniqueness of passwords.

        Passes when:

        - every password outside factory default that the user does not define is unique per device

        Confidence high: criteria read in the edition's text, or unchanged from one that was read. Read as: each unit of each entry.

        | unit | entry | outcome | by | because |
        | --- | --- | --- | --- | --- |
        | 5.1-1-1a | AuthMechMain | fail | person | 1 of 4 unit instances fails |
        | 5.1-1-1a | AuthMechCloud | pass | person | every unit instance is decided and its cases pass |

        5.1-1-1a @ AuthMechMain:

        - **declared** `ixit/1-AuthMech.toml:12:1` `"Description" = "The start page asks for it."`: Description

        5.1-1-1a @ AuthMechCloud:

        - **declared** `ixit/1-AuthMech.toml:12:1` `"Description" = "The start page asks for it."`: Description

    "#####]].assert_eq(&text[from..to]);
}

#[test]
fn every_row_of_a_table_has_the_cells_of_its_head() {
    let text = report::markdown(&sample::rich());
    let cells = |line: &str| line.replace("\\|", "").matches('|').count();
    let mut wide = None;
    for line in text.lines() {
        if !line.starts_with('|') {
            wide = None;
            continue;
        }
        assert_eq!(cells(line), *wide.get_or_insert(cells(line)), "{line}");
    }
}
