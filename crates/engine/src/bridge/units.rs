//! Which test unit of the other edition asks the same criterion, so that a person's decision on it is worth confirming.
//!
//! Strict on purpose: a unit that reads another field, or the entries of other tables, counts as another unit.

use catalogue::{Bridge, Catalogue, Unit};
use model::{Edition, TableId, UnitId};

/// A unit of the other edition with the same criterion.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Counterpart {
    /// The unit.
    pub unit: UnitId,
    /// The tables over whose entries it ranges; none for a unit that is judged once.
    pub tables: Vec<TableId>,
}

/// The units of the other edition that ask the criterion of a unit; none when nothing asks the same.
pub fn counterparts(unit: &UnitId) -> Vec<Counterpart> {
    let bridge = Bridge::built_in();
    let (here, there) = (Catalogue::of(unit.edition()), Catalogue::of(unit.edition().other()));
    let Some(left) = here.unit(unit) else { return Vec::new() };
    let provision = unit.case().group().provision();
    let linked = |other: &Unit| {
        let other = other.id.case().group().provision();
        let (earlier, later) = match unit.edition() {
            Edition::V2_1_1 => (&provision, &other),
            Edition::V3_1_3 => (&other, &provision),
        };
        bridge.origin(later).is_some_and(|s| s.earlier.as_ref() == Some(earlier))
    };
    let alike = |other: &&Unit| {
        let (old, new) = match unit.edition() {
            Edition::V2_1_1 => (left, *other),
            Edition::V3_1_3 => (*other, left),
        };
        linked(other) && same_criterion(bridge, old, new)
    };
    let found = there.units.iter().filter(alike);
    found.map(|u| Counterpart { unit: u.id.clone(), tables: tables(u).cloned().collect() }).collect()
}

fn tables(unit: &Unit) -> impl Iterator<Item = &TableId> {
    unit.for_each.iter().chain(&unit.for_each_also)
}

fn same_criterion(bridge: &Bridge, old: &Unit, new: &Unit) -> bool {
    // Which entries a unit concerns decides whether an instance exists, not what is asked of the entry.
    let which = old.which == new.which || old.for_each.is_some();
    let words = old.summary == new.summary && which && old.verb == new.verb && old.kind == new.kind;
    let leads = |a: &TableId, b: &TableId| bridge.tables(a).contains(b);
    let ranges = tables(old).count() == tables(new).count()
        && tables(new).all(|n| tables(old).any(|o| leads(o, n)))
        && tables(old).all(|o| tables(new).any(|n| leads(o, n)));
    let field = |(table, name): &(TableId, String), other: &(TableId, String)| {
        let renamed = bridge.fields.iter().any(|link| {
            let of = |place: &catalogue::Place, (table, name): &(TableId, String)| {
                place.table == table.as_str() && place.name.eq_ignore_ascii_case(name)
            };
            of(&link.earlier, &(table.clone(), name.clone())) && of(&link.later, other)
        });
        renamed || (leads(table, &other.0) && name.eq_ignore_ascii_case(&other.1))
    };
    let reads = new.reads.iter().all(|n| old.reads.iter().any(|o| field(o, n)))
        && old.reads.iter().all(|o| new.reads.iter().any(|n| field(o, n)));
    words && ranges && reads && old.reads_other == new.reads_other
}

#[cfg(test)]
mod tests {
    use super::*;

    fn found(edition: Edition, unit: &str) -> Vec<String> {
        let unit = UnitId::new(edition, unit).unwrap();
        counterparts(&unit).into_iter().map(|c| c.unit.to_string()).collect()
    }

    #[test]
    fn a_unit_that_asks_the_same_has_its_counterpart_under_the_number_of_its_provision() {
        assert_eq!(found(Edition::V2_1_1, "4-1-1a"), ["5.0-1-1a"]);
        assert_eq!(found(Edition::V3_1_3, "5.0-1-1a"), ["4-1-1a"]);
        assert_eq!(found(Edition::V2_1_1, "5.1-1-1a"), ["5.1-1-1a"]);
    }

    #[test]
    fn a_unit_of_the_same_number_that_asks_for_something_else_is_no_counterpart() {
        // 5.1-4-1a: documentation in V1.1.1 of the test specification, the ability to change in V2.1.1.
        assert_eq!(found(Edition::V2_1_1, "5.1-4-1a"), Vec::<String>::new());
        // 5.3-5-1a: the periodic check is gone.
        assert_eq!(found(Edition::V2_1_1, "5.3-5-1a"), Vec::<String>::new());
        assert_eq!(found(Edition::V3_1_3, "6-6-1a"), Vec::<String>::new());
    }

    #[test]
    fn counterparts_are_mutual_and_stay_within_linked_provisions() {
        let mut pairs = 0;
        for edition in Edition::ALL {
            for unit in &Catalogue::of(edition).units {
                for other in counterparts(&unit.id) {
                    assert_ne!(other.unit.edition(), edition);
                    assert!(counterparts(&other.unit).iter().any(|c| c.unit == unit.id), "{}", unit.id);
                    pairs += 1;
                }
            }
        }
        assert!(pairs > 200, "{pairs}");
    }
}
