//! The files of a dossier at a glance: what each is, what the linter says of it, and what is not there yet.

use catalogue::Table;
use dossier::CRYPTO_POLICY;

use super::Opened;
use super::ics::weights;
use super::ixit::has;

/// What a file holds.
#[derive(Debug, Clone)]
pub enum Holds {
    /// The product, its releases, services, people and policy.
    Product,
    /// Features, conditions and answers.
    Answers,
    /// Controls.
    Controls,
    /// The laboratory.
    Bench,
    /// The cryptography policy of its own.
    CryptoPolicy,
    /// IXIT tables, each with how many entries of it stand in this file.
    Tables(Vec<(&'static Table, usize)>),
    /// Nothing that a dossier has.
    Unknown,
}

/// A file of the dossier.
#[derive(Debug, Clone)]
pub struct FileRow {
    /// Its path inside the dossier folder.
    pub path: String,
    /// What it holds.
    pub holds: Holds,
    /// Its size in bytes.
    pub size: usize,
    /// The linter's notes on it: errors, warnings, advice.
    pub notes: [usize; 3],
}

/// A file that the dossier could have.
#[derive(Debug, Clone)]
pub struct Missing {
    /// Its path inside the dossier folder.
    pub path: String,
    /// The IXIT table it is for; none of another file.
    pub table: Option<&'static Table>,
    /// Provisions whose tests read it, and which are not out for certain.
    pub provisions: Vec<String>,
}

impl Opened {
    /// The files, in the order a reader expects.
    pub fn files(&self) -> Vec<FileRow> {
        let row = |(file, source): (usize, &dossier::SourceText)| FileRow {
            path: source.path.clone(),
            holds: self.holds(file, &source.path),
            size: source.text.len(),
            notes: weights(self.notes_on(&source.path).into_iter().map(|noted| noted.note.severity)),
        };
        self.dossier.sources.iter().enumerate().map(row).collect()
    }

    fn holds(&self, file: usize, path: &str) -> Holds {
        match path {
            "assay.toml" => Holds::Product,
            "ics.toml" => Holds::Answers,
            "controls.toml" => Holds::Controls,
            "bench.toml" => Holds::Bench,
            CRYPTO_POLICY => Holds::CryptoPolicy,
            _ if path.starts_with("ixit/") => {
                let here = |table: &&Table| {
                    let own = path == format!("ixit/{}.toml", table.id);
                    own || matches!(self.sources.get(file), Some(Ok(source)) if has(source, &table.name))
                };
                let count = |table: &'static Table| {
                    let entries = self.dossier.entries(&table.name).iter();
                    (table, entries.filter(|entry| usize::from(entry.span.file) == file).count())
                };
                Holds::Tables(self.catalogue().tables.iter().filter(here).map(count).collect())
            }
            _ => Holds::Unknown,
        }
    }

    /// Files that the dossier could have and does not. IXIT tables that only provisions read which do not apply are left out.
    pub fn missing(&self) -> Vec<Missing> {
        let plain =
            ["ics.toml", "controls.toml", "bench.toml"].into_iter().filter(|path| self.file(path).is_none());
        let plain = plain.map(|path| Missing { path: path.to_owned(), table: None, provisions: Vec::new() });
        let catalogue = self.catalogue();
        let tables = catalogue.tables.iter().filter_map(|table| {
            let path = format!("ixit/{}.toml", table.id);
            if self.file(&path).is_some() || self.dossier.table(&table.name).is_some() {
                return None;
            }
            let groups = catalogue.groups.iter().filter(|group| group.tables.contains(&table.id));
            let provisions = groups.filter_map(|group| catalogue.provision(&group.provision));
            let provisions: Vec<String> =
                provisions.filter(|p| !self.is_out(p)).map(|p| p.id.to_string()).collect();
            (!provisions.is_empty()).then_some(Missing { path, table: Some(table), provisions })
        });
        plain.chain(tables).collect()
    }
}
