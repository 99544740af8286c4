//! The files of a bundle that are derived from others: a verifier derives them again and compares.

use std::fmt::Write as _;

use ledger::Keyring;
use ledger::bundle::{Manifest, Part};
use model::{CanonicalError, canonical_bytes};

use crate::assess::Standing;
use crate::history::History;
use crate::replay::Replayed;
use crate::review;
use crate::tell::{self, Told};

/// `README.txt`: what the file is and how to check it, for a person.
pub(crate) fn readme(manifest: &Manifest) -> String {
    let shown = |text: &str| wire::text::visible_str(text, 200);
    let mut text = format!(
        "{product}, release {release}: an assessment against ETSI EN 303 645, edition {edition}, with its evidence\n\n\
         Written by {tool}. Record {assessment} of the log {origin} is the assessment; the log has {size} records,\n\
         the last of {recorded}.\n",
        product = shown(&manifest.product),
        release = shown(&manifest.release),
        edition = shown(&manifest.edition),
        tool = shown(&manifest.tool),
        assessment = manifest.assessment,
        origin = shown(&manifest.log.origin),
        size = manifest.log.size,
        recorded = shown(&manifest.recorded),
    );
    text.push_str(PARTS);
    if manifest.redacted {
        let _ = write!(
            text,
            "\nThis bundle is redacted: {} pieces of evidence were left out. manifest.json lists them by digest, kind\n\
             and record. Everything else can be verified without them.\n",
            manifest.withheld.len()
        );
    }
    text
}

const PARTS: &str = "
Begin with reports/report.html. To check it, offline and on any machine:

    assay verify FILE --key KEY.pem

KEY.pem is the public key that the log began with, which you get from whoever gave you this file, on another way than
the file. Without it the key in the file is trusted, and the program says so. docs/reference/bundle.md of the program
describes every byte of this file, and docs/verify_bundle.py is a second, short verifier.

manifest.json        every other file with size and digest
manifest.dsse.json   the signature over it
leaves/              the records, one signed envelope a line, in order; the text is in base64
checkpoint.txt       the signature over all of them
keys.json, keys/     the keys that signed, and which records each may sign
dossier/             what was declared, as it was judged
blobs/               what the records name by digest: raw measurements and files; a .salt stands before its content
verdicts.json        every verdict with its grounds, as it was recorded
reports/             the same for people
";

/// `keys.json`: every key of the log and the leaves it may sign.
pub(crate) fn keys(ring: &Keyring) -> Result<Vec<u8>, CanonicalError> {
    canonical_bytes(&ring.keys().collect::<Vec<_>>())
}

/// The files under `reports`: of an assessment that was judged again, for the state of the ledger it was made in;
/// with the reviews that were recorded since.
pub(crate) fn reports(again: &Replayed, history: &History) -> Result<[(Part, Vec<u8>); 3], CanonicalError> {
    let reviews = review::told(history, &again.assessment)?;
    let told = Told {
        dossier: &again.dossier,
        evidence: &again.evidence,
        kept: history.kept(),
        ledger: Some(&again.ledger),
        reviews: &reviews,
        written: &[],
        exit: Standing::of(&again.assessment).exit(),
    };
    let presentation = tell::presentation(&again.assessment, told);
    Ok([
        (Part::Report("report.html"), report::html(&presentation).into_bytes()),
        (Part::Report("report.json"), format!("{:#}\n", report::json(&presentation)).into_bytes()),
        (Part::Report("report.md"), report::markdown(&presentation).into_bytes()),
    ])
}
