//! What IXIT entries show, with certainty, about a feature or condition of Table B.1.
//!
//! Only typed facts count as certain; an entry without the fact shows nothing either way.

use dossier::{
    AuthMechFacts, DelFuncFacts, DeletionTarget, Entry, Factor, Facts, InterfaceFacts, InterfaceKind, Located,
    Origin, ParameterClass, ParameterUse, PersDataFacts, SecParamFacts, SoftCompFacts, SoftServFacts, Span,
    Subject, UpdMechFacts,
};
use model::Edition;

use super::features::{NEWER, OLDER};
use super::look::{INTERFACES, Look, is_off, listed, no, yes};

/// A place in the entries and what it shows.
pub(super) type Seen = (Span, String);

/// What shows that a feature or condition holds, and what shows that it does not.
pub(super) struct Claim {
    newer: &'static [&'static str],
    older: &'static [&'static str],
    pub(super) shown: fn(&Look<'_>) -> Option<Seen>,
    pub(super) denied: Option<fn(&Look<'_>) -> Option<Seen>>,
}

impl Claim {
    /// Features (letters) and conditions (numbers) of an edition that it speaks about.
    pub(super) fn names(&self, edition: Edition) -> &'static [&'static str] {
        match edition {
            Edition::V3_1_3 => self.newer,
            Edition::V2_1_1 => self.older,
        }
    }
}

/// How two declared answers bind each other.
#[derive(Debug, Clone, Copy)]
pub(super) enum Relation {
    /// The first cannot hold without the second.
    Needs,
    /// Exactly one of them holds.
    Either,
}

impl Relation {
    pub(super) fn broken(self, left: bool, right: bool) -> bool {
        match self {
            Relation::Needs => left && !right,
            Relation::Either => left == right,
        }
    }

    pub(super) fn sentence(self, left: &str, right: &str) -> String {
        match self {
            Relation::Needs => format!("{left} cannot hold without {right}"),
            Relation::Either => format!("either {left} holds or {right}, never both and never neither"),
        }
    }
}

/// Answers that bind each other, per edition.
pub(super) const IMPLIED: &[(Edition, &str, &str, Relation)] = &[
    (NEWER, "b", "a", Relation::Needs),
    (NEWER, "h", "g", Relation::Needs),
    (NEWER, "j", "g", Relation::Needs),
    (NEWER, "h", "12", Relation::Needs),
    (NEWER, "i", "12", Relation::Needs),
    (NEWER, "g", "12", Relation::Needs),
    (NEWER, "12", "g", Relation::Needs),
    (NEWER, "r", "q", Relation::Needs),
    (NEWER, "t", "z", Relation::Needs),
    (NEWER, "u", "t", Relation::Needs),
    (NEWER, "x", "z", Relation::Needs),
    (NEWER, "y", "z", Relation::Needs),
    (NEWER, "m", "16", Relation::Needs),
    (NEWER, "o", "16", Relation::Needs),
    (OLDER, "2", "1", Relation::Needs),
    (OLDER, "4", "5", Relation::Either),
    (OLDER, "9", "12", Relation::Needs),
    (OLDER, "11", "12", Relation::Needs),
];

fn facts<'a, T>(look: &Look<'a>, tables: &[&str]) -> Vec<(&'a Entry, &'a T)>
where
    &'a T: TryFrom<&'a Facts>,
{
    look.with_facts(tables)
}

/// The first of the entries for which the test holds.
fn first<'a, T>(entries: Vec<(&'a Entry, &'a T)>, says: &str, test: impl Fn(&T) -> bool) -> Option<Seen> {
    entries
        .into_iter()
        .find(|(_, f)| test(f))
        .map(|(entry, _)| (entry.id.span, format!("`{}` {says}", entry.id.value)))
}

/// The first entry of a table each of whose entries denies; nothing while one entry leaves it open.
fn none<'a, T: 'a>(
    look: &Look<'a>,
    table: &str,
    entries: &[(&'a Entry, &'a T)],
    says: &str,
    denies: impl Fn(&T) -> bool,
) -> Option<Seen> {
    let all = look.dossier.entries(table);
    let first = all.first()?;
    (entries.len() == all.len() && entries.iter().all(|(_, f)| denies(f)))
        .then(|| (first.id.span, format!("no entry of {table} {says}")))
}

fn exists(look: &Look<'_>, table: &str, says: &str) -> Option<Seen> {
    let entry = look.dossier.entries(table).first()?;
    Some((entry.id.span, format!("`{}` {says}", entry.id.value)))
}

fn password(f: &AuthMechFacts) -> bool {
    listed(&f.factors).iter().any(|x| matches!(x, Factor::Password | Factor::Pin))
}

fn origin(f: &AuthMechFacts, any: &[Origin]) -> bool {
    f.origin.as_ref().is_some_and(|o| any.contains(&o.value))
}

fn critical(f: &SecParamFacts) -> bool {
    f.class.is_some_and(|c| c.value == ParameterClass::Critical)
}

fn debug_port(f: &InterfaceFacts) -> bool {
    yes(&f.debug) && f.kind.is_some_and(|k| k.value == InterfaceKind::Port)
}

fn reading<T>(list: &Option<Located<Vec<T>>>) -> bool {
    !listed(list).is_empty()
}

/// One row per fact of the entries.
pub(super) const CLAIMS: &[Claim] = &[
    Claim {
        newer: &["a"],
        older: &["1"],
        shown: |l| first(facts::<AuthMechFacts>(l, &["AuthMech"]), "uses a password or PIN", password),
        denied: Some(|l| {
            none(l, "AuthMech", &facts::<AuthMechFacts>(l, &["AuthMech"]), "uses a password or PIN", |f| {
                reading(&f.factors) && !password(f)
            })
        }),
    },
    Claim {
        newer: &["b"],
        older: &[],
        shown: |l| {
            first(facts::<AuthMechFacts>(l, &["AuthMech"]), "uses a pre-installed password per device", |f| {
                password(f) && origin(f, &[Origin::PerDevice])
            })
        },
        denied: None,
    },
    Claim {
        newer: &[],
        older: &["2"],
        shown: |l| {
            first(facts::<AuthMechFacts>(l, &["AuthMech"]), "uses a pre-installed password", |f| {
                password(f) && origin(f, &[Origin::PerDevice, Origin::Universal])
            })
        },
        denied: Some(|l| {
            none(l, "AuthMech", &facts::<AuthMechFacts>(l, &["AuthMech"]), "uses a pre-installed password", |f| {
                (reading(&f.factors) && !password(f)) || origin(f, &[Origin::UserDefined])
            })
        }),
    },
    Claim {
        newer: &["c"],
        older: &[],
        shown: |l| {
            first(facts::<AuthMechFacts>(l, &["AuthMech"]), "authenticates by a key or certificate", |f| {
                listed(&f.factors).iter().any(|x| matches!(x, Factor::Certificate | Factor::Key))
            })
        },
        denied: None,
    },
    Claim {
        newer: &["d"],
        older: &["8"],
        shown: |l| {
            first(facts::<AuthMechFacts>(l, &["AuthMech"]), "serves users", |f| {
                listed(&f.serves).contains(&Subject::User)
            })
        },
        denied: Some(|l| {
            none(l, "AuthMech", &facts::<AuthMechFacts>(l, &["AuthMech"]), "serves users", |f| {
                reading(&f.serves) && !listed(&f.serves).contains(&Subject::User)
            })
        }),
    },
    Claim {
        newer: &["e"],
        older: &[],
        shown: |l| {
            first(facts::<AuthMechFacts>(l, &["AuthMech"]), "is addressable over a network", |f| yes(&f.network))
        },
        denied: Some(|l| {
            none(l, "AuthMech", &facts::<AuthMechFacts>(l, &["AuthMech"]), "is addressable over a network", |f| {
                no(&f.network)
            })
        }),
    },
    Claim {
        newer: &["f"],
        older: &[],
        shown: |l| first(facts::<SoftCompFacts>(l, &["SoftComp"]), "can be updated", |f| yes(&f.updatable)),
        denied: Some(|l| {
            none(l, "SoftComp", &facts::<SoftCompFacts>(l, &["SoftComp"]), "is other than immutable", |f| {
                f.immutable_because.is_some()
            })
        }),
    },
    Claim {
        newer: &["g"],
        older: &[],
        shown: |l| first(facts::<SoftCompFacts>(l, &["SoftComp"]), "can be updated", |f| yes(&f.updatable)),
        denied: Some(|l| {
            none(l, "SoftComp", &facts::<SoftCompFacts>(l, &["SoftComp"]), "can be updated", |f| no(&f.updatable))
        }),
    },
    Claim {
        newer: &["3"],
        older: &["3"],
        shown: |_| None,
        denied: Some(|l| {
            none(l, "SoftComp", &facts::<SoftCompFacts>(l, &["SoftComp"]), "is without updates", |f| {
                yes(&f.updatable)
            })
        }),
    },
    Claim {
        newer: &["12", "15"],
        older: &["12"],
        shown: |l| exists(l, "UpdMech", "is an update mechanism"),
        denied: None,
    },
    Claim {
        newer: &["14"],
        older: &[],
        shown: |l| {
            first(
                facts::<AuthMechFacts>(l, &["AuthMech"]),
                "stops guessing, so no constraint prevents that",
                |f| yes(&f.network) && f.lockout_after.is_some(),
            )
        },
        denied: None,
    },
    Claim {
        newer: &["16"],
        older: &[],
        shown: |l| first(facts::<SecParamFacts>(l, &["SecParam"]), "is a critical security parameter", critical),
        denied: Some(|l| {
            none(l, "SecParam", &facts::<SecParamFacts>(l, &["SecParam"]), "is critical", |f| {
                f.class.is_some() && !critical(f)
            })
        }),
    },
    Claim {
        newer: &["h"],
        older: &[],
        shown: |l| first(facts::<UpdMechFacts>(l, &["UpdMech"]), "updates automatically", |f| yes(&f.automatic)),
        denied: Some(|l| {
            none(l, "UpdMech", &facts::<UpdMechFacts>(l, &["UpdMech"]), "updates automatically", |f| {
                no(&f.automatic)
            })
        }),
    },
    Claim {
        newer: &["i"],
        older: &[],
        shown: |l| first(facts::<UpdMechFacts>(l, &["UpdMech"]), "notifies the user", |f| yes(&f.notifies)),
        denied: Some(|l| {
            none(l, "UpdMech", &facts::<UpdMechFacts>(l, &["UpdMech"]), "notifies the user", |f| no(&f.notifies))
        }),
    },
    Claim {
        newer: &[],
        older: &["9"],
        shown: |l| {
            first(facts::<UpdMechFacts>(l, &["UpdMech"]), "updates automatically or notifies", |f| {
                yes(&f.automatic) || yes(&f.notifies)
            })
        },
        denied: Some(|l| {
            let all = facts::<UpdMechFacts>(l, &["UpdMech"]);
            none(l, "UpdMech", &all, "updates automatically or notifies", |f| no(&f.automatic) && no(&f.notifies))
        }),
    },
    Claim {
        newer: &["j"],
        older: &["11"],
        shown: |l| first(facts::<UpdMechFacts>(l, &["UpdMech"]), "updates over a network", |f| yes(&f.network)),
        denied: Some(|l| {
            none(l, "UpdMech", &facts::<UpdMechFacts>(l, &["UpdMech"]), "updates over a network", |f| {
                no(&f.network)
            })
        }),
    },
    Claim {
        newer: &["k"],
        older: &[],
        shown: |l| first(facts::<SecParamFacts>(l, &["SecParam"]), "is held in storage", |f| f.storage.is_some()),
        denied: None,
    },
    Claim {
        newer: &["l"],
        older: &["10"],
        shown: |l| {
            first(facts::<SecParamFacts>(l, &["SecParam"]), "is a hard-coded identity", |f| {
                yes(&f.hard_coded_identity)
            })
        },
        denied: Some(|l| {
            none(l, "SecParam", &facts::<SecParamFacts>(l, &["SecParam"]), "is a hard-coded identity", |f| {
                no(&f.hard_coded_identity)
            })
        }),
    },
    Claim {
        newer: &["m"],
        older: &[],
        shown: |l| {
            let says = "is critical and checks updates or protects communication with services";
            first(facts::<SecParamFacts>(l, &["SecParam"]), says, |f| critical(f) && serves_services(f))
        },
        denied: Some(|l| {
            let all = facts::<SecParamFacts>(l, &["SecParam"]);
            none(l, "SecParam", &all, "is critical and so used", |f| {
                (f.class.is_some() && !critical(f)) || (reading(&f.used_for) && !serves_services(f))
            })
        }),
    },
    Claim {
        newer: &["n"],
        older: &[],
        shown: |l| {
            first(facts::<SoftServFacts>(l, &["SoftServ"]), "allows configuration over a network", |f| {
                yes(&f.network) && yes(&f.configures)
            })
        },
        denied: Some(|l| {
            let all = facts::<SoftServFacts>(l, &["SoftServ"]);
            none(l, "SoftServ", &all, "allows configuration over a network", |f| {
                no(&f.network) || no(&f.configures)
            })
        }),
    },
    Claim {
        newer: &["o"],
        older: &[],
        shown: |l| {
            first(facts::<SecParamFacts>(l, &["SecParam"]), "is critical and leaves the product", |f| {
                critical(f) && yes(&f.communicated)
            })
        },
        denied: Some(|l| {
            let all = facts::<SecParamFacts>(l, &["SecParam"]);
            none(l, "SecParam", &all, "is critical and leaves the product", |f| {
                no(&f.communicated) || (f.class.is_some() && !critical(f))
            })
        }),
    },
    Claim {
        newer: &["p"],
        older: &[],
        shown: |l| {
            first(facts::<InterfaceFacts>(l, &["PhyIntf", "LogIntf"]), "is a network interface not in use", |f| {
                yes(&f.network) && is_off(&f.status)
            })
        },
        denied: None,
    },
    Claim {
        newer: &["q"],
        older: &[],
        shown: |l| {
            first(facts::<InterfaceFacts>(l, INTERFACES), "can serve as a debug interface", |f| yes(&f.debug))
        },
        denied: None,
    },
    Claim {
        newer: &["r"],
        older: &["13"],
        shown: |l| first(facts::<InterfaceFacts>(l, INTERFACES), "is a debug port", debug_port),
        denied: Some(|l| {
            let table = if l.dossier.edition() == NEWER { "PhyIntf" } else { "Intf" };
            none(l, table, &facts::<InterfaceFacts>(l, &[table]), "is a debug port", |f| {
                no(&f.debug) || f.kind.is_some_and(|k| k.value != InterfaceKind::Port)
            })
        }),
    },
    Claim {
        newer: &["s"],
        older: &[],
        shown: |l| exists(l, "SecBoot", "detects unauthorized changes of software"),
        denied: None,
    },
    Claim {
        newer: &["t"],
        older: &[],
        shown: |l| {
            first(
                facts::<PersDataFacts>(l, &["PersData"]),
                "goes to an associated service",
                |f| yes(&f.to_service),
            )
        },
        denied: Some(|l| {
            let all = facts::<PersDataFacts>(l, &["PersData"]);
            none(l, "PersData", &all, "goes to an associated service", |f| no(&f.to_service))
        }),
    },
    Claim {
        newer: &["u"],
        older: &[],
        shown: |l| {
            first(
                facts::<PersDataFacts>(l, &["PersData"]),
                "is sensitive and goes to an associated service",
                |f| yes(&f.to_service) && yes(&f.sensitive),
            )
        },
        denied: Some(|l| {
            let all = facts::<PersDataFacts>(l, &["PersData"]);
            none(l, "PersData", &all, "is sensitive and goes to a service", |f| {
                no(&f.to_service) || no(&f.sensitive)
            })
        }),
    },
    Claim {
        newer: &["v"],
        older: &[],
        shown: |l| exists(l, "ExtSens", "is an external sensing capability"),
        denied: None,
    },
    Claim { newer: &["w"], older: &["6"], shown: |l| exists(l, "TelData", "is telemetry data"), denied: None },
    Claim {
        newer: &["x"],
        older: &[],
        shown: |l| {
            first(facts::<PersDataFacts>(l, &["PersData"]), "is stored by an associated service", |f| {
                reading(&f.stored_by)
            })
            .or_else(|| {
                first(facts::<DelFuncFacts>(l, &["DelFunc"]), "deletes data held by an associated service", |f| {
                    listed(&f.targets).contains(&DeletionTarget::Service)
                })
            })
        },
        denied: None,
    },
    Claim {
        newer: &["y"],
        older: &["7"],
        shown: |l| first(facts::<PersDataFacts>(l, &["PersData"]), "is processed on consent", |f| yes(&f.consent)),
        denied: Some(|l| {
            let all = facts::<PersDataFacts>(l, &["PersData"]);
            none(l, "PersData", &all, "is processed on consent", |f| no(&f.consent))
        }),
    },
    Claim { newer: &["z"], older: &[], shown: |l| exists(l, "PersData", "is personal data"), denied: None },
    Claim {
        newer: &["aa"],
        older: &[],
        shown: |l| {
            first(facts::<PersDataFacts>(l, &["PersData"]), "serves an aggregate only", |f| yes(&f.aggregate_only))
        },
        denied: None,
    },
];

fn serves_services(f: &SecParamFacts) -> bool {
    listed(&f.used_for).iter().any(|u| matches!(u, ParameterUse::UpdateCheck | ParameterUse::ServiceCommunication))
}
