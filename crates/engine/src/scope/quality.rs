//! Qualities of IXIT entries that decide which unit concerns them, read off typed facts.
//!
//! Where the standard's own field has closed values (Yes and No, public and critical) it stands in for a missing fact.

use dossier::{
    AuthMechFacts, ComMechFacts, DelFuncFacts, DeletionTarget, Entry, Exposure, Factor, FieldValue, InpValFacts,
    InterfaceFacts, InterfaceKind, NetSecImplFacts, Origin, ParameterClass, ParameterUse, PersDataFacts, Reach,
    SecParamFacts, SoftCompFacts, SoftServFacts, State, Status, Subject, TelDataFacts, Trigger, UpdMechFacts,
    UserDecFacts,
};

use crate::view::{TableKind, View};

/// Whether an entry has a quality.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Answer {
    Yes,
    No,
    /// Not declared; what to declare, and where.
    Unsaid {
        place: String,
        entry: Option<String>,
        what: String,
    },
}

/// Declares each quality with the words for an entry that lacks it.
macro_rules! qualities {
    ($($name:ident: $lacks:literal,)*) => {
        /// A quality of an entry.
        #[derive(Debug, Clone, Copy, PartialEq, Eq)]
        pub(crate) enum Quality { $($name),* }

        impl Quality {
            /// What to say of an entry without it, after the entry's id.
            pub(super) fn lacks(self) -> &'static str {
                match self { $(Quality::$name => $lacks),* }
            }
        }
    };
}

qualities! {
    PasswordBased: "does not use a password or PIN",
    ServesUsers: "does not authenticate users",
    ServesMachines: "does not authenticate machines",
    NotUserDefined: "has a value that the user sets",
    UserDefined: "has a value that the user does not set",
    BeyondFactoryDefault: "is used in factory default only",
    Preinstalled: "is not pre-installed",
    Networked: "is not reachable over a network interface",
    WithoutUpdates: "has an update mechanism",
    WithUpdates: "has no update mechanism",
    ConfigurableAutomation: "has no update mechanism whose automation is configurable",
    UsesCryptography: "uses no cryptographic algorithm or primitive",
    Automatic: "does not update without user interaction",
    AsksConsent: "is not subject to a consent in initialization",
    Notifies: "gives no update notifications",
    HardCodedIdentity: "is no hard-coded identity",
    Critical: "is no critical security parameter",
    InSourceCode: "does not stand in source code",
    ForUpdatesOrServices: "is used neither for update checks nor for associated services",
    CarriesCritical: "carries no critical security parameter",
    CarriesPersonalData: "carries no personal data",
    CarriesSensitiveDataToService: "carries no sensitive personal data to an associated service",
    RemotelyAccessible: "is not remotely accessible",
    Reviewed: "has no review or evaluation",
    InInitializedState: "is not accessible in the initialized state",
    RefersToAuthentication: "refers to no authentication mechanism",
    AllowsConfiguration: "allows no security-relevant configuration change",
    NotReliedUpon: "is a network service protocol that the product relies on",
    Enabled: "is not enabled",
    NetworkOrLogical: "is neither a network nor a logical interface",
    Physical: "is no physical interface",
    PhysicalPort: "is no physical port",
    Air: "is no air interface",
    Debug: "is no debug interface",
    NeverExposed: "needs exposure",
    IntermittentlyExposed: "does not need intermittent exposure",
    NotIntermittentlyExposed: "needs intermittent exposure",
    RestsOnConsent: "is not processed on consent",
    AggregateOnly: "serves more than an aggregate",
    Examined: "has no security examination",
    RefersToPersonalData: "refers to no personal data",
    DeletesOnDevice: "does not target user data on the device",
    DeletesOnServices: "does not target personal data on associated services",
    FromUserInterface: "does not validate input of a user interface",
    FromNetwork: "does not validate input of a network interface",
}

impl Quality {
    /// Whether an entry has it.
    pub(super) fn of(self, view: &View<'_>, entry: &Entry) -> Answer {
        use Quality as Q;
        let say = |what: &str, answer| told(entry, what, answer);
        match self {
            Q::PasswordBased => say("factors", factors(entry)),
            Q::ServesUsers => say("serves", serves(entry, Subject::User)),
            Q::ServesMachines => say("serves", serves(entry, Subject::Machine)),
            Q::NotUserDefined => say("origin", origin(entry).map(|o| o != Origin::UserDefined)),
            Q::UserDefined => say("origin", origin(entry).map(|o| o == Origin::UserDefined)),
            Q::Preinstalled => {
                say("origin", origin(entry).map(|o| matches!(o, Origin::PerDevice | Origin::Universal)))
            }
            Q::BeyondFactoryDefault => {
                let states = entry.facts::<AuthMechFacts>().and_then(|f| listed(f.states.as_ref()));
                say("states", states.map(|s| s.iter().any(|s| *s != State::FactoryDefault)))
            }
            Q::Networked => say("network", networked(entry)),
            Q::WithoutUpdates => say("Update Mechanism", updatable(entry).map(|u| !u)),
            Q::WithUpdates => say("Update Mechanism", updatable(entry)),
            Q::ConfigurableAutomation => configurable_automation(view, entry),
            Q::UsesCryptography => {
                let fact = entry.facts::<SoftCompFacts>().and_then(|f| value(f.cryptography.as_ref()));
                say("cryptography", fact.or_else(|| yes_or_no(entry, "Cryptographic Usage")))
            }
            Q::Automatic => {
                say("automatic", entry.facts::<UpdMechFacts>().and_then(|f| value(f.automatic.as_ref())))
            }
            Q::AsksConsent => asks_consent(view, entry),
            Q::Notifies => say("notifies", entry.facts::<UpdMechFacts>().and_then(|f| value(f.notifies.as_ref()))),
            Q::HardCodedIdentity => say(
                "hard-coded-identity",
                entry.facts::<SecParamFacts>().and_then(|f| value(f.hard_coded_identity.as_ref())),
            ),
            Q::Critical => say("class", critical(entry)),
            Q::InSourceCode => say(
                "in-source-code",
                entry.facts::<SecParamFacts>().and_then(|f| value(f.in_source_code.as_ref())),
            ),
            Q::ForUpdatesOrServices => {
                let uses = entry.facts::<SecParamFacts>().and_then(|f| listed(f.used_for.as_ref()));
                let wanted = [ParameterUse::UpdateCheck, ParameterUse::ServiceCommunication];
                say("used-for", uses.map(|u| u.iter().any(|u| wanted.contains(u))))
            }
            Q::CarriesCritical => carried(view, entry, "SecParam", critical, "class"),
            Q::CarriesPersonalData => carried(view, entry, "PersData", |_| Some(true), ""),
            Q::CarriesSensitiveDataToService => carried(
                view,
                entry,
                "PersData",
                |data| both(sensitive(data), to_service(entry, data)),
                "sensitive",
            ),
            Q::RemotelyAccessible => say("remote", remote(view, entry)),
            Q::Reviewed => {
                let fact = entry.facts::<NetSecImplFacts>().and_then(|f| value(f.reviewed.as_ref()));
                say("reviewed", fact.or_else(|| filled(entry, "Review/Evaluation Method")))
            }
            Q::InInitializedState => {
                let states = entry.facts::<SoftServFacts>().and_then(|f| listed(f.states.as_ref()));
                say("states", states.map(|s| s.contains(&State::Initialized)))
            }
            Q::RefersToAuthentication => {
                say("Authentication Mechanism", filled(entry, "Authentication Mechanism"))
            }
            Q::AllowsConfiguration => {
                let fact = entry.facts::<SoftServFacts>().and_then(|f| value(f.configures.as_ref()));
                say("configures", fact.or_else(|| yes_or_no(entry, "Allows Configuration")))
            }
            // Unsaid counts as not relied upon: the exemption has to be claimed.
            Q::NotReliedUpon => {
                let fact = entry.facts::<SoftServFacts>().and_then(|f| value(f.relied_upon.as_ref()));
                say("relied-upon", Some(!fact.unwrap_or(false)))
            }
            Q::Enabled => say("status", enabled(entry)),
            Q::NetworkOrLogical => {
                let logical = kind(entry).map(|k| k == InterfaceKind::Logical);
                say("network", either(networked(entry), logical))
            }
            Q::Physical => say("kind", kind(entry).map(|k| k != InterfaceKind::Logical)),
            Q::PhysicalPort => say("kind", kind(entry).map(|k| k == InterfaceKind::Port)),
            Q::Air => say("kind", kind(entry).map(|k| k == InterfaceKind::Air)),
            Q::Debug => {
                let fact = entry.facts::<InterfaceFacts>().and_then(|f| value(f.debug.as_ref()));
                say("debug", fact.or_else(|| yes_or_no(entry, "Debug Interface")))
            }
            Q::NeverExposed => say("exposure", exposure(entry).map(|e| e == Exposure::Never)),
            Q::IntermittentlyExposed => say("exposure", exposure(entry).map(|e| e == Exposure::Intermittent)),
            Q::NotIntermittentlyExposed => say("exposure", exposure(entry).map(|e| e != Exposure::Intermittent)),
            Q::RestsOnConsent => {
                say("consent", entry.facts::<PersDataFacts>().and_then(|f| value(f.consent.as_ref())))
            }
            Q::AggregateOnly => say(
                "aggregate-only",
                entry.facts::<PersDataFacts>().and_then(|f| value(f.aggregate_only.as_ref())),
            ),
            Q::Examined => {
                let fact = entry.facts::<TelDataFacts>().and_then(|f| value(f.examined.as_ref()));
                say("examined", fact.or_else(|| filled(entry, "Security Examination")))
            }
            Q::RefersToPersonalData => say("Personal Data", filled(entry, "Personal Data")),
            Q::DeletesOnDevice => say("targets", deletes(entry, DeletionTarget::Device)),
            Q::DeletesOnServices => say("targets", deletes(entry, DeletionTarget::Service)),
            Q::FromUserInterface => say("source", source(view, entry, &["UserIntf"])),
            Q::FromNetwork => {
                let tables =
                    [TableKind::LogicalInterface, TableKind::PhysicalInterface].map(|t| view.table_name(t));
                say("source", source(view, entry, &tables))
            }
        }
    }
}

fn told(entry: &Entry, what: &str, answer: Option<bool>) -> Answer {
    match answer {
        Some(true) => Answer::Yes,
        Some(false) => Answer::No,
        None => unsaid(entry, what),
    }
}

fn unsaid(entry: &Entry, what: &str) -> Answer {
    Answer::Unsaid { place: entry.table.clone(), entry: Some(entry.id.value.clone()), what: what.to_owned() }
}

fn value<T: Copy>(fact: Option<&dossier::Located<T>>) -> Option<T> {
    fact.map(|f| f.value)
}

/// A declared list; an empty one says nothing.
fn listed<T>(fact: Option<&dossier::Located<Vec<T>>>) -> Option<&[T]> {
    fact.map(|f| f.value.as_slice()).filter(|l| !l.is_empty())
}

/// Both hold; one that does not settles it.
fn both(a: Option<bool>, b: Option<bool>) -> Option<bool> {
    match (a, b) {
        (Some(false), _) | (_, Some(false)) => Some(false),
        (Some(true), Some(true)) => Some(true),
        _ => None,
    }
}

/// One holds; one that does settles it.
fn either(a: Option<bool>, b: Option<bool>) -> Option<bool> {
    both(a.map(|a| !a), b.map(|b| !b)).map(|neither| !neither)
}

/// Whether a prose field says something; unknown when it is not there at all.
fn filled(entry: &Entry, field: &str) -> Option<bool> {
    entry.field(field).map(|f| !f.value.is_empty())
}

/// The one word of a field with closed values.
fn word<T: Copy>(entry: &Entry, field: &str, words: &[(&str, T)]) -> Option<T> {
    let FieldValue::Text(text) = &entry.field(field)?.value else { return None };
    words.iter().find(|(word, _)| word.eq_ignore_ascii_case(text.trim())).map(|(_, value)| *value)
}

fn yes_or_no(entry: &Entry, field: &str) -> Option<bool> {
    word(entry, field, &[("Yes", true), ("No", false)])
}

/// The ids in a reference field.
fn references<'e>(entry: &'e Entry, field: &str) -> Option<Vec<&'e str>> {
    match &entry.field(field)?.value {
        FieldValue::List(list) => Some(list.iter().map(|l| l.value.as_str()).collect()),
        FieldValue::Text(text) => Some(text.split(',').map(str::trim).filter(|t| !t.is_empty()).collect()),
    }
}

fn factors(entry: &Entry) -> Option<bool> {
    let factors = entry.facts::<AuthMechFacts>().and_then(|f| listed(f.factors.as_ref()))?;
    Some(factors.iter().any(|f| matches!(f, Factor::Password | Factor::Pin)))
}

fn serves(entry: &Entry, subject: Subject) -> Option<bool> {
    let serves = entry.facts::<AuthMechFacts>().and_then(|f| listed(f.serves.as_ref()))?;
    Some(serves.contains(&subject))
}

fn origin(entry: &Entry) -> Option<Origin> {
    entry.facts::<AuthMechFacts>().and_then(|f| value(f.origin.as_ref()))
}

/// Whether a mechanism, service or interface is reachable over a network interface, or is one.
fn networked(entry: &Entry) -> Option<bool> {
    if let Some(facts) = entry.facts::<AuthMechFacts>() {
        return value(facts.network.as_ref());
    }
    if let Some(facts) = entry.facts::<UpdMechFacts>() {
        return value(facts.network.as_ref());
    }
    if let Some(facts) = entry.facts::<SoftServFacts>() {
        return value(facts.network.as_ref());
    }
    let facts = entry.facts::<InterfaceFacts>();
    let reach = facts.and_then(|f| value(f.reach.as_ref())).map(|r| r != Reach::Local);
    facts.and_then(|f| value(f.network.as_ref())).or(reach).or_else(|| {
        let types =
            [("network interface", true), ("network", true), ("physical port", false), ("air interface", false)];
        word(entry, "Type", &types)
    })
}

fn updatable(entry: &Entry) -> Option<bool> {
    filled(entry, "Update Mechanism")
        .or_else(|| entry.facts::<SoftCompFacts>().and_then(|f| value(f.updatable.as_ref())))
}

/// The update mechanisms of each component that can be updated; an empty list where none is named.
pub(crate) fn update_mechanisms<'a>(view: &View<'a>) -> Vec<Vec<&'a str>> {
    let components = view.entries("SoftComp").iter().filter(|c| updatable(c) == Some(true));
    components.map(|c| references(c, "Update Mechanism").unwrap_or_default()).collect()
}

fn configurable_automation(view: &View<'_>, component: &Entry) -> Answer {
    let Some(ids) = references(component, "Update Mechanism") else {
        return unsaid(component, "Update Mechanism");
    };
    let mut open = None;
    for id in ids {
        let Some(mechanism) = view.dossier.entry("UpdMech", id) else {
            open.get_or_insert(unsaid(component, "Update Mechanism"));
            continue;
        };
        let facts = mechanism.facts::<UpdMechFacts>();
        let enable = facts.and_then(|f| value(f.user_can_enable.as_ref()));
        let disable = facts.and_then(|f| value(f.user_can_disable.as_ref()));
        match either(enable, disable) {
            Some(true) => return Answer::Yes,
            Some(false) => {}
            None => {
                open.get_or_insert(unsaid(mechanism, "user-can-enable"));
            }
        }
    }
    open.unwrap_or(Answer::No)
}

/// Whether a decision in initialization switches the mechanism on or off.
fn asks_consent(view: &View<'_>, mechanism: &Entry) -> Answer {
    let decisions = view.entries("UserDec");
    let mut open = decisions.is_empty().then(|| Answer::Unsaid {
        place: "UserDec".into(),
        entry: None,
        what: "entries".into(),
    });
    for decision in decisions {
        let facts = decision.facts::<UserDecFacts>();
        let first =
            facts.and_then(|f| listed(f.triggered_by.as_ref())).map(|t| t.contains(&Trigger::Initialization));
        let about = facts
            .and_then(|f| f.mechanism.as_ref())
            .is_some_and(|m| m.value.iter().any(|id| id.value == mechanism.id.value));
        match (about, first) {
            (true, Some(true)) => return Answer::Yes,
            (true, None) => {
                open.get_or_insert(unsaid(decision, "triggered-by"));
            }
            // A decision without facts may be about this mechanism.
            (false, None) if facts.is_none() => {
                open.get_or_insert(unsaid(decision, "mechanism"));
            }
            _ => {}
        }
    }
    open.unwrap_or(Answer::No)
}

fn critical(entry: &Entry) -> Option<bool> {
    let class = entry.facts::<SecParamFacts>().and_then(|f| value(f.class.as_ref()));
    class
        .map(|c| c == ParameterClass::Critical)
        .or_else(|| word(entry, "Type", &[("critical", true), ("public", false)]))
}

fn sensitive(entry: &Entry) -> Option<bool> {
    let fact = entry.facts::<PersDataFacts>().and_then(|f| value(f.sensitive.as_ref()));
    fact.or_else(|| yes_or_no(entry, "Sensitive"))
}

fn to_service(mechanism: &Entry, data: &Entry) -> Option<bool> {
    let service = mechanism.facts::<ComMechFacts>().and_then(|f| f.service.as_ref()).map(|_| true);
    service.or_else(|| data.facts::<PersDataFacts>().and_then(|f| value(f.to_service.as_ref())))
}

/// Whether an entry of `table` that counts refers to the communication mechanism.
fn carried(
    view: &View<'_>,
    mechanism: &Entry,
    table: &str,
    counts: impl Fn(&Entry) -> Option<bool>,
    fact: &str,
) -> Answer {
    let entries = view.entries(table);
    let mut open =
        entries.is_empty().then(|| Answer::Unsaid { place: table.into(), entry: None, what: "entries".into() });
    let field = match view.catalogue.edition {
        model::Edition::V2_1_1 => "Communication Mechanisms",
        model::Edition::V3_1_3 => "Secure Communication Mechanisms",
    };
    for entry in entries {
        let stays = entry.facts::<SecParamFacts>().and_then(|f| value(f.communicated.as_ref())) == Some(false);
        match (references(entry, field), counts(entry)) {
            (_, Some(false)) => {}
            (Some(ids), counts) if ids.contains(&mechanism.id.value.as_str()) => match counts {
                Some(true) => return Answer::Yes,
                _ => {
                    open.get_or_insert(unsaid(entry, fact));
                }
            },
            (Some(_), _) => {}
            (None, _) if stays => {}
            (None, _) => {
                open.get_or_insert(unsaid(entry, field));
            }
        }
    }
    open.unwrap_or(Answer::No)
}

fn remote(view: &View<'_>, mechanism: &Entry) -> Option<bool> {
    if let Some(remote) = mechanism.facts::<ComMechFacts>().and_then(|f| value(f.remote.as_ref())) {
        return Some(remote);
    }
    let interfaces = view.table_name(TableKind::LogicalInterface);
    let ids = references(mechanism, "Interface").filter(|ids| !ids.is_empty())?;
    ids.into_iter()
        .map(|id| {
            let facts = view.dossier.entry(interfaces, id).and_then(|e| e.facts::<InterfaceFacts>());
            facts.and_then(|f| value(f.reach.as_ref())).map(|r| r == Reach::Remote)
        })
        .fold(Some(false), either)
}

/// Whether a service or an interface is switched on. What can be switched on later is not on.
fn enabled(entry: &Entry) -> Option<bool> {
    let service = entry.facts::<SoftServFacts>().and_then(|f| value(f.status.as_ref()));
    let interface = entry.facts::<InterfaceFacts>().and_then(|f| value(f.status.as_ref()));
    service
        .or(interface)
        .map(|s| s == Status::Enabled)
        .or_else(|| word(entry, "Status", &[("enabled", true), ("disabled", false)]))
}

fn kind(entry: &Entry) -> Option<InterfaceKind> {
    let types = [
        ("physical port", InterfaceKind::Port),
        ("air interface", InterfaceKind::Air),
        ("air", InterfaceKind::Air),
        ("logical", InterfaceKind::Logical),
    ];
    let fact = entry.facts::<InterfaceFacts>().and_then(|f| value(f.kind.as_ref()));
    fact.or_else(|| word(entry, "Type", &types))
}

fn exposure(entry: &Entry) -> Option<Exposure> {
    entry.facts::<InterfaceFacts>().and_then(|f| value(f.exposure.as_ref()))
}

fn deletes(entry: &Entry, wanted: DeletionTarget) -> Option<bool> {
    if let Some(targets) = entry.facts::<DelFuncFacts>().and_then(|f| listed(f.targets.as_ref())) {
        return Some(targets.contains(&wanted));
    }
    let targets = [
        ("user data on the device", DeletionTarget::Device),
        ("personal data on associated services", DeletionTarget::Service),
    ];
    word(entry, "Target Type", &targets).map(|t| t == wanted)
}

/// Whether one of the interfaces whose input is validated stands in one of the tables.
fn source(view: &View<'_>, entry: &Entry, tables: &[&str]) -> Option<bool> {
    let fact = entry.facts::<InpValFacts>().and_then(|f| listed(f.source.as_ref()));
    let ids: Vec<&str> = match fact {
        Some(ids) => ids.iter().map(|l| l.value.as_str()).collect(),
        None => references(entry, "Source").filter(|ids| !ids.is_empty())?,
    };
    let known = |id: &str, tables: &[&str]| tables.iter().any(|t| view.dossier.entry(t, id).is_some());
    if ids.iter().any(|id| known(id, tables)) {
        return Some(true);
    }
    let all = ["UserIntf", "LogIntf", "PhyIntf", "Intf"];
    ids.iter().all(|id| known(id, &all)).then_some(false)
}
