//! The dossier to begin with: every file, every provision, every table and field of an edition, commented.
//!
//! It claims nothing: no answer, no feature and no entry is declared, so that nothing counts before somebody wrote it.

mod text;

use catalogue::{Catalogue, Field, Provision, Table};
use dossier::SourceText;
use model::Edition;

pub use text::comment;

use text::{facts, quoted};

/// The files of a new dossier for a product of this name. Checking them yields advice and nothing heavier.
pub fn skeleton(edition: Edition, product: &str) -> Vec<SourceText> {
    let catalogue = Catalogue::of(edition);
    let file = |path: &str, text: String| SourceText { path: path.to_owned(), text };
    let mut files = vec![
        file("assay.toml", assay(edition, product)),
        file("ics.toml", ics(catalogue)),
        file("controls.toml", CONTROLS.to_owned()),
        file("bench.toml", BENCH.to_owned()),
    ];
    files.extend(catalogue.tables.iter().map(|t| file(&format!("ixit/{}.toml", t.id), ixit(t))));
    files
}

fn assay(edition: Edition, product: &str) -> String {
    let mut text = comment(&format!(
        "The product under assessment. The assessment is against {}. A line that begins with `#` declares nothing: \
         remove the sign and fill it in.",
        edition.citation()
    ));
    text.push_str(&format!("edition = \"{edition}\"\n\n[product]\nname = {}\n", quoted(product)));
    text.push_str(ASSAY);
    text
}

fn ics(catalogue: &Catalogue) -> String {
    let mut text = comment(
        "The supplier's answers (ICS). First which features the product has and which conditions hold, then one row \
         per provision. N/A follows from a feature or condition that is declared false; it is computed, not believed.",
    );
    if !catalogue.features.is_empty() {
        text.push_str("\n[features]\n");
        for feature in &catalogue.features {
            text.push_str(&comment(&feature.summary));
            text.push_str(&format!("# {} = true\n", feature.id));
        }
    }
    text.push_str("\n[conditions]\n");
    for condition in &catalogue.conditions {
        text.push_str(&comment(&condition.summary));
        text.push_str(&format!("# {} = true\n", condition.id));
    }
    for clause in &catalogue.clauses {
        text.push_str(&format!("\n# ---- {} {}\n", clause.id, clause.title));
        for provision in catalogue.provisions.iter().filter(|p| p.clause == clause.id) {
            text.push_str(&blank_row(provision));
        }
    }
    text
}

/// The row of a provision in the ICS with nothing answered, commented, after an empty line.
pub fn blank_row(provision: &Provision) -> String {
    let mut text = String::from("\n");
    text.push_str(&comment(&provision.summary));
    text.push_str(&format!("[[provision]]\nid = \"{}\"\nstatus = \"{}\"\n", provision.id, provision.status));
    text.push_str(if provision.is_unconditional() && provision.is_mandatory() {
        "# support = \"Y\"                # Y or N\n# detail = \"\"                  # how it is met, or why not\n"
    } else {
        "# support = \"Y\"                # Y, N or N/A\n# detail = \"\"                  # how it is met, or why not, or why it does not apply\n"
    });
    if !provision.is_mandatory() {
        text.push_str("# justification = \"\"           # for N and N/A\n");
        text.push_str("# compensating = \"\"            # for N: what keeps the remaining risk down\n");
        text.push_str("# review = \"2026-01-31\"        # day on which the justification is looked at again\n");
    }
    text
}

fn ixit(table: &Table) -> String {
    let mut text = comment(&format!("{}: {}. {}", table.id, table.title, table.summary));
    text.push_str(&comment(if table.repeating {
        "One entry per thing: remove the signs, and repeat the block for the next one. Fields that no thing has stay out."
    } else {
        "One set of statements: remove the signs and fill it in."
    }));
    let head = if table.repeating { format!("[[{}]]", table.name) } else { format!("[{}]", table.name) };
    text.push_str(&format!("\n# {head}\n"));
    for field in &table.fields {
        text.push_str(&one_field(table, field));
    }
    text.push_str(&facts(&table.name));
    text
}

fn one_field(table: &Table, field: &Field) -> String {
    if field.name == "ID" {
        let prefix = if table.entry_prefix.is_empty() { &table.name } else { &table.entry_prefix };
        return format!("# ID = \"{prefix}-1\"\n");
    }
    let mut about = field.summary.clone();
    if let Some(when) = &field.applies_when {
        about.push_str(&format!(" To be filled when {when}."));
    }
    if !field.values.is_empty() {
        about.push_str(&format!(" Begins with: {}.", field.values.join(", ")));
    }
    let references: Vec<&str> = field.references.iter().map(|t| t.as_str()).collect();
    if !references.is_empty() {
        about.push_str(&format!(" Ids of entries of {}.", references.join(" or ")));
    }
    let value = if references.is_empty() { "\"\"" } else { "[]" };
    format!("#\n{}# {} = {value}\n", comment(&about), text::key(&field.name))
}

const ASSAY: &str = r#"# model = ""                    # model designation, as on the label
# manufacturer = ""             # the supplier organization
# description = ""              # what it is for
# hardware = ""                 # hardware revision
# intended-use = ""             # intended use and operating environment

# Releases of the software, the newest last: the last one is assessed.
# [[release]]
# version = "1.0.0"
# date = "2026-01-31"
# firmware = "sha256:…"         # digest of the image
# notes = ""

# Services that belong to the product and do not run on it.
# [[service]]
# id = "cloud"
# name = ""
# operator = ""
# purpose = ""
# endpoints = ["https://cloud.example", "mqtts://cloud.example:8883"]

# People and functions, and who answers for which clause or provision.
# [[person]]
# name = ""
# role = "product security"
# contact = ""

# [[responsible]]
# for = "5.3"
# role = "product security"

# What the team has decided about the assessment.
# [policy]
# guesses-per-hour = 100        # most guesses that a network mechanism may allow
# guessing-days = 365           # shortest time that trying half of all values has to take
# guessing-sources = 10         # addresses that somebody who guesses is taken to have
# observation-days = 90         # how long an observation stays current
# statement-days = 365          # how long a statement stays current
# task-days-mandatory = 14      # how long a task may take that a mandatory provision waits for
# task-days-recommended = 30    # how long one may take that only recommendations wait for

# What a new release may take over from the one before, a table for each method (rule, probe, assisted, judgement,
# manual). As it stands without any: what a person decided from documents, while nothing it rests on changed.
# [[carry]]
# method = "judgement"
# when = "unchanged"            # never, same-image (the firmware is the same, byte for byte), unchanged
# days = 365                    # for how long after it was stated or measured

# What a release passes on its way out, in this order. As it stands without any: declared, planned, measured,
# judged, reviewed, released. `assay checkpoints` tells what holds.
# [[checkpoint]]
# name = "measured"
# holds = ["measured", "current"]
# role = "test laboratory"      # who signs it off
"#;

const CONTROLS: &str = r#"# The control behind each provision: what was decided, how it is implemented, and what has to hold for it to be
# accepted.

# [[control]]
# provision = "5.1-1"
# design = ""                   # the design decision
# pattern = ""                  # the pattern that implements it
# acceptance = []               # criteria, one text each
# documents = []                # paths or URLs
# owner = ""                    # role of a `[[person]]`
"#;

const BENCH: &str = r#"# The laboratory: what may be measured, from where, how far, and with which credentials. Never part of the claim.
# Nothing is sent to an address that does not stand here.

# place = "lan"                 # where the bench is: lan, wan, access-point
# operator = ""                 # who runs the bench

# [consent]
# touches = "active"            # nothing, passive, active, intrusive or destructive
# by = ""                       # who agreed
# until = "2026-01-31"

# [[target]]
# name = "dut"                  # or the id of a `[[service]]`
# address = "192.0.2.7"
# serial = ""                   # of this very unit, as on its label
# host = "device.local"         # for TLS and HTTP
# tcp-ports = "1-65535"         # all when absent
# udp-ports = ""                # besides the declared and the well-known ones
# background = false            # subtract ports that answer before the product is switched on

# [limits]
# per-second = 50               # connections and datagrams
# parallel = 8
# attempts = 20                 # wrong credentials per mechanism; a lockout after N takes twice N and 12 more
# wait-millis = 1500
# seconds = 3600

# How to tell that the product at the address is the one under assessment. Each has to hold.
# [[identity]]
# means = "tls-certificate"     # or http-text, banner
# port = 443
# tls = true
# value = ""
# firmware = "version: *"       # where a page or banner tells it; `*` has to be the release's version

# Credentials to measure with. A secret never stands here.
# [[account]]
# mechanism = "AuthMech-1"      # an entry of 1-AuthMech
# standing = "valid"            # or low-privilege, default
# scheme = "http-form"          # how it is given, where the mechanism does not declare it
# user = ""
# secret = { env = "DUT_PASSWORD" }

# Addresses of host names that occur in the dossier's URLs.
# [resolve]
# "cloud.example" = "192.0.2.8"
"#;
