//! The forms of the product: what it is, its release under assessment, what the team has decided, and its services.

use std::path::Path;

use dossier::{AssociatedService, Policy, Product, Release};
use model::Timestamp;

use super::entries::{add_row, change};
use super::form::{Asked, Form, Group};
use super::rows::{FILE, declared};
use super::save::Refused;
use super::source::Anchor;
use super::{EditError, Opened};

const VERSION: &str =
    "What was measured and stated is bound to it. The next release is added by `assay release add`.";
const FIRMWARE: &str = "It is taken from the image by `assay release add --firmware`.";
const ID: &str = "IXIT facts and the bench refer to it by this; changed here, they are noted until they follow.";

impl Opened {
    pub(super) fn product(&self) -> Result<Form, EditError> {
        let product = self.group(FILE, &Anchor::One("product"), declared("product", Product::KEYS))?;
        let product = Group { id: "product".into(), title: "Product".into(), ..product };
        let policy = self.group(FILE, &Anchor::One("policy"), declared("policy", Policy::KEYS))?;
        let policy = Group {
            id: "policy".into(),
            title: "Policy".into(),
            about: vec![
                "What the team has decided about the assessment. Where nothing is said, the usual value holds that the help tells.".into(),
            ],
            ..policy
        };
        let keys = [Product::KEYS, Release::KEYS, Policy::KEYS].concat();
        let orders = vec![(FILE.to_owned(), self.assay_order(&["version"], &keys))];
        Ok(Form { groups: vec![product, self.release_group()?, policy], orders, ..Form::default() })
    }

    /// The release that is assessed: the last one written.
    fn release_group(&self) -> Result<Group, EditError> {
        let rows = self.rows("release", &["version"])?;
        let group = match rows.last() {
            Some(row) => {
                self.row_of("release", row, declared("release", Release::KEYS).into_iter().map(kept).collect())?
            }
            None => Group::default(),
        };
        let about = match rows.len() {
            0 => "No release is declared: `assay release add` adds one.".to_owned(),
            1 => "The release that is assessed, and the only one.".to_owned(),
            many => format!("The release that is assessed: the last one written, after {} before it.", many - 1),
        };
        Ok(Group { id: "release".into(), title: "Release under assessment".into(), about: vec![about], ..group })
    }

    pub(super) fn services(&self) -> Result<Form, EditError> {
        let rows = self.rows("service", &["id"])?;
        let asked = || {
            let all = declared("service", AssociatedService::KEYS);
            all.into_iter()
                .map(
                    |one| if one.key == "id" { Asked { help: ID.into(), label: "ID".into(), ..one } } else { one },
                )
                .collect()
        };
        let mut form =
            Form { taken: rows.iter().map(|row| row.says("id").to_owned()).collect(), ..Form::default() };
        for (at, row) in rows.iter().enumerate() {
            let title = row.says("id");
            let title = if title.is_empty() { format!("Service {}", at + 1) } else { title.to_owned() };
            form.groups.push(Group {
                id: format!("service {at}"),
                title,
                ..self.row_of("service", row, asked())?
            });
        }
        form.orders = vec![(FILE.to_owned(), self.assay_order(&[], AssociatedService::KEYS))];
        Ok(form)
    }
}

/// What a release is called and which image it is are not written by hand.
fn kept(asked: Asked) -> Asked {
    match asked.key.as_str() {
        "version" => asked.locked(VERSION),
        "firmware" => asked.locked(FIRMWARE),
        _ => asked,
    }
}

/// Adds a service, with nothing but its id.
///
/// # Errors
/// [`Refused`]; then nothing was written.
pub fn add_service(folder: &Path, id: &str, by: &str, at: Timestamp) -> Result<(), Refused> {
    change(folder, by, at, |opened| {
        let known = opened.rows("service", &["id"])?;
        if known.iter().any(|row| row.says("id") == id.trim()) {
            return Err(EditError::Known(format!("the service `{}`", id.trim())));
        }
        add_row(opened, ("service", "id", id), &[])
    })
}
