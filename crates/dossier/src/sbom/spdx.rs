//! SPDX 2 in JSON (`packages`) and SPDX 3 in JSON-LD (`@graph`).

use model::Component;
use serde_json::Value;

use super::{Found, list, strongest, text};

pub(super) fn read(document: &Value, found: &mut Found) {
    let packages = list(&document["packages"]);
    let described = described(document).filter(|_| packages.len() > 1);
    for package in packages.iter().filter(|p| described.is_none() || p["SPDXID"].as_str() != described) {
        found.take(component(package));
    }
}

/// The one package that the document describes: the product itself. None where it describes several.
fn described(document: &Value) -> Option<&str> {
    let by_list = list(&document["documentDescribes"]).iter().filter_map(Value::as_str);
    let by_relation = list(&document["relationships"])
        .iter()
        .filter(|r| r["relationshipType"] == "DESCRIBES" && r["spdxElementId"] == "SPDXRef-DOCUMENT")
        .filter_map(|r| r["relatedSpdxElement"].as_str());
    let mut all: Vec<&str> = by_list.chain(by_relation).collect();
    all.sort_unstable();
    all.dedup();
    match all.as_slice() {
        [one] => Some(one),
        _ => None,
    }
}

fn component(package: &Value) -> Component {
    let reference = |wanted: fn(&str) -> bool| {
        let mut all = list(&package["externalRefs"]).iter();
        let found = all.find(|r| r["referenceType"].as_str().is_some_and(wanted))?;
        text(&found["referenceLocator"])
    };
    Component {
        name: text(&package["name"]).unwrap_or_default(),
        version: said(&package["versionInfo"]).unwrap_or_default(),
        purl: reference(|kind| kind == "purl"),
        cpe: reference(|kind| kind.starts_with("cpe")),
        supplier: said(&package["supplier"]).map(|s| match s.split_once(": ") {
            Some(("Organization" | "Person", name)) => name.to_owned(),
            _ => s,
        }),
        hash: strongest(list(&package["checksums"]).iter().map(|c| (&c["algorithm"], &c["checksumValue"]))),
    }
}

/// A text that says something; SPDX has words for saying nothing.
fn said(value: &Value) -> Option<String> {
    text(value).filter(|t| t != "NOASSERTION" && t != "NONE")
}

pub(super) fn read_graph(document: &Value, found: &mut Found) {
    let is_package = |e: &&Value| e["type"].as_str().or_else(|| e["@type"].as_str()) == Some("software_Package");
    for package in list(&document["@graph"]).iter().filter(is_package) {
        found.take(Component {
            name: text(&package["name"]).unwrap_or_default(),
            version: text(&package["software_packageVersion"]).unwrap_or_default(),
            purl: text(&package["software_packageUrl"]),
            hash: strongest(list(&package["verifiedUsing"]).iter().map(|h| (&h["algorithm"], &h["hashValue"]))),
            ..Component::default()
        });
    }
}
