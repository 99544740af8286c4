//! Writing a template: the tables of a dossier that the next product can take over, as they are written there.

use std::path::Path;

use model::Timestamp;
use toml_edit::{ArrayOfTables, DocumentMut, Item, Table, value};

use super::{PARTS, TemplateError, VERSION, asks, parsed};
use crate::{folder, requests};

/// The template of the dossier in a folder, with its comments on what it takes; where `asking` is set, with what was asked
/// for, too.
///
/// # Errors
/// [`TemplateError`] when the folder holds no dossier, a file of it is no TOML, or its ledger cannot be read.
pub fn save(folder: &Path, asking: bool, at: Timestamp) -> Result<String, TemplateError> {
    let sources = folder::sources(folder)?;
    let (dossier, _) = dossier::read(sources.clone());
    let text = |part: Option<&dossier::Located<String>>| part.map(|t| t.value.clone()).unwrap_or_default();
    let mut template = DocumentMut::new();
    template.insert("template", value(VERSION));
    template.insert("edition", value(dossier.edition().to_string()));
    let name = text(dossier.product.as_ref().and_then(|p| p.name.as_ref()));
    template.insert("from", value(format!("{name} {}", dossier.release_version()).trim()));
    for (file, table, key) in PARTS {
        let Some(source) = sources.iter().find(|source| source.path == file) else { continue };
        let document = parsed(file, &source.text)?;
        match document.get(table) {
            Some(Item::ArrayOfTables(rows)) if !key.is_empty() => {
                let mut all = ArrayOfTables::new();
                rows.iter().for_each(|row| all.push(placeless(row)));
                template.insert(table, Item::ArrayOfTables(all));
            }
            Some(Item::Table(one)) if key.is_empty() => {
                template.insert(table, Item::Table(placeless(one)));
            }
            Some(_) => return Err(TemplateError::Form { file: file.to_owned(), table: table.to_owned() }),
            None => {}
        }
    }
    if asking {
        let listed = requests::list(folder, at).map_err(|e| TemplateError::Requests(Box::new(e)))?;
        if let Some(rows) = asks::save(&dossier, &listed) {
            template.insert(asks::TABLE, rows);
        }
    }
    Ok(template.to_string())
}

/// The table without its place among those of its file.
pub(super) fn placeless(table: &Table) -> Table {
    let mut table = table.clone();
    table.set_position(None);
    let comment = table.decor().prefix().and_then(|prefix| prefix.as_str()).unwrap_or_default();
    // One empty line before it, and the remark that belongs to it.
    let remark: Vec<&str> =
        comment.rsplit("\n\n").next().unwrap_or_default().lines().filter(|l| !l.trim().is_empty()).collect();
    let remark = if remark.is_empty() { String::new() } else { format!("{}\n", remark.join("\n")) };
    table.decor_mut().set_prefix(format!("\n{remark}"));
    table
}
