//! The bench as measuring needs it: addresses, limits, consent, credentials with their secrets read.

use std::collections::BTreeMap;
use std::net::IpAddr;
use std::path::{Path, PathBuf};

use dossier::{Bench, Consent, Dossier, Expected, Means, SecretRef, Standing, Target};
use model::{AuthScheme, Place, ProductState, Timestamp, Touches};
use probes::{Limits, Scope, Secret};
use wire::api::har::{self, Recording};
use wire::api::{Route, openapi};

use super::interception::Interception;

/// Why nothing can be measured.
#[derive(Debug, thiserror::Error)]
pub enum SetupError {
    /// There is no bench file.
    #[error("prepare the bench: the dossier has no bench.toml\n\nhint: `assay new` writes a commented one")]
    NoBench,
    /// No address of the product is authorised.
    #[error(
        "prepare the bench: bench.toml authorises no address of the product\n\nhint: add `[[target]]` with `name = \"dut\"` and its `address`"
    )]
    NoTarget,
    /// A target lacks its name or address.
    #[error("prepare the bench: a `[[target]]` has no {0}")]
    HalfTarget(&'static str),
    /// A list of ports cannot be read.
    #[error("prepare the bench: `{0}` is no list of ports\n\nhint: write `1-65535` or `22,80,443`")]
    Ports(String),
    /// Secrets are not where the bench file says. Whatever is measured, they are needed to be kept out of the records.
    #[error("prepare the bench: {}\n\nhint: {}", lacks(.0), mend(.0))]
    Secrets(Vec<LackingSecret>),
    /// Nothing says through which interface a link-local address is reached.
    #[error(
        "prepare the bench: {0} is a link-local address, and nothing says through which interface it is reached\n\nhint: add `interface = \"eth0\"` to its `[[target]]`, with the name of the bench's own interface"
    )]
    LinkLocal(IpAddr),
    /// The bench has no interface of this name.
    #[error("prepare the bench: this machine has no network interface `{0}`\n\nhint: `ip link` lists them")]
    NoInterface(String),
    /// A file that describes the interface cannot be used.
    #[error("prepare the bench: {file} cannot be used: {why}")]
    Description {
        /// Which, as the bench names it.
        file: String,
        /// Why.
        why: String,
    },
    /// The background was not measured.
    #[error(
        "prepare the bench: the background of {0} was not measured\n\nhint: switch the product off and run `assay observe --background`"
    )]
    NoBackground(String),
}

/// A secret that is not where the bench file says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LackingSecret {
    /// The mechanism.
    pub mechanism: String,
    /// Where it should be.
    pub at: SecretRef,
    /// Environment variable or file, in words.
    pub place: String,
}

fn lacks(lacking: &[LackingSecret]) -> String {
    let each = lacking.iter().map(|one| format!("the secret of {} is not in {}", one.mechanism, one.place));
    each.collect::<Vec<_>>().join("; ")
}

fn mend(lacking: &[LackingSecret]) -> String {
    let mut each: Vec<String> = Vec::new();
    for one in lacking {
        let how = match &one.at {
            SecretRef::Environment(name) => format!("`export {name}=…`"),
            SecretRef::File(_) => format!("write it to {}", one.place),
        };
        if !each.contains(&how) {
            each.push(how);
        }
    }
    format!("{}; every secret of the bench is needed, so that it can be kept out of the records", each.join(", "))
}

/// One authorised target.
#[derive(Debug, Clone)]
pub struct Authorised {
    /// `dut` or the id of an associated service.
    pub name: String,
    /// Its address.
    pub address: IpAddr,
    /// Whether it is a further address of a target that stands before it.
    pub further: bool,
    /// Index of the interface of the bench that leads to it, for a link-local IPv6 address; 0 for any other.
    pub interface: u32,
    /// Host name for TLS and HTTP.
    pub host: Option<String>,
    /// TCP ports to try.
    pub tcp_ports: Vec<(u16, u16)>,
    /// UDP ports to try besides the declared ones.
    pub udp_ports: Vec<u16>,
    /// Whether ports that answer while the product is off are subtracted.
    pub subtracts: bool,
    /// Ports that answer while the product is off.
    pub background: Vec<u16>,
    /// Where it tells for how long it has been running: path and name.
    pub uptime: Option<(String, String)>,
    /// What its web interface takes, as files say.
    pub described: Described,
}

/// What files say of a web interface.
#[derive(Debug, Clone, Default)]
pub struct Described {
    /// Routes of an OpenAPI description.
    pub openapi: Vec<Route>,
    /// Requests that were recorded.
    pub har: Option<Recording>,
}

impl Authorised {
    /// Under which name its background is kept.
    pub(crate) fn background_name(&self) -> String {
        if self.further { format!("{} at {}", self.name, self.address) } else { self.name.clone() }
    }

    /// Name and address, one line.
    pub fn line(&self) -> String {
        match &self.host {
            Some(host) => format!("{} at {} ({host})", self.name, self.address),
            None => format!("{} at {}", self.name, self.address),
        }
    }
}

/// One credential with its secret.
#[derive(Debug, Clone)]
pub struct Credential {
    /// The mechanism (1-AuthMech) it belongs to.
    pub mechanism: String,
    /// What it is.
    pub standing: Standing,
    /// User name.
    pub user: String,
    /// Secret.
    pub secret: Secret,
    /// How it is given, where the mechanism does not declare it.
    pub scheme: Option<AuthScheme>,
}

/// From where, and in which state of the product, where that differs from what the bench file says.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Standpoint {
    /// The place in the network.
    pub place: Option<Place>,
    /// The state of the product.
    pub state: Option<ProductState>,
}

/// Everything that measuring needs of the bench file.
#[derive(Debug, Clone)]
pub struct Setup {
    /// From where it is measured.
    pub place: Place,
    /// In which state the product is, where the bench or the operator says so.
    pub state: Option<ProductState>,
    /// Who runs the bench, as far as it says.
    pub operator: Option<String>,
    /// The highest step that may be taken now.
    pub consent: Touches,
    /// Why it is no higher, for the plan.
    pub consent_because: String,
    /// Targets, the product first.
    pub targets: Vec<Authorised>,
    /// Limits.
    pub limits: Limits,
    /// Requests that the search for wrong input may take, where the operator says.
    pub most_inputs: Option<u32>,
    /// Proofs of identity.
    pub identity: Vec<Expected>,
    /// Credentials.
    pub accounts: Vec<Credential>,
    /// Secrets that could not be read; nothing is measured while there are any.
    pub lacking: Vec<LackingSecret>,
    /// How the bench stands in for associated services, or what is wrong with what the bench file says of it.
    pub interception: Option<Result<Interception, String>>,
    /// Another address of this machine, from which a guess is given while the usual one is blocked.
    pub second_source: Option<IpAddr>,
    /// Addresses of host names.
    pub resolve: BTreeMap<String, IpAddr>,
}

impl Setup {
    /// Reads the bench of a dossier. `background` gives the ports measured while the product was off, by target;
    /// `secret` looks up what `env` references name.
    ///
    /// # Errors
    /// [`SetupError`] names what is missing; then nothing is measured. Secrets that are missing stand in `lacking`.
    pub fn of(
        dossier: &Dossier,
        folder: &Path,
        background: &BTreeMap<String, Vec<u16>>,
        secret: &dyn Fn(&str) -> Option<String>,
        now: Timestamp,
    ) -> Result<Self, SetupError> {
        Self::standing(dossier, folder, background, secret, now, Standpoint::default())
    }

    /// As [`Setup::of`], from another place or with the product in another state than the bench file says.
    ///
    /// # Errors
    /// As [`Setup::of`].
    pub fn standing(
        dossier: &Dossier,
        folder: &Path,
        background: &BTreeMap<String, Vec<u16>>,
        secret: &dyn Fn(&str) -> Option<String>,
        now: Timestamp,
        at: Standpoint,
    ) -> Result<Self, SetupError> {
        let written = dossier.bench.as_ref();
        let place = at.place.unwrap_or_else(|| bench_place(dossier));
        let state = written.and_then(|b| b.state.as_ref()).and_then(|s| ProductState::named(s.value.as_str()));
        let before = before_setup(dossier, &place, now)?;
        let Before { bench, mut targets, consent, consent_because, limits } = before;
        if targets.first().is_none_or(|t| t.name != "dut") {
            return Err(SetupError::NoTarget);
        }
        for target in targets.iter_mut().filter(|t| t.subtracts) {
            let measured = background.get(&target.background_name());
            target.background = measured.ok_or_else(|| SetupError::NoBackground(target.name.clone()))?.clone();
        }
        let (accounts, lacking) = accounts(bench, folder, secret);
        for target in &mut targets {
            target.described = described(bench, folder, &target.name)?;
        }
        Ok(Self {
            operator: bench.operator().map(str::to_owned),
            place,
            state: at.state.or(state),
            consent,
            consent_because,
            interception: Interception::of(bench, &targets, folder, secret),
            second_source: bench.second_source.as_ref().map(|address| address.value),
            targets,
            limits,
            most_inputs: bench.limits.as_ref().and_then(|l| l.value.inputs.as_ref()).map(|n| n.value),
            identity: bench.identity.iter().map(|i| i.value.clone()).collect(),
            accounts,
            lacking,
            resolve: bench.resolve.iter().map(|(name, address)| (name.clone(), address.value)).collect(),
        })
    }

    /// Whether everything is there that a measurement needs; a plan can be shown without.
    ///
    /// # Errors
    /// [`SetupError::Secrets`] names the secrets that could not be read.
    pub fn complete(&self) -> Result<(), SetupError> {
        if self.lacking.is_empty() { Ok(()) } else { Err(SetupError::Secrets(self.lacking.clone())) }
    }

    /// The state of the product: one that is not named is set up and in use.
    pub fn in_state(&self) -> ProductState {
        self.state.unwrap_or(ProductState::Initialized)
    }

    /// Each secret of the bench, with its kind.
    pub(crate) fn secrets(&self) -> impl Iterator<Item = (String, String)> {
        self.accounts.iter().map(|account| ("password".to_owned(), account.secret.reveal().to_owned()))
    }

    /// The addresses that may be measured: targets and the hosts that publish.
    pub fn scope(&self) -> Scope {
        let hosts = Scope::of(self.resolve.values().copied());
        let hosts = self.targets.iter().fold(hosts, |scope, t| scope.and_on_interface(t.address, t.interface));
        let hosts = self.second_source.into_iter().fold(hosts, Scope::and_coming_from);
        match &self.interception {
            Some(Ok(interception)) => hosts.and_standing_at(interception.listen),
            _ => hosts,
        }
    }

    /// The target of this name at one of its addresses.
    pub fn target(&self, name: &str, address: IpAddr) -> Option<&Authorised> {
        self.targets.iter().find(|t| t.name == name && t.address == address)
    }

    /// The credentials of a mechanism with this standing.
    pub fn account(&self, mechanism: &str, standing: Standing) -> Option<&Credential> {
        self.accounts.iter().find(|a| a.mechanism == mechanism && a.standing == standing)
    }
}

/// What the bench file says before anything was measured and any secret was read.
pub(crate) struct Before<'a> {
    bench: &'a Bench,
    /// Targets, the product first; their background is not known yet.
    pub(crate) targets: Vec<Authorised>,
    /// The highest step that may be taken now.
    pub(crate) consent: Touches,
    /// Why it is no higher.
    pub(crate) consent_because: String,
    /// Limits.
    pub(crate) limits: Limits,
}

/// The place from which the bench file says that it measures.
pub(crate) fn bench_place(dossier: &Dossier) -> Place {
    let place = dossier.bench.as_ref().and_then(|b| b.place.as_ref());
    place.map_or_else(Place::lan, |p| Place(p.value.clone()))
}

/// Reads addresses, consent and limits.
///
/// # Errors
/// [`SetupError`] names what is missing.
pub(crate) fn before_setup<'a>(
    dossier: &'a Dossier,
    place: &Place,
    now: Timestamp,
) -> Result<Before<'a>, SetupError> {
    let bench = dossier.bench.as_ref().ok_or(SetupError::NoBench)?;
    let mut targets: Vec<Authorised> = Vec::new();
    // An address of this very place goes before one that holds for any.
    let own = |t: &&dossier::Located<Target>| t.place.as_ref().is_some_and(|p| p.value == place.0);
    let any = |t: &&dossier::Located<Target>| t.place.is_none();
    for target in bench.targets.iter().filter(own).chain(bench.targets.iter().filter(any)) {
        // A name that stands twice is the linter's to tell; the first one is measured.
        if !targets.iter().any(|t| target.name.as_ref().is_some_and(|name| name.value == t.name)) {
            targets.extend(authorised(target)?);
        }
    }
    targets.sort_by_key(|t| t.name != "dut");
    let (consent, consent_because) = consent(bench.consent.as_deref(), now);
    Ok(Before { bench, targets, consent, consent_because, limits: limits(bench) })
}

/// Reads the files that describe the interface of a target. They are looked at, never followed: nothing is sent to an
/// address that they name.
fn described(bench: &Bench, folder: &Path, name: &str) -> Result<Described, SetupError> {
    let Some(target) = bench.target(name) else { return Ok(Described::default()) };
    let wrong = |file: &str, why: String| SetupError::Description { file: file.to_owned(), why };
    let text = |file: &str| {
        let path = folder.join(file);
        let length = std::fs::metadata(&path).map_err(|error| wrong(file, error.to_string()))?.len();
        if length > 64 << 20 {
            return Err(wrong(file, "it is larger than 64 MiB".to_owned()));
        }
        let bytes = std::fs::read(&path).map_err(|error| wrong(file, error.to_string()))?;
        Ok(String::from_utf8_lossy(&bytes).into_owned())
    };
    let mut found = Described::default();
    if let Some(file) = target.openapi.as_ref().map(|file| file.value.as_str()) {
        let read = openapi::read(&text(file)?).map_err(|error| wrong(file, error.to_string()))?;
        found.openapi = read.routes;
    }
    if let Some(file) = target.har.as_ref().map(|file| file.value.as_str()) {
        found.har = Some(har::read(&text(file)?).map_err(|error| wrong(file, error.to_string()))?);
    }
    Ok(found)
}

/// A target at its address, and at each further one.
fn authorised(target: &Target) -> Result<Vec<Authorised>, SetupError> {
    let name = target.name.as_ref().map(|n| n.value.clone()).ok_or(SetupError::HalfTarget("name"))?;
    let first = target.address.as_ref().map(|a| a.value).ok_or(SetupError::HalfTarget("address"))?;
    let subtracts = target.background.as_ref().is_some_and(|b| b.value);
    let tcp_ports = match &target.tcp_ports {
        Some(text) => ports(&text.value)?,
        None => vec![(1, 65535)],
    };
    let udp_ports = match &target.udp_ports {
        Some(text) => ports(&text.value)?.into_iter().flat_map(|(low, high)| low..=high).take(2000).collect(),
        None => Vec::new(),
    };
    let host = target.host.as_ref().map(|h| h.value.clone());
    let mut found: Vec<Authorised> = Vec::new();
    let also = target.also.iter().flat_map(|l| l.value.iter().map(|a| a.value));
    for address in [first].into_iter().chain(also) {
        if found.iter().any(|t| t.address == address) {
            continue;
        }
        found.push(Authorised {
            name: name.clone(),
            address,
            further: !found.is_empty(),
            interface: interface(address, target.interface.as_ref().map(|i| i.value.as_str()))?,
            host: host.clone(),
            tcp_ports: tcp_ports.clone(),
            udp_ports: udp_ports.clone(),
            subtracts,
            background: Vec::new(),
            uptime: target.uptime.as_ref().and_then(|u| u.value.split_once(' ')).map(owned),
            described: Described::default(),
        });
    }
    Ok(found)
}

/// The index of the interface that leads to a link-local address; 0 for any other address.
fn interface(address: IpAddr, name: Option<&str>) -> Result<u32, SetupError> {
    let IpAddr::V6(v6) = address else { return Ok(0) };
    if !v6.is_unicast_link_local() {
        return Ok(0);
    }
    let name = name.ok_or(SetupError::LinkLocal(address))?;
    let unknown = || SetupError::NoInterface(name.to_owned());
    if name.is_empty() || name.contains(['/', '.']) {
        return Err(unknown());
    }
    let index = std::fs::read_to_string(format!("/sys/class/net/{name}/ifindex")).map_err(|_| unknown())?;
    index.trim().parse().map_err(|_| unknown())
}

fn ports(text: &str) -> Result<Vec<(u16, u16)>, SetupError> {
    let wrong = || SetupError::Ports(text.to_owned());
    text.split(',')
        .map(|part| {
            let (low, high) = part.trim().split_once('-').unwrap_or((part.trim(), part.trim()));
            let range = (low.trim().parse().map_err(|_| wrong())?, high.trim().parse().map_err(|_| wrong())?);
            if range.0 <= range.1 && range.0 > 0 { Ok(range) } else { Err(wrong()) }
        })
        .collect()
}

/// What the operator has agreed to at this moment. Without a name, or past its date, only passive steps are.
fn consent(consent: Option<&Consent>, now: Timestamp) -> (Touches, String) {
    let Some(consent) = consent else {
        return (Touches::Passive, "bench.toml gives no consent: only passive steps are taken".to_owned());
    };
    let Some(by) = consent.by.as_ref().filter(|b| !b.value.trim().is_empty()) else {
        return (Touches::Passive, "the consent names nobody: only passive steps are taken".to_owned());
    };
    if let Some(until) = &consent.until {
        // The last day counts in full.
        let over = Timestamp::parse(&until.value).map_or(true, |t| now.millis() >= t.millis() + 86_400_000);
        if over {
            return (
                Touches::Passive,
                format!("the consent ended on {}: only passive steps are taken", until.value),
            );
        }
    }
    let touches = consent.touches.as_ref().map_or(Touches::Passive, |t| t.value);
    (touches, format!("{} agreed to steps up to {touches}", by.value))
}

/// The limits of the bench file, each with its usual value where it is left out.
fn owned((path, name): (&str, &str)) -> (String, String) {
    (path.trim().to_owned(), name.trim().to_owned())
}

fn limits(bench: &Bench) -> Limits {
    let set = bench.limits.as_ref().map(|l| l.value.clone()).unwrap_or_default();
    let usual = Limits::default();
    let number = |n: &Option<dossier::Located<u32>>| n.as_ref().map(|n| n.value);
    Limits {
        per_second: number(&set.per_second).or(usual.per_second),
        parallel: number(&set.parallel).unwrap_or(usual.parallel),
        attempts: number(&set.attempts).unwrap_or(usual.attempts),
        wait_millis: number(&set.wait_millis).unwrap_or(usual.wait_millis),
        seconds: number(&set.seconds).or(usual.seconds),
    }
}

/// The credentials whose secrets could be read, and the others.
fn accounts(
    bench: &Bench,
    folder: &Path,
    look_up: &dyn Fn(&str) -> Option<String>,
) -> (Vec<Credential>, Vec<LackingSecret>) {
    let (mut found, mut lacking): (Vec<Credential>, Vec<LackingSecret>) = (Vec::new(), Vec::new());
    for account in &bench.accounts {
        let (Some(mechanism), Some(secret)) = (&account.mechanism, &account.secret) else { continue };
        match secret_at(&secret.value, folder, look_up) {
            Ok(secret) => found.push(Credential {
                mechanism: mechanism.value.clone(),
                standing: account.standing.as_ref().map_or(Standing::Valid, |s| s.value),
                user: account.user.as_ref().map(|u| u.value.clone()).unwrap_or_default(),
                secret: Secret::new(secret),
                scheme: account.scheme.as_ref().map(|s| s.value),
            }),
            Err(place) => {
                let one = LackingSecret { mechanism: mechanism.value.clone(), at: secret.value.clone(), place };
                if !lacking.contains(&one) {
                    lacking.push(one);
                }
            }
        }
    }
    (found, lacking)
}

/// The secret at a reference, or the place where it is missing.
pub(super) fn secret_at(
    reference: &SecretRef,
    folder: &Path,
    look_up: &dyn Fn(&str) -> Option<String>,
) -> Result<String, String> {
    match reference {
        SecretRef::Environment(name) => look_up(name).ok_or_else(|| format!("the environment variable {name}")),
        SecretRef::File(path) => {
            let at: PathBuf = folder.join(path);
            let text = std::fs::read_to_string(&at).map_err(|_| format!("the file {}", at.display()))?;
            Ok(text.strip_suffix('\n').map_or(text.clone(), |t| t.trim_end_matches('\r').to_owned()))
        }
    }
}

/// The secrets of a bench that can be had now, each with its kind; and the places of the others.
pub(crate) fn secrets_at_hand(
    bench: &Bench,
    folder: &Path,
    look_up: &dyn Fn(&str) -> Option<String>,
) -> (Vec<(String, String)>, Vec<String>) {
    let (mut secrets, mut missing) = (Vec::new(), Vec::new());
    for secret in bench.accounts.iter().filter_map(|account| account.secret.as_ref()) {
        match secret_at(&secret.value, folder, look_up) {
            Ok(secret) => secrets.push(("password".to_owned(), secret)),
            Err(place) if missing.contains(&place) => {}
            Err(place) => missing.push(place),
        }
    }
    (secrets, missing)
}

/// The word that dut.identity takes for a means of the bench file.
pub(super) fn means(means: Means) -> &'static str {
    means.as_str()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lists_of_ports_are_read_or_refused() {
        assert_eq!(ports("22, 80-90,443").unwrap(), [(22, 22), (80, 90), (443, 443)]);
        for bad in ["", "0", "90-80", "65536", "a-b"] {
            assert!(ports(bad).is_err(), "{bad}");
        }
    }

    fn agreed(text: &str) -> Touches {
        let text = format!("[consent]\n{text}\n");
        let (dossier, _) = dossier::read(vec![dossier::SourceText { path: "bench.toml".into(), text }]);
        let bench = dossier.bench.unwrap();
        consent(bench.consent.as_deref(), Timestamp::parse("2026-06-30T12:00:00Z").unwrap()).0
    }

    #[test]
    fn consent_needs_a_name_and_ends_with_its_last_day() {
        assert_eq!(agreed("touches = \"intrusive\""), Touches::Passive);
        assert_eq!(agreed("touches = \"intrusive\"\nby = \"laboratory\""), Touches::Intrusive);
        assert_eq!(agreed("touches = \"active\"\nby = \"laboratory\"\nuntil = \"2026-06-30\""), Touches::Active);
        assert_eq!(agreed("touches = \"active\"\nby = \"laboratory\"\nuntil = \"2026-06-29\""), Touches::Passive);
        assert_eq!(agreed("touches = \"active\"\nby = \"laboratory\"\nuntil = \"soon\""), Touches::Passive);
    }
}
