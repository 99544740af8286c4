//! Other tools' saved output, read into the facts that probes of our own report: probes with an empty gather.
//!
//! Nothing is sent. The file is the log: whoever keeps it reads it again to the same reading. An importer says what the
//! file covers and what is missing in it, and takes nothing that is about another address than the target's.

mod about;
pub mod audit_passwords;
pub mod capture;
pub mod har;
mod json;
pub mod nmap;
mod refused;
pub mod ssh_audit;
pub mod sslyze;
pub mod testssl;
pub mod tshark;
pub mod zap;

use std::io::Read;

use model::{Level, Period, Reading};
use serde_json::Value;

use crate::Card;
pub use about::About;

/// How many bytes a [`Importer::sniff`] is shown at most.
pub const SNIFFED: usize = 64 << 10;

/// An importer: the card of a probe, how its files are recognised, and how one is read.
#[derive(Debug, Clone, Copy)]
pub struct Importer {
    /// Its card; it touches nothing.
    pub card: &'static Card,
    /// The word for its format: `nmap`.
    pub format: &'static str,
    /// Which files it reads, for a person.
    pub reads: &'static str,
    /// How far what is read can be checked: what another tool concluded is `imported`, packets it only kept `measured`.
    pub level: Level,
    /// Whether each address of the target is read by itself, into an observation of its own. Otherwise the file is read
    /// once, for all of them.
    pub per_address: bool,
    /// Whether a file that begins like this is one of its own. At most [`SNIFFED`] bytes are shown.
    pub sniff: fn(&[u8]) -> bool,
    /// Reads a file, now or years later, with the parameters of the record. The file may be larger than the memory.
    pub interpret: fn(&mut dyn Read, &Value) -> Result<Imported, ImportError>,
}

/// What was read in a file.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Imported {
    /// What the tool saw, looked at and missed of the target.
    pub reading: Reading,
    /// The tool, where the file names it.
    pub tool: Option<String>,
    /// Its version, where the file says it.
    pub version: Option<String>,
    /// When it measured, where the file says it.
    pub measured: Option<Period>,
    /// Addresses and names in the file that are not the target's, a few of them; what it says of them is left out.
    pub elsewhere: Vec<String>,
    /// Whether the file says anything of the target.
    pub about_target: bool,
}

/// Why a file cannot be read by an importer.
#[derive(Debug, thiserror::Error)]
pub enum ImportError {
    /// The bytes cannot be had.
    #[error("read the file")]
    Read(#[from] std::io::Error),
    /// It is something else.
    #[error("read it as {format}: {why}")]
    NotThis {
        /// The format.
        format: &'static str,
        /// Why not, one line.
        why: String,
    },
    /// It is larger than what is read at once.
    #[error("read it as {format}: it has more than {most} bytes")]
    TooLarge {
        /// The format.
        format: &'static str,
        /// The limit.
        most: u64,
    },
    /// The parameters do not fit.
    #[error("read the parameters of the import")]
    Parameters(#[from] serde_json::Error),
}

/// Every importer.
pub const IMPORTERS: &[Importer] = &[
    audit_passwords::IMPORTER,
    capture::IMPORTER,
    har::IMPORTER,
    nmap::IMPORTER,
    ssh_audit::IMPORTER,
    sslyze::IMPORTER,
    testssl::IMPORTER,
    tshark::IMPORTER,
    zap::IMPORTER,
];

/// The importer of this probe id.
pub fn importer(id: &str) -> Option<&'static Importer> {
    IMPORTERS.iter().find(|importer| importer.card.id == id)
}

/// The importers that take a file which begins like this for one of their own.
pub fn sniffed(begins: &[u8]) -> Vec<&'static Importer> {
    IMPORTERS.iter().filter(|importer| (importer.sniff)(begins)).collect()
}

/// All of a file that is read at once, within a limit.
fn whole(file: &mut dyn Read, format: &'static str, most: u64) -> Result<Vec<u8>, ImportError> {
    let mut bytes = Vec::new();
    file.take(most + 1).read_to_end(&mut bytes)?;
    match bytes.len() as u64 > most {
        true => Err(ImportError::TooLarge { format, most }),
        false => Ok(bytes),
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;
    use std::path::Path;

    use model::Touches;

    use super::*;

    #[test]
    fn every_importer_touches_nothing_and_has_a_reference_page() {
        let pages = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../docs/reference/probes");
        for Importer { card, format, .. } in IMPORTERS {
            assert_eq!(card.touches, Touches::Nothing, "{}", card.id);
            let page = std::fs::read_to_string(pages.join(format!("{}.md", card.id))).unwrap_or_default();
            assert!(page.starts_with(&format!("# {}\n", card.id)), "{}: no page", card.id);
            assert!(page.contains(card.asks), "{}: the page does not say: {}", card.id, card.asks);
            assert!(page.contains(&format!("--as {format}")), "{}: the page does not say: --as {format}", card.id);
            assert!(page.contains("**Cannot see**"), "{}: the page does not say what it cannot see", card.id);
        }
    }

    #[test]
    fn each_real_output_is_taken_by_its_own_importer_alone() {
        let samples = Path::new(env!("CARGO_MANIFEST_DIR")).join("src/import/samples");
        let mut seen = 0;
        for entry in std::fs::read_dir(samples).unwrap() {
            let path = entry.unwrap().path();
            let bytes = std::fs::read(&path).unwrap();
            let stem = path.file_stem().unwrap().to_str().unwrap();
            let formats: Vec<_> =
                sniffed(&bytes[..bytes.len().min(SNIFFED)]).iter().map(|one| one.format).collect();
            assert!(formats.len() == 1 && stem.starts_with(formats[0]), "{stem}: {formats:?}");
            seen += 1;
        }
        assert!(seen >= 7);
    }

    #[test]
    fn ids_and_formats_are_unique_and_no_probe_has_one_of_them() {
        let ids: BTreeSet<_> = IMPORTERS.iter().map(|importer| importer.card.id).collect();
        let formats: BTreeSet<_> = IMPORTERS.iter().map(|importer| importer.format).collect();
        assert_eq!((ids.len(), formats.len()), (IMPORTERS.len(), IMPORTERS.len()));
        assert!(ids.iter().all(|id| crate::listed(id).is_none()));
    }
}
