//! What lies in the folders of SQL files, for the tests that hold the lists against them.

use std::path::Path;

use crate::step::Step;

/// The names of the files in a folder, in order.
pub(crate) fn files(folder: &Path) -> Vec<String> {
    let listing = std::fs::read_dir(folder).unwrap();
    let mut names: Vec<String> = listing.map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect();
    names.sort();
    names
}

/// The files of a step.
pub(crate) fn files_of(step: &Step) -> [String; 3] {
    ["down", "loses", "up"].map(|way| format!("{}.{way}.sql", step.name))
}

/// The names in a list of statements.
pub(crate) fn names(listed: &[(&str, &str)]) -> Vec<String> {
    listed.iter().map(|(file, _)| (*file).to_owned()).collect()
}
