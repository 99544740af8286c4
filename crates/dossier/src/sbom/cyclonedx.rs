//! CycloneDX in JSON: `components`, those inside components included.

use model::Component;
use serde_json::Value;

use super::{Found, list, strongest, text};

pub(super) fn read(document: &Value, found: &mut Found) {
    components(&document["components"], found);
}

fn components(all: &Value, found: &mut Found) {
    for one in list(all) {
        found.take(component(one));
        components(&one["components"], found);
    }
}

fn component(one: &Value) -> Component {
    let name = text(&one["name"]).unwrap_or_default();
    let name = match text(&one["group"]).filter(|_| !name.is_empty()) {
        Some(group) => format!("{group}/{name}"),
        None => name,
    };
    Component {
        name,
        version: text(&one["version"]).unwrap_or_default(),
        purl: text(&one["purl"]),
        cpe: text(&one["cpe"]),
        supplier: text(&one["supplier"]["name"]).or_else(|| text(&one["publisher"])),
        hash: strongest(list(&one["hashes"]).iter().map(|h| (&h["alg"], &h["content"]))),
    }
}
