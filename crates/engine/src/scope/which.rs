//! Which unit concerns which entries: the catalogue's words as combinations of declared qualities.
//!
//! Data only. A unit of the catalogue that ranges over a table and names a subset has exactly one row here per edition.

use catalogue::Unit;
use model::Edition;

use super::quality::Quality;
use Quality as Q;

/// Which entries a unit concerns.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Which {
    /// Those with every one of these qualities; with none named, every entry.
    All(&'static [Quality]),
    /// Every entry: the words ask for a decision that no declared fact makes.
    Person(&'static str),
}

/// In which editions a row of data holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum In {
    /// Both.
    Both,
    /// V3.1.3 only.
    Newer,
    /// V2.1.1 only.
    Older,
}

impl In {
    /// Whether the edition is among them.
    pub(crate) fn has(self, edition: Edition) -> bool {
        match self {
            In::Both => true,
            In::Newer => edition == Edition::V3_1_3,
            In::Older => edition == Edition::V2_1_1,
        }
    }
}

/// The row of a unit; nothing when the unit concerns every entry.
pub(crate) fn which(unit: &Unit) -> Option<Which> {
    let (edition, id) = (unit.id.edition(), unit.id.as_str());
    ROWS.iter().find(|(units, editions, _)| editions.has(edition) && units.contains(&id)).map(|(_, _, w)| *w)
}

type Row = (&'static [&'static str], In, Which);

const fn all(qualities: &'static [Quality]) -> Which {
    Which::All(qualities)
}

const ROWS: &[Row] = &[
    // 1-AuthMech. V3.1.3 speaks of users and machines, which are all there are; V2.1.1 of users.
    (&["5.1-1-1a"], In::Newer, all(&[Q::PasswordBased, Q::NotUserDefined, Q::BeyondFactoryDefault])),
    (
        &["5.1-1-1a"],
        In::Older,
        all(&[Q::PasswordBased, Q::ServesUsers, Q::NotUserDefined, Q::BeyondFactoryDefault]),
    ),
    (&["5.1-1-2b"], In::Newer, all(&[Q::PasswordBased, Q::UserDefined])),
    (&["5.1-1-2b"], In::Older, all(&[Q::PasswordBased, Q::ServesUsers, Q::UserDefined])),
    (&["5.1-1-2c"], In::Both, all(&[Q::PasswordBased, Q::NotUserDefined, Q::BeyondFactoryDefault])),
    (
        &["5.1-2-1a", "5.1-2-1b", "5.1-2-1c", "5.1-2-1d", "5.1-2-2a"],
        In::Both,
        all(&[Q::PasswordBased, Q::Preinstalled]),
    ),
    (&["5.1-2A-1a", "5.1-2A-2b"], In::Newer, all(&[Q::ServesMachines])),
    (&["5.1-3-1a", "5.1-3-1b", "5.1-3-1c", "5.1-3-1d", "5.1-3-2a"], In::Newer, all(&[])),
    (&["5.1-3-1a", "5.1-3-1b", "5.1-3-1c", "5.1-3-1d", "5.1-3-2a"], In::Older, all(&[Q::ServesUsers])),
    (&["5.1-4-1a", "5.1-4-2a", "5.1-4-2b"], In::Both, all(&[Q::ServesUsers])),
    (&["5.1-4-1b"], In::Newer, all(&[Q::ServesUsers])),
    (&["5.1-5-1a", "5.1-5-2b"], In::Both, all(&[Q::Networked])),
    // 6-SoftComp
    (&["5.3-1-1a"], In::Both, all(&[Q::WithoutUpdates])),
    (&["5.3-1-1b", "5.3-1-2a"], In::Both, all(&[Q::WithUpdates])),
    (&["5.3-4-1b"], In::Older, all(&[Q::ConfigurableAutomation])),
    (&["5.5-3-1a", "5.5-3-1b"], In::Both, all(&[Q::UsesCryptography])),
    // 7-UpdMech
    (&["5.3-4B-1b", "5.3-4B-2a", "5.3-6A-1b", "5.3-6A-2a"], In::Newer, all(&[Q::Automatic])),
    (&["5.3-6-1b", "5.3-6-1c", "5.3-6-2a", "5.3-6-2b"], In::Older, all(&[Q::Automatic])),
    (&["5.3-4B-1c", "5.3-4B-2b", "5.3-4B-2c"], In::Newer, all(&[Q::Automatic, Q::AsksConsent])),
    (&["5.3-6B-1a", "5.3-6B-2a"], In::Newer, all(&[Q::Notifies])),
    (&["5.3-6-1d", "5.3-6-1e", "5.3-6-2c", "5.3-6-2d"], In::Older, all(&[Q::Notifies])),
    (&["5.3-10-1b"], In::Both, all(&[Q::Networked])),
    // 10-SecParam
    (&["5.4-2-1a", "5.4-2-1b", "5.4-2-1c", "5.4-2-2a"], In::Both, all(&[Q::HardCodedIdentity])),
    (&["5.4-3-1a", "5.4-3-1b", "5.4-3-2a"], In::Both, all(&[Q::Critical, Q::InSourceCode])),
    // Unit b speaks of all critical parameters, provision and field only of those used so: applied to the latter.
    (&["5.4-4-1a", "5.4-4-1b"], In::Both, all(&[Q::Critical, Q::ForUpdatesOrServices])),
    // 11-SecComMech, 11-ComMech
    (&["5.5-6-1a", "5.5-6-2a"], In::Both, all(&[Q::CarriesCritical])),
    (&["5.5-7-1a", "5.5-7-2a"], In::Both, all(&[Q::RemotelyAccessible, Q::CarriesCritical])),
    (&["5.8-1-1a", "5.8-1-2a"], In::Both, all(&[Q::CarriesPersonalData])),
    (&["5.8-2-1a", "5.8-2-2a"], In::Both, all(&[Q::CarriesSensitiveDataToService])),
    // 12-NetSecImpl
    (&["5.5-2-1b", "5.5-2-2a"], In::Both, all(&[Q::Reviewed])),
    // 13-SoftServ. The later units follow the mechanisms that the services of unit a refer to.
    (&["5.5-4-1a"], In::Both, all(&[Q::Networked, Q::InInitializedState])),
    (
        &["5.5-4-1b", "5.5-4-1c", "5.5-4-1d", "5.5-4-2a", "5.5-4-2b", "5.5-4-2c"],
        In::Both,
        all(&[Q::Networked, Q::InInitializedState, Q::RefersToAuthentication]),
    ),
    (&["5.5-5-1a", "5.5-5-2a"], In::Both, all(&[Q::Networked, Q::AllowsConfiguration, Q::NotReliedUpon])),
    (&["5.6-5-1a"], In::Both, all(&[Q::Enabled])),
    // 15-PhyIntf and 28-LogIntf, 15-Intf
    (&["5.6-1-1a", "5.6-1-1b"], In::Newer, all(&[Q::Networked, Q::Enabled])),
    (&["5.6-1-1a"], In::Older, all(&[Q::NetworkOrLogical, Q::Enabled])),
    (&["5.6-1-2a"], In::Newer, all(&[Q::Networked])),
    (&["5.6-1-2a"], In::Older, all(&[Q::NetworkOrLogical])),
    (&["5.6-2-1a", "5.6-2-1b", "5.6-2-2a"], In::Both, all(&[Q::Networked])),
    (&["5.6-3-1a", "5.6-3-1b"], In::Newer, all(&[Q::NeverExposed])),
    (&["5.6-3-1a"], In::Older, all(&[Q::Physical, Q::NeverExposed])),
    (&["5.6-3-1b"], In::Older, all(&[Q::Air, Q::NeverExposed])),
    (&["5.6-3-1c"], In::Older, all(&[Q::Physical, Q::IntermittentlyExposed])),
    (&["5.6-4-1a"], In::Older, all(&[Q::Physical, Q::Debug])),
    (&["5.6-4-1b"], In::Older, all(&[Q::Debug, Q::NotIntermittentlyExposed])),
    (&["5.6-4-1c"], In::Older, all(&[Q::Debug, Q::IntermittentlyExposed])),
    (&["5.6-4-2a"], In::Older, all(&[Q::Debug])),
    (&["5.6-4A-1a", "5.6-4A-1b", "5.6-4A-2a"], In::Newer, all(&[Q::Debug])),
    (&["5.6-4A-1c"], In::Newer, all(&[Q::Debug, Q::NotIntermittentlyExposed])),
    (&["5.6-4A-1d"], In::Newer, all(&[Q::Debug, Q::IntermittentlyExposed])),
    (&["5.6-4B-1a", "5.6-4B-2a"], In::Newer, all(&[Q::Debug, Q::PhysicalPort])),
    (&["5.9-3-1a", "5.9-3-1b", "5.9-3-2a", "5.13-1B-1a"], In::Newer, all(&[Q::Networked])),
    // 21-PersData
    (&["6-2-1a", "6-2-2a"], In::Both, all(&[Q::RestsOnConsent])),
    (&["6-3-1a", "6-3-2a"], In::Older, all(&[Q::RestsOnConsent])),
    (&["6-3A-1a", "6-3A-2a", "6-3B-1a", "6-3B-2a"], In::Newer, all(&[Q::RestsOnConsent])),
    (&["6-7-1a", "6-7-1b", "6-7-1c", "6-7-2b"], In::Newer, all(&[Q::AggregateOnly])),
    // 24-TelData
    (&["5.10-1-1b"], In::Both, all(&[Q::Examined])),
    (&["6-4-1a"], In::Both, all(&[Q::RefersToPersonalData])),
    // 25-DelFunc. Device and services are all the targets there are.
    (&["5.11-1-2b", "5.11-1-2c"], In::Both, all(&[Q::DeletesOnDevice])),
    (&["5.11-2-2b", "5.11-2-2c"], In::Both, all(&[Q::DeletesOnServices])),
    (&["5.11-4-1b"], In::Newer, all(&[])),
    // 26-UserDec
    (&["5.12-2-1b", "5.12-2-1c"], In::Both, Which::Person("whether a decision is security-relevant")),
    // 29-InpVal
    (&["5.13-1A-1b", "5.13-1A-2b"], In::Newer, all(&[Q::FromUserInterface])),
    (&["5.13-1B-1b", "5.13-1B-2a"], In::Newer, all(&[Q::FromNetwork])),
];

#[cfg(test)]
mod tests {
    use catalogue::Catalogue;

    use super::*;

    fn rows_of(unit: &Unit) -> usize {
        let here = |row: &&Row| row.1.has(unit.id.edition()) && row.0.contains(&unit.id.as_str());
        ROWS.iter().filter(here).count()
    }

    #[test]
    fn every_unit_that_names_a_subset_of_a_table_has_exactly_one_row() {
        for edition in Edition::ALL {
            for unit in &Catalogue::of(edition).units {
                let expected = usize::from(unit.for_each.is_some() && !unit.which.is_empty());
                assert_eq!(rows_of(unit), expected, "{} in {edition}: {}", unit.id, unit.which);
            }
        }
    }

    #[test]
    fn every_row_names_units_of_its_editions() {
        for (units, editions, _) in ROWS {
            for edition in Edition::ALL.into_iter().filter(|e| editions.has(*e)) {
                for unit in *units {
                    assert!(Catalogue::of(edition).unit_named(unit).is_some(), "{unit} in {edition}");
                }
            }
        }
    }

    #[test]
    fn a_unit_that_leaves_the_choice_to_a_person_says_which_choice() {
        for (units, _, which) in ROWS {
            if let Which::Person(what) = which {
                assert!(what.starts_with("whether "), "{units:?}");
            }
        }
    }
}
