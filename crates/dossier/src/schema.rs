//! JSON Schema (2020-12) of each kind of dossier file, for editors. Tables and ids of an edition come from the caller.
//!
//! A schema describes form. What contradicts itself, or leads nowhere, is the linter's business.

use serde_json::{Map, Value, json};

use crate::bench::{Account, Canary, Capture, Consent, Expected, Interception, Limits, Outage, Pattern, Target};
use crate::checkpoints::Checkpoint;
use crate::decode::Decode;
use crate::facts::{Facts, State};
use crate::parts::{
    AssociatedService, Carry, Control, IcsRow, Person, Policy, Product, Release, Responsibility, Support,
};

/// The dialect every schema declares.
pub const DIALECT: &str = "https://json-schema.org/draft/2020-12/schema";

/// A word that a file may use, and what it means.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Word {
    /// As written: `5.3-9`, `e`, `14`.
    pub word: String,
    /// One line.
    pub meaning: String,
}

/// What `ics.toml` may name in an edition.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct IcsForm {
    /// Feature letters.
    pub features: Vec<Word>,
    /// Condition numbers.
    pub conditions: Vec<Word>,
    /// Provisions.
    pub provisions: Vec<Word>,
    /// Statuses as Table B.1 prints them.
    pub statuses: Vec<String>,
    /// Those of the provisions that are recommendations.
    pub recommendations: Vec<String>,
}

/// An IXIT table of an edition.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct TableForm {
    /// Name without number: `AuthMech`.
    pub name: String,
    /// Number.
    pub number: u32,
    /// Heading and purpose.
    pub description: String,
    /// Whether it has an entry per thing.
    pub repeating: bool,
    /// Its fields in order.
    pub fields: Vec<FieldForm>,
}

/// A field of an IXIT table.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct FieldForm {
    /// Name as the pro forma prints it.
    pub name: String,
    /// What belongs in it, and who reads it.
    pub description: String,
    /// Values the pro forma names; a text may go on after one of them.
    pub values: Vec<String>,
    /// Names of the tables it refers to.
    pub references: Vec<String>,
}

/// `assay.toml`, with the editions that may be named.
pub fn assay(editions: &[&str]) -> Value {
    let edition = json!({
        "type": "string",
        "description": "Edition of EN 303 645 to assess against.",
        "enum": editions,
    });
    let properties = [
        ("edition", edition),
        ("product", described(required(Product::schema(), &["name"]), "The product under assessment.")),
        ("release", list(required(Release::schema(), &["version"]), "Releases of the software, the newest last.")),
        ("service", list(required(AssociatedService::schema(), &["id"]), "Associated services.")),
        ("person", list(required(Person::schema(), &["role"]), "People and functions.")),
        ("responsible", list(required(Responsibility::schema(), &["for", "role"]), "Who answers for what.")),
        ("policy", described(Policy::schema(), "Decisions about the assessment.")),
        (
            "carry",
            list(required(Carry::schema(), &["method", "when"]), "What may be carried from an earlier release."),
        ),
        (
            "checkpoint",
            list(
                required(Checkpoint::schema(), &["name", "holds"]),
                "What a release passes on its way out, in this order; without any, the usual ones.",
            ),
        ),
    ];
    document("assay.toml", "The product, its releases, services and people.", properties, &["product"])
}

/// `ics.toml` for an edition.
pub fn ics(form: &IcsForm) -> Value {
    let mut row = required(IcsRow::schema(), &["id"]);
    replace(&mut row, "id", &words(&form.provisions));
    let statuses: Vec<Value> = form.statuses.iter().map(|s| json!(s)).collect();
    replace(&mut row, "status", &json!({"type": "string", "examples": statuses}));
    let unmet = [Support::No.as_str(), Support::NotApplicable.as_str()];
    if let Some(row) = row.as_object_mut() {
        row.insert(
            "if".into(),
            json!({
                "properties": {"id": {"enum": form.recommendations}, "support": {"enum": unmet}},
                "required": ["id", "support"],
            }),
        );
        row.insert("then".into(), json!({"anyOf": [{"required": ["justification"]}, {"required": ["detail"]}]}));
    }
    let properties = [
        ("features", answers(&form.features, "Whether each lettered feature of Table B.1 is present.")),
        ("conditions", answers(&form.conditions, "Whether each numbered condition of Table B.1 holds.")),
        ("provision", list(row, "The ICS: one row per provision.")),
    ];
    document("ics.toml", "The supplier's answers.", properties, &[])
}

/// `controls.toml` for an edition.
pub fn controls(provisions: &[Word]) -> Value {
    let mut row = required(Control::schema(), &["provision"]);
    replace(&mut row, "provision", &words(provisions));
    document("controls.toml", "The control behind each provision.", [("control", list(row, "Controls."))], &[])
}

/// `bench.toml`.
pub fn bench() -> Value {
    let text = |description: &str| json!({"type": "string", "description": description});
    let resolve = json!({
        "type": "object",
        "description": "Addresses of host names that occur in the dossier's URLs.",
        "additionalProperties": <std::net::IpAddr as Decode>::schema(),
    });
    let properties = [
        ("place", text("The place in the network from which the bench measures: `lan`, `access-point`, `wan`.")),
        (
            "state",
            described(
                <State as Decode>::schema(),
                "The state in which the product is while it is measured; set up and in use when left out.",
            ),
        ),
        ("operator", text("Who runs the bench; who gave the consent when left out.")),
        (
            "second-source",
            described(
                <std::net::IpAddr as Decode>::schema(),
                "Another address of the bench, from which a guess is given while the usual one is blocked: whether a lockout is that of one source.",
            ),
        ),
        (
            "consent",
            described(required(Consent::schema(), &["touches", "by"]), "What the operator has agreed to."),
        ),
        (
            "target",
            list(
                required(Target::schema(), &["name", "address"]),
                "Addresses that may be measured. Nothing else may.",
            ),
        ),
        (
            "capture",
            described(
                Capture::schema(),
                "How the product's traffic is captured while it is measured: with tcpdump on an interface, or by a command.",
            ),
        ),
        (
            "outage",
            described(
                required(Outage::schema(), &["away", "back", "restored"]),
                "How `assay observe --outages` takes the network or a service away and gives it back, by the operator's commands.",
            ),
        ),
        ("limits", described(Limits::schema(), "Limits for everything that is sent.")),
        (
            "identity",
            list(
                required(Expected::schema(), &["means", "value"]),
                "Proofs that this is the product; each has to hold.",
            ),
        ),
        (
            "account",
            list(required(Account::schema(), &["mechanism", "secret"]), "Credentials, secrets by reference."),
        ),
        (
            "pattern",
            list(required(Pattern::schema(), &["name", "regex"]), "Personal data that captures are searched for."),
        ),
        ("canary", list(required(Canary::schema(), &["name", "value"]), "Values that captures are searched for.")),
        (
            "interception",
            described(
                required(Interception::schema(), &["listen"]),
                "Where the bench stands in for associated services, to see what the product accepts as their client.",
            ),
        ),
        ("resolve", resolve),
    ];
    document("bench.toml", "The laboratory. Never part of the claim.", properties, &[])
}

/// Any file under `ixit/` for an edition. A table goes by its name, with or without its number.
pub fn ixit(tables: &[TableForm]) -> Value {
    let (mut properties, mut numbered, mut definitions) = (Map::new(), Map::new(), Map::new());
    for table in tables {
        let entry = json!({"$ref": format!("#/$defs/{}", table.name)});
        let shape = if table.repeating { json!({"type": "array", "items": entry}) } else { entry };
        let shape = described(shape, &table.description);
        numbered.insert(format!("{}-{}", table.number, table.name), shape.clone());
        properties.insert(table.name.clone(), shape);
        definitions.insert(table.name.clone(), entry_of(table));
    }
    properties.extend(numbered);
    json!({
        "$schema": DIALECT,
        "title": "ixit/*.toml",
        "description": "IXIT tables: prose fields under the standard's names, typed facts beside them.",
        "type": "object",
        "additionalProperties": false,
        "properties": properties,
        "$defs": definitions,
    })
}

fn entry_of(table: &TableForm) -> Value {
    let mut properties = Map::new();
    for field in &table.fields {
        properties.insert(field.name.clone(), described(field_of(field), &field.description));
    }
    if let Some(facts) = Facts::schema(&table.name) {
        properties.insert("facts".into(), described(facts, "Typed facts that let a program act on the entry."));
    }
    let needed: &[&str] = if table.repeating { &["ID"] } else { &[] };
    json!({
        "type": "object",
        "additionalProperties": false,
        "required": needed,
        "properties": properties,
    })
}

fn field_of(field: &FieldForm) -> Value {
    let text = json!({"type": "string"});
    if field.name == "ID" {
        return json!({"type": "string", "minLength": 1});
    }
    if !field.references.is_empty() {
        let ids = json!({"type": "array", "items": text, "uniqueItems": true});
        return json!({"anyOf": [ids, {"type": "string"}]});
    }
    if field.values.is_empty() {
        return json!({"anyOf": [text, {"type": "array", "items": text}]});
    }
    let begins: Vec<String> = field.values.iter().map(|v| either_case(v)).collect();
    let mut ways = vec![
        json!({"type": "string", "enum": field.values}),
        json!({"type": "string", "pattern": format!("^\\s*({})", begins.join("|"))}),
        json!({"type": "array", "items": {"type": "string"}}),
    ];
    if field.values.iter().any(|v| v == "Yes") {
        ways.push(json!({"type": "boolean"}));
    }
    json!({"anyOf": ways})
}

/// A pattern for a word in any case: JSON Schema patterns have no switch for that.
fn either_case(word: &str) -> String {
    let one = |c: char| match c {
        c if c.is_ascii_alphabetic() => format!("[{}{}]", c.to_ascii_uppercase(), c.to_ascii_lowercase()),
        c if c.is_ascii_alphanumeric() || c == ' ' => c.to_string(),
        c => format!("\\{c}"),
    };
    word.chars().map(one).collect()
}

fn document<const N: usize>(title: &str, about: &str, properties: [(&str, Value); N], needed: &[&str]) -> Value {
    let properties: Map<String, Value> = properties.into_iter().map(|(k, v)| (k.to_owned(), v)).collect();
    json!({
        "$schema": DIALECT,
        "title": title,
        "description": about,
        "type": "object",
        "additionalProperties": false,
        "required": needed,
        "properties": properties,
    })
}

fn answers(known: &[Word], about: &str) -> Value {
    let properties: Map<String, Value> =
        known.iter().map(|w| (w.word.clone(), json!({"type": "boolean", "description": w.meaning}))).collect();
    json!({"type": "object", "description": about, "additionalProperties": false, "properties": properties})
}

/// A closed list of words. `x-taplo` carries what each means: JSON Schema has no place for that.
fn words(known: &[Word]) -> Value {
    let list: Vec<&str> = known.iter().map(|w| w.word.as_str()).collect();
    let meanings: Vec<&str> = known.iter().map(|w| w.meaning.as_str()).collect();
    json!({"type": "string", "enum": list, "x-taplo": {"docs": {"enumValues": meanings}}})
}

fn list(items: Value, about: &str) -> Value {
    json!({"type": "array", "description": about, "items": items})
}

fn described(mut schema: Value, about: &str) -> Value {
    if let Some(object) = schema.as_object_mut() {
        object.insert("description".into(), about.into());
    }
    schema
}

fn required(mut schema: Value, keys: &[&str]) -> Value {
    if let Some(object) = schema.as_object_mut() {
        object.insert("required".into(), json!(keys));
    }
    schema
}

/// Puts a closer schema in the place of a property, keeping its description.
fn replace(schema: &mut Value, key: &str, closer: &Value) {
    let Some(property) = schema.pointer_mut(&format!("/properties/{key}")).and_then(Value::as_object_mut) else {
        return;
    };
    if let Some(closer) = closer.as_object() {
        property.extend(closer.iter().map(|(k, v)| (k.clone(), v.clone())));
    }
}
