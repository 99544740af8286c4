//! Notes on what an assessment cannot do without: the files, the product's name and model, a release.

use dossier::Note;

use super::look::Look;
use super::note;

pub(super) fn check(look: &Look<'_>, notes: &mut Vec<Note>) {
    let start = look.file("assay.toml");
    for (path, severe) in [("assay.toml", true), ("ics.toml", true), ("controls.toml", false)] {
        if look.has_file(path) {
            continue;
        }
        let code = if severe { "missing-file" } else { "no-controls" };
        let message = format!("a dossier has the file {path}");
        notes.push(note(code, start, message, "it is not there").hint("`assay new` writes a commented skeleton"));
    }
    if look.has_file("assay.toml") {
        declared(look, notes);
    }
}

fn declared(look: &Look<'_>, notes: &mut Vec<Note>) {
    let start = look.file("assay.toml");
    if look.dossier.edition.is_none() {
        notes.push(
            note("edition-undeclared", start, "a dossier names its edition", "no `edition` here")
                .consequence(format!("V{} is assumed", look.dossier.edition()))
                .hint(format!("write `edition = \"{}\"` in the first line", look.dossier.edition())),
        );
    }
    match &look.dossier.product {
        None => notes.push(
            note("product-unnamed", start, "a dossier names its product", "no `[product]` here")
                .hint("add `[product]` with `name`, `model` and `manufacturer`"),
        ),
        Some(product) => {
            let named = |text: &Option<dossier::Located<String>>| {
                text.as_ref().is_some_and(|t| !t.value.trim().is_empty())
            };
            let lacking: Vec<&str> = [
                ("name", named(&product.name)),
                ("model", named(&product.model)),
                ("manufacturer", named(&product.manufacturer)),
            ]
            .into_iter()
            .filter_map(|(key, there)| (!there).then_some(key))
            .collect();
            if !lacking.is_empty() {
                notes.push(
                    note(
                        "product-unnamed",
                        product.span,
                        "a product has a name, a model and a manufacturer",
                        format!("no {}", lacking.join(", no ")),
                    )
                    .hint(format!("add `{} = \"…\"`", lacking[0])),
                );
            }
        }
    }
    if look.dossier.releases.is_empty() {
        notes.push(
            note("no-release", start, "an assessment is of one release of the software", "no `[[release]]` here")
                .consequence("no observation can be bound to the release it was made of")
                .hint("add `[[release]]` with `version` and `date`"),
        );
    }
    for release in look.dossier.releases.iter().filter(|r| r.version.is_none()) {
        notes.push(
            note("no-release", release.span, "a release has a version", "this one has no `version`")
                .hint("add `version = \"1.0.0\"`"),
        );
    }
}
