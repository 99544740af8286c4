//! `bench.toml`: the laboratory. Addresses, limits, consent, credentials by reference. Never part of the claim.

use std::collections::BTreeMap;
use std::net::IpAddr;

use model::{AuthScheme, Touches};
use toml::de::DeTable;

use crate::State;
use crate::decode::{Decode, Item, Reader, facts, words};
use crate::note::{Note, Severity};
use crate::parts::{one, rows};
use crate::source::Located;

words! {
    /// What an account on the bench is.
    Standing {
        /// A valid credential with the rights to use what the mechanism guards.
        Valid = "valid",
        /// A valid credential with fewer rights.
        LowPrivilege = "low-privilege",
        /// The pre-installed credential of this very unit, as on its label.
        Default = "default",
    }
    /// How the identity of the DUT is shown.
    Means {
        /// SHA-256 fingerprint of the certificate it presents.
        TlsCertificate = "tls-certificate",
        /// A text on a page.
        HttpText = "http-text",
        /// A text in the first bytes it says.
        Banner = "banner",
    }
}

facts! {
    /// An address that may be measured. Nothing else may.
    Target in "a `[[target]]`" {
        /// `dut`, or the id of an associated service.
        name: String = "name",
        /// Its address.
        address: IpAddr = "address",
        /// Further addresses of the same product, such as its IPv6 address; ports, services and pages are searched at
        /// each.
        also: Vec<Located<IpAddr>> = "also",
        /// The interface of the bench through which link-local IPv6 addresses are reached: `eth0`.
        interface: String = "interface",
        /// The place from which this address is reached, where the product has another address from another place; any
        /// place when left out.
        place: String = "place",
        /// Hardware addresses of the unit, `02:00:5e:00:53:01`, by which a capture is searched for its traffic too.
        macs: Vec<Located<String>> = "macs",
        /// Serial number of the unit at it, as on its label.
        serial: String = "serial",
        /// Host name for TLS and HTTP.
        host: String = "host",
        /// TCP ports to try: `1-65535`, `22,80,443`. All when absent.
        tcp_ports: String = "tcp-ports",
        /// UDP ports to try besides the declared and the well-known ones.
        udp_ports: String = "udp-ports",
        /// Whether ports that answer before the product is switched on are subtracted.
        background: bool = "background",
        /// A file that describes its web interface, OpenAPI 3.0 or 3.1 in JSON or YAML; a relative path starts at the
        /// dossier folder.
        openapi: String = "openapi",
        /// A file with recorded requests to it, HAR 1.2; a relative path starts at the dossier folder.
        har: String = "har",
        /// Where it tells for how long it has been running, path and name: `/api/v1/info uptime`.
        uptime: String = "uptime",
    }
    /// Limits that the operator sets for everything that is sent.
    Limits in "`[limits]`" {
        /// Connections and datagrams per second, in all.
        per_second: u32 = "per-second",
        /// Connections open at the same time.
        parallel: u32 = "parallel",
        /// Wrong credentials per mechanism.
        attempts: u32 = "attempts",
        /// Milliseconds to wait for an answer.
        wait_millis: u32 = "wait-millis",
        /// Seconds that the whole run may take.
        seconds: u32 = "seconds",
        /// Requests that the search for input which is processed wrongly may take. 20000 when absent.
        inputs: u32 = "inputs",
    }
    /// How to tell that the product at the address is the one under assessment.
    Expected in "an `[[identity]]`" {
        /// How it is shown.
        means: Means = "means",
        /// TCP port.
        port: u16 = "port",
        /// Whether inside TLS.
        tls: bool = "tls",
        /// Path, for a page.
        path: String = "path",
        /// What has to be seen.
        value: String = "value",
        /// Text around the firmware's version, with `*` in its place: `"version":"*"`. It has to be the release's.
        firmware: String = "firmware",
    }
    /// A credential to measure with.
    Account in "an `[[account]]`" {
        /// The authentication mechanism (1-AuthMech) it belongs to.
        mechanism: String = "mechanism",
        /// What it is.
        standing: Standing = "standing",
        /// User name.
        user: String = "user",
        /// Where the secret is.
        secret: SecretRef = "secret",
        /// How it is given, where the mechanism does not declare it.
        scheme: AuthScheme = "scheme",
    }
    /// Personal data, and the like, that captures are searched for.
    Pattern in "a `[[pattern]]`" {
        /// Its name, which is told where it is found: `e-mail`.
        name: String = "name",
        /// The regular expression: `[a-z.]+@[a-z.]+`.
        regex: String = "regex",
        /// The kind of what it finds; `personal-data` when absent.
        kind: String = "kind",
    }
    /// A value that was put into the product so that it is known again in captures.
    Canary in "a `[[canary]]`" {
        /// Its name, which is told where it is found.
        name: String = "name",
        /// The value, 4 to 256 bytes; no secret that is used elsewhere.
        value: String = "value",
        /// The kind of what it finds; `canary` when absent.
        kind: String = "kind",
    }
    /// How the product's traffic is captured while it is measured. The tool is the operator's; `assay` starts and stops
    /// it, and takes up its file as `assay import` does.
    Capture in "`[capture]`" {
        /// The interface of the bench on which the traffic passes: `eth0`. Then tcpdump is used.
        interface: String = "interface",
        /// What is captured, as tcpdump takes it; the product's addresses when left out.
        filter: String = "filter",
        /// Another command in tcpdump's place, program and arguments: `{file}` stands for the file that it writes. It has
        /// to end at an interrupt. Where no `{file}` stands, its standard output is taken.
        command: Vec<Located<String>> = "command",
    }
    /// Commands of the operator that take the network or a service away from the product and give it back, for
    /// `assay observe --outages`.
    Outage in "`[outage]`" {
        /// Takes it away, program and arguments.
        away: Vec<Located<String>> = "away",
        /// Gives it back; taken in any case, and again where it fails.
        back: Vec<Located<String>> = "back",
        /// Ends with 0 once it is back, and with anything else before.
        restored: Vec<Located<String>> = "restored",
        /// How often it is taken away; 2 when absent.
        times: u32 = "times",
        /// Seconds for which it is away; 60 when absent.
        seconds: u32 = "seconds",
        /// Seconds that it may take until it is back, and then again until the product is; 60 when absent.
        return_seconds: u32 = "return-seconds",
    }
    /// Where the bench stands in for associated services, to see what the product accepts as their client.
    Interception in "`[interception]`" {
        /// An address of this machine, set apart for it; nothing else listens there.
        listen: IpAddr = "listen",
        /// UDP port at which the services' names are answered, usually 53; none where the product is led here otherwise.
        names_port: u16 = "names-port",
        /// Ids of the services; all when absent.
        services: Vec<Located<String>> = "services",
        /// Where the product would come in clear: `28883:28884` for the second port beside the first. The usual pairs when
        /// absent.
        clear_ports: Vec<Located<String>> = "clear-ports",
        /// Addresses that the product comes from; those of the target `dut` when absent.
        clients: Vec<Located<IpAddr>> = "clients",
        /// Certificate of an authority that the product trusts, as a file in PEM; a relative path starts at the dossier
        /// folder.
        authority: String = "authority",
        /// Where its private key is, in PEM.
        authority_key: SecretRef = "authority-key",
        /// How often each check is shown; 2 when absent.
        rounds: u32 = "rounds",
        /// Seconds for all checks of one service; 120 when absent.
        seconds: u32 = "seconds",
        /// Seconds to wait until the product is back at its service; 30 when absent.
        return_seconds: u32 = "return-seconds",
    }
    /// What the operator has agreed to.
    Consent in "`[consent]`" {
        /// The highest step that may be taken.
        touches: Touches = "touches",
        /// Who agreed.
        by: String = "by",
        /// Until when, `2026-01-31`.
        until: String = "until",
    }
}

/// Where a secret is. Never the secret itself.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum SecretRef {
    /// In an environment variable.
    Environment(String),
    /// In a file, its last line break left out; a relative path starts at the dossier folder.
    File(String),
}

impl Decode for SecretRef {
    fn decode(item: &Item<'_>, reader: &mut Reader<'_>) -> Option<Self> {
        let span = reader.span(item);
        let complain = |reader: &mut Reader<'_>, label: &str| {
            reader.notes.push(
                Note::new("secret-in-text", Severity::Error, "a secret is given by reference", span, label)
                    .hint("write `secret = { env = \"NAME\" }` or `secret = { file = \"path\" }`"),
            );
        };
        let Some(table) = item.get_ref().as_table() else {
            complain(reader, "the secret itself must not stand in the dossier");
            return None;
        };
        reader.only(table, "a secret", &["env", "file"]);
        let env = reader.get::<String>(table, "env");
        let file = reader.get::<String>(table, "file");
        match (env, file) {
            (Some(env), None) => Some(SecretRef::Environment(env.value)),
            (None, Some(file)) => Some(SecretRef::File(file.value)),
            _ => {
                complain(reader, "exactly one of `env` and `file`");
                None
            }
        }
    }

    fn schema() -> serde_json::Value {
        serde_json::json!({
            "type": "object",
            "additionalProperties": false,
            "minProperties": 1,
            "maxProperties": 1,
            "properties": {"env": {"type": "string"}, "file": {"type": "string"}},
        })
    }

    fn written(&self) -> serde_json::Value {
        match self {
            SecretRef::Environment(name) => serde_json::json!({"env": name}),
            SecretRef::File(path) => serde_json::json!({"file": path}),
        }
    }
}

/// Everything in `bench.toml`.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Bench {
    /// The place in the network from which the bench measures.
    pub place: Option<Located<String>>,
    /// The state in which the product is while it is measured.
    pub state: Option<Located<State>>,
    /// Who runs the bench; who gave the consent when left out.
    pub operator: Option<Located<String>>,
    /// Another address of the bench, from which a guess is given while the usual one is blocked.
    pub second_source: Option<Located<IpAddr>>,
    /// What the operator has agreed to.
    pub consent: Option<Located<Consent>>,
    /// Addresses that may be measured.
    pub targets: Vec<Located<Target>>,
    /// How traffic is captured meanwhile.
    pub capture: Option<Located<Capture>>,
    /// How the network or a service is taken away.
    pub outage: Option<Located<Outage>>,
    /// Limits.
    pub limits: Option<Located<Limits>>,
    /// Proofs of identity, each of which has to hold.
    pub identity: Vec<Located<Expected>>,
    /// Credentials.
    pub accounts: Vec<Located<Account>>,
    /// Patterns that captures are searched for.
    pub patterns: Vec<Located<Pattern>>,
    /// Values that captures are searched for.
    pub canaries: Vec<Located<Canary>>,
    /// Standing in for associated services.
    pub interception: Option<Located<Interception>>,
    /// Addresses of host names that occur in the dossier's URLs.
    pub resolve: BTreeMap<String, Located<IpAddr>>,
}

impl Bench {
    /// Who runs the bench, as far as it says.
    pub fn operator(&self) -> Option<&str> {
        let by = || self.consent.as_ref().and_then(|c| c.by.as_ref());
        self.operator.as_ref().or_else(by).map(|name| name.value.trim()).filter(|name| !name.is_empty())
    }

    /// The target of this name.
    pub fn target(&self, name: &str) -> Option<&Target> {
        self.targets.iter().map(|t| &t.value).find(|t| t.name.as_ref().is_some_and(|n| n.value == name))
    }
}

pub(crate) const KEYS: [&str; 15] = [
    "place",
    "state",
    "operator",
    "second-source",
    "consent",
    "target",
    "capture",
    "limits",
    "identity",
    "account",
    "pattern",
    "canary",
    "outage",
    "interception",
    "resolve",
];

pub(crate) fn read(document: &DeTable<'_>, reader: &mut Reader<'_>) -> Bench {
    reader.only(document, "bench.toml", &KEYS);
    let mut resolve = BTreeMap::new();
    if let Some(table) = document.get("resolve") {
        match table.get_ref().as_table() {
            Some(names) => {
                for (name, address) in names {
                    if let Some(address) = Located::<IpAddr>::decode(address, reader) {
                        resolve.insert(name.get_ref().to_string(), address);
                    }
                }
            }
            None => reader.wrong_type(table, "a table of host names and addresses"),
        }
    }
    Bench {
        place: reader.get(document, "place"),
        state: reader.get(document, "state"),
        operator: reader.get(document, "operator"),
        second_source: reader.get(document, "second-source"),
        consent: one(document, "consent", reader),
        targets: rows(document, "target", reader),
        capture: one(document, "capture", reader),
        outage: one(document, "outage", reader),
        limits: one(document, "limits", reader),
        identity: rows(document, "identity", reader),
        accounts: rows(document, "account", reader),
        patterns: rows(document, "pattern", reader),
        canaries: rows(document, "canary", reader),
        interception: one(document, "interception", reader),
        resolve,
    }
}
