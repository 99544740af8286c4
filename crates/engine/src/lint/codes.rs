//! Every code that a note can have, in one table. A code is never reused, so that a suppression keeps its meaning.

use dossier::Severity::{self, Advice, Error, Warning};

/// A code of a note.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Code {
    /// Kebab-case name.
    pub name: &'static str,
    /// How much its notes weigh.
    pub severity: Severity,
    /// What its notes are about: the heading it stands under in the reference.
    pub family: &'static str,
    /// What it means, in one line.
    pub meaning: &'static str,
    /// Whether it tells that something is not there; such notes are held back where reading failed.
    pub absence: bool,
}

/// The code of this name.
pub(super) fn code(name: &str) -> Option<&'static Code> {
    CODES.iter().find(|c| c.name == name)
}

const fn says(family: &'static str, name: &'static str, severity: Severity, meaning: &'static str) -> Code {
    Code { name, severity, family, meaning, absence: false }
}

const fn lacks(family: &'static str, name: &'static str, severity: Severity, meaning: &'static str) -> Code {
    Code { name, severity, family, meaning, absence: true }
}

const FORM: &str = "Form";
const PRODUCT: &str = "Product and people";
const ICS: &str = "ICS";
const IXIT: &str = "IXIT";
const REFERENCES: &str = "References";
const CONTRADICTIONS: &str = "Contradictions";
const CONTROLS: &str = "Controls";
const BENCH: &str = "Bench";

/// Every code, by family.
pub const CODES: &[Code] = &[
    says(FORM, "not-toml", Error, "A file is not valid TOML; what stands at that place is not read."),
    says(FORM, "unknown-file", Advice, "A file in the folder is no part of a dossier."),
    says(FORM, "unknown-key", Error, "A table has a key that nothing reads."),
    says(FORM, "unknown-value", Error, "A value is none of the words that the key allows."),
    says(FORM, "wrong-type", Error, "A value has another type than the key needs."),
    says(FORM, "number-out-of-range", Error, "A number lies outside what the key allows."),
    says(FORM, "not-an-address", Error, "A text that has to be an IP address is none."),
    says(FORM, "bad-url", Warning, "A text that has to be a URL with a scheme and a host is none."),
    says(FORM, "bad-date", Warning, "A text that has to be a day of the calendar is none."),
    says(FORM, "bad-digest", Warning, "A firmware digest is not `sha256:` and 64 hexadecimal digits."),
    says(FORM, "bad-package-url", Advice, "A package URL does not begin with `pkg:`."),
    says(FORM, "placeholder", Warning, "A text only keeps a place: `TBD`, `? years`, `…`."),
    says(FORM, "policy-incomplete", Error, "A cryptography policy lacks a name, a version, or a part of a list."),
    says(FORM, "policy-unreadable", Error, "A cryptography policy has a day, size or source that cannot be read."),
    says(FORM, "key-in-text", Error, "A private key stands in the dossier."),
    lacks(PRODUCT, "missing-file", Error, "assay.toml or ics.toml is not there."),
    says(PRODUCT, "unknown-edition", Error, "The edition is none that the catalogue holds; 3.1.3 is assumed."),
    lacks(PRODUCT, "edition-undeclared", Advice, "assay.toml names no edition; the newest is assumed."),
    lacks(PRODUCT, "product-unnamed", Advice, "The product lacks a name, a model or a manufacturer."),
    lacks(PRODUCT, "no-release", Advice, "No release is declared, or one has no version."),
    says(PRODUCT, "duplicate-release", Error, "Two releases have the same version."),
    says(PRODUCT, "release-order", Warning, "A release is older than the one before it; the last is assessed."),
    lacks(PRODUCT, "carry-incomplete", Warning, "A `[[carry]]` lacks its method or when it is carried."),
    says(PRODUCT, "carry-twice", Warning, "Two `[[carry]]` are for one method; the stricter holds."),
    says(PRODUCT, "carry-past-image", Warning, "Measurements are to be carried past the image they were made on."),
    says(PRODUCT, "carry-too-long", Advice, "Something is to be carried for longer than it counts at all."),
    says(PRODUCT, "task-days-order", Advice, "Recommendations are to be met sooner than what is mandatory."),
    lacks(PRODUCT, "checkpoint-incomplete", Error, "A `[[checkpoint]]` lacks its name or what must hold."),
    says(PRODUCT, "checkpoint-twice", Error, "Two `[[checkpoint]]` have one name; the first counts."),
    lacks(PRODUCT, "person-without-role", Advice, "A person has no role, so nothing can be assigned to them."),
    says(PRODUCT, "unknown-clause", Error, "A responsibility is for a clause that the edition does not have."),
    lacks(PRODUCT, "unknown-role", Warning, "A role is named that no person has."),
    lacks(PRODUCT, "responsibility-incomplete", Warning, "A responsibility lacks its scope or its role."),
    says(PRODUCT, "unknown-scope", Error, "The policy asks for a second person where the edition has nothing."),
    says(ICS, "unknown-provision", Error, "A provision is named that the edition does not have."),
    says(ICS, "duplicate-provision", Error, "A provision has two rows; the first counts."),
    lacks(ICS, "row-without-id", Error, "A row of the ICS names no provision."),
    says(ICS, "status-disagrees", Warning, "A status is not the one of Table B.1."),
    lacks(ICS, "provision-without-row", Warning, "The ICS has no row for some provisions."),
    lacks(ICS, "unanswered", Advice, "A provision waits for an answer."),
    says(ICS, "mandatory-answered-no", Warning, "A mandatory provision is answered N: the assessment fails."),
    says(ICS, "mandatory-not-applicable", Error, "A mandatory provision that applies is answered N/A."),
    says(ICS, "not-applicable-contradicted", Warning, "A recommendation whose conditions hold is answered N/A."),
    says(ICS, "answer-to-inapplicable", Warning, "A provision that does not apply is answered Y or N."),
    says(ICS, "applicability-undeclared", Warning, "N/A rests on a condition or feature that is not declared."),
    says(
        ICS,
        "answer-carried",
        Warning,
        "An answer was given for another edition and is not confirmed for this one.",
    ),
    lacks(ICS, "justification-missing", Warning, "A recommendation is answered N or N/A without justification."),
    lacks(
        ICS,
        "compensation-missing",
        Advice,
        "A recommendation is answered N and no compensating control is named.",
    ),
    lacks(
        ICS,
        "review-missing",
        Advice,
        "A recommendation is answered N and no date says when that is looked at again.",
    ),
    says(ICS, "review-past", Warning, "The day by which an answer was to be looked at again is over."),
    lacks(ICS, "detail-missing", Advice, "An answer says nothing beside Y, N or N/A."),
    says(ICS, "unknown-feature", Error, "Table B.1 of the edition has no such feature."),
    says(ICS, "unknown-condition", Error, "Table B.1 of the edition has no such condition."),
    lacks(
        ICS,
        "feature-undeclared",
        Advice,
        "Features or conditions are not declared, so that applicability is open.",
    ),
    says(ICS, "features-contradict", Warning, "Two declared features or conditions exclude each other."),
    says(ICS, "feature-contradicted", Warning, "A declared feature or condition disagrees with the IXIT entries."),
    says(IXIT, "unknown-table", Error, "The edition has no such IXIT table."),
    says(IXIT, "table-spelling", Error, "A table is written in other letters, so that its facts are not read."),
    says(IXIT, "table-number", Warning, "A table is written with another number than its own."),
    says(IXIT, "table-shape", Error, "A table of entries is written as one, or the other way round."),
    says(IXIT, "table-without-facts", Warning, "Facts stand in a table for which none are defined."),
    lacks(IXIT, "empty-table", Advice, "A table has no entry."),
    lacks(IXIT, "entry-without-id", Error, "An entry has no ID, so that nothing can be judged for it."),
    says(IXIT, "empty-id", Error, "The ID of an entry is empty."),
    says(IXIT, "duplicate-id", Error, "Two entries of a table have the same ID."),
    says(IXIT, "unknown-field", Error, "A table of the edition has no such field."),
    says(IXIT, "duplicate-field", Warning, "A field stands twice in an entry, in different letters."),
    says(IXIT, "unexpected-value", Warning, "A field begins with none of the values that the pro forma names."),
    lacks(IXIT, "missing-table", Warning, "Tests of what is answered Y read a table without entries."),
    lacks(IXIT, "missing-field", Warning, "An entry says nothing in fields that such tests read."),
    lacks(REFERENCES, "dangling-reference", Error, "A reference names an entry that does not exist."),
    lacks(REFERENCES, "reference-as-text", Advice, "A field that refers to entries names none of them."),
    lacks(REFERENCES, "unknown-service", Error, "An associated service is named that assay.toml does not have."),
    lacks(REFERENCES, "unused-entry", Advice, "Nothing refers to an entry that is there to be referred to."),
    lacks(REFERENCES, "unused-service", Advice, "Nothing refers to an associated service."),
    lacks(REFERENCES, "unused-host", Advice, "The bench resolves a host name that no URL has."),
    says(
        CONTRADICTIONS,
        "prose-contradicts-fact",
        Warning,
        "A prose field and the typed fact beside it disagree.",
    ),
    says(
        CONTRADICTIONS,
        "password-fixed-and-unique",
        Warning,
        "A value is called unique or user-defined, and fixed.",
    ),
    says(
        CONTRADICTIONS,
        "universal-password",
        Warning,
        "5.1-1 is answered Y, and a password is the same on many units.",
    ),
    says(CONTRADICTIONS, "guessing-unprevented", Warning, "A mechanism on the network says nothing on guessing."),
    says(CONTRADICTIONS, "lockout-incomplete", Warning, "A lockout lacks its number of attempts."),
    says(
        CONTRADICTIONS,
        "scheme-contradicts-factor",
        Warning,
        "A credential is given in a way that its factor has not.",
    ),
    says(
        CONTRADICTIONS,
        "local-mechanism-with-scheme",
        Warning,
        "A mechanism off the network has a network credential.",
    ),
    says(CONTRADICTIONS, "machine-password", Warning, "5.1-2A is answered Y, and a machine uses a password."),
    says(
        CONTRADICTIONS,
        "unchangeable-value",
        Warning,
        "5.1-4 is answered Y, and a value of users cannot be changed.",
    ),
    says(
        CONTRADICTIONS,
        "automatic-never-checks",
        Warning,
        "An update mechanism is automatic, and nothing checks.",
    ),
    says(CONTRADICTIONS, "notifies-never-checks", Warning, "The user is notified of updates, and nothing checks."),
    says(
        CONTRADICTIONS,
        "checking-contradicts",
        Warning,
        "What is said about checking for updates excludes itself.",
    ),
    says(CONTRADICTIONS, "switch-without-function", Warning, "A switch is declared for something that is absent."),
    says(
        CONTRADICTIONS,
        "signature-unverified",
        Warning,
        "Updates are signed, and nobody verifies the signature.",
    ),
    says(
        CONTRADICTIONS,
        "update-delivery-contradicts",
        Warning,
        "Updates off the network come over a network interface.",
    ),
    says(CONTRADICTIONS, "immutable-and-updatable", Warning, "A component is immutable and updatable."),
    says(
        CONTRADICTIONS,
        "identity-shared",
        Warning,
        "A hard-coded identity per device is the same on many units.",
    ),
    says(CONTRADICTIONS, "critical-in-source", Warning, "A critical security parameter stands in source code."),
    says(CONTRADICTIONS, "unique-in-source", Warning, "A value per device stands in source code."),
    says(CONTRADICTIONS, "shared-critical", Warning, "5.4-4 is answered Y, and a critical parameter is shared."),
    says(CONTRADICTIONS, "sent-over-nothing", Warning, "A parameter leaves the product over no mechanism."),
    says(CONTRADICTIONS, "sent-though-kept", Warning, "A parameter that stays has a mechanism it is sent over."),
    says(CONTRADICTIONS, "critical-in-clear", Warning, "A critical parameter is sent without confidentiality."),
    says(CONTRADICTIONS, "sensitive-in-clear", Warning, "Sensitive data is sent without confidentiality."),
    says(CONTRADICTIONS, "old-protocol", Warning, "A mechanism accepts a version below TLS 1.2."),
    says(CONTRADICTIONS, "version-without-tls", Warning, "A TLS version is declared beside another protocol."),
    says(CONTRADICTIONS, "clear-among-secured", Warning, "11-SecComMech lists communication in clear."),
    says(
        CONTRADICTIONS,
        "guarantee-without-means",
        Warning,
        "Communication in clear claims a security objective.",
    ),
    says(CONTRADICTIONS, "debug-enabled", Warning, "A debug interface is enabled and not protected."),
    says(CONTRADICTIONS, "never-needed-enabled", Warning, "An interface that is never needed is enabled."),
    says(
        CONTRADICTIONS,
        "reach-contradicts-network",
        Warning,
        "An interface's reach and its network fact disagree.",
    ),
    lacks(CONTRADICTIONS, "endpoint-incomplete", Warning, "An endpoint lacks its transport or its port."),
    says(CONTRADICTIONS, "port-zero", Warning, "A port is 0."),
    says(CONTRADICTIONS, "port-without-network", Warning, "An interface off the network has a port."),
    says(
        CONTRADICTIONS,
        "outgoing-answers",
        Warning,
        "An interface that only opens connections has a port or paths.",
    ),
    says(CONTRADICTIONS, "endpoint-twice", Warning, "Two interfaces in use have one transport and port."),
    says(CONTRADICTIONS, "kind-contradicts-table", Warning, "An interface stands in a table of another kind."),
    says(CONTRADICTIONS, "secret-disclosed", Warning, "An interface discloses a secret without authentication."),
    says(
        CONTRADICTIONS,
        "disabled-interface-used",
        Warning,
        "Something in use needs an interface that is disabled.",
    ),
    says(
        CONTRADICTIONS,
        "service-contradicts-interface",
        Warning,
        "A service and its interface disagree on the network.",
    ),
    says(
        CONTRADICTIONS,
        "configuration-unguarded",
        Warning,
        "A service changes configuration for anyone on the network.",
    ),
    says(CONTRADICTIONS, "consent-contradicts", Warning, "What is said about consent excludes itself."),
    says(CONTRADICTIONS, "stored-though-kept", Warning, "A service stores data that does not go to it."),
    says(CONTRADICTIONS, "examination-contradicts", Warning, "Telemetry is examined and is not."),
    says(CONTRADICTIONS, "confirmation-contradicts", Warning, "A deletion is confirmed and is not."),
    says(
        CONTRADICTIONS,
        "unconfirmed-deletion",
        Warning,
        "5.11-4 is answered Y, and a deletion is not confirmed.",
    ),
    says(CONTRADICTIONS, "model-disagrees", Warning, "Users see another model than the one under assessment."),
    says(
        CONTRADICTIONS,
        "support-period-disagrees",
        Warning,
        "The published support period is not the declared one.",
    ),
    says(
        CONTRADICTIONS,
        "confirmation-denied",
        Warning,
        "A provision is answered Y, and its confirmation is denied.",
    ),
    lacks(CONTROLS, "no-controls", Advice, "controls.toml is not there."),
    lacks(CONTROLS, "control-missing", Advice, "Provisions answered Y have no control."),
    lacks(CONTROLS, "control-without-provision", Error, "A control names no provision."),
    says(CONTROLS, "duplicate-control", Warning, "A provision has two controls; the first counts."),
    lacks(
        CONTROLS,
        "control-without-design",
        Advice,
        "A control says neither what was decided nor how it is implemented.",
    ),
    says(CONTROLS, "control-for-unmet", Advice, "A provision answered N or N/A has a control."),
    says(BENCH, "secret-in-text", Error, "A secret stands in bench.toml instead of a reference to it."),
    says(
        BENCH,
        "secret-looks-plain",
        Warning,
        "The name of an environment variable looks like the secret itself.",
    ),
    lacks(BENCH, "consent-missing", Warning, "There are targets, and nobody's consent."),
    lacks(BENCH, "consent-incomplete", Warning, "Consent lacks how far it goes, who gave it, or until when."),
    lacks(BENCH, "unknown-target", Error, "A target is neither `dut` nor an associated service."),
    says(BENCH, "duplicate-target", Warning, "A target is named twice; the first is measured."),
    lacks(
        BENCH,
        "link-local-without-interface",
        Warning,
        "Nothing says through which interface a link-local address is reached.",
    ),
    lacks(BENCH, "target-incomplete", Error, "A target lacks its name or its address."),
    says(BENCH, "target-not-one", Error, "A target's address is not that of one machine."),
    says(BENCH, "target-public", Advice, "A target lies outside private networks."),
    lacks(BENCH, "no-dut", Advice, "No target is the product itself."),
    says(BENCH, "bad-port-list", Error, "A list of ports cannot be read."),
    says(BENCH, "limit-zero", Warning, "A limit leaves nothing to measure with."),
    lacks(BENCH, "identity-missing", Warning, "Nothing shows that the product at the address is the DUT."),
    lacks(BENCH, "identity-incomplete", Warning, "A proof of identity lacks its means or its value."),
    says(
        BENCH,
        "firmware-place",
        Warning,
        "The place of the firmware's version has no `*`, or cannot be read there.",
    ),
    lacks(BENCH, "serial-missing", Advice, "The target `dut` has no serial number."),
    lacks(BENCH, "account-incomplete", Warning, "An account lacks its mechanism or its secret."),
    lacks(
        BENCH,
        "unknown-mechanism",
        Error,
        "An account belongs to an authentication mechanism that does not exist.",
    ),
    says(
        BENCH,
        "bad-pattern",
        Error,
        "A pattern of personal data is no regular expression that can be searched for.",
    ),
    says(BENCH, "bad-canary", Error, "A canary has not 4 to 256 bytes."),
    says(BENCH, "bad-second-source", Error, "`second-source` is no address that the bench may have for itself."),
    says(BENCH, "bad-clear-ports", Error, "An entry of `clear-ports` is no pair of ports."),
    lacks(
        BENCH,
        "outage-incomplete",
        Error,
        "An outage lacks a command that takes away, gives back or shows that it is back.",
    ),
    says(BENCH, "default-of-user-defined", Warning, "A default credential is given where the user defines it."),
];

/// The reference page of all codes, in Markdown.
pub fn page() -> String {
    let mut text = String::from(
        "# Notes\n\n\
         What `assay check` says about the text of a dossier. Generated from the table of codes; a test compares.\n\n\
         An **error** means that the text cannot mean what it should. A **warning** means that something is missing or\n\
         contradicts itself. An **advice** is something a careful author would look at. A code keeps its meaning for\n\
         good. A dossier passes when it has no error.\n",
    );
    let mut family = "";
    for code in CODES {
        if code.family != family {
            family = code.family;
            text.push_str(&format!("\n## {family}\n\n| code | weight | meaning |\n| --- | --- | --- |\n"));
        }
        text.push_str(&format!("| `{}` | {} | {} |\n", code.name, code.severity, code.meaning));
    }
    text
}
