//! An assessment that was recorded: what each unit instance came out as, and what that rested on.
//!
//! Plain data out of the ledger. A record made before parts were recorded has none, and nothing is carried from it.

use model::{Edition, Outcome};

use super::currency::Currency;
use super::part::Part;
use crate::assessment::{Assessment, InstanceResult};
use crate::judgement::InstanceId;

/// One unit instance of a recorded assessment.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct EarlierInstance {
    /// The unit: `5.1-5-2b`.
    pub unit: String,
    /// Name of the IXIT table, without its number, where the unit ranges over one.
    pub table: Option<String>,
    /// Id of the entry, where the unit ranges over a table.
    pub entry: Option<String>,
    /// The outcome.
    pub outcome: Outcome,
    /// Places of what it rests on in [`Earlier::parts`]; none in records that did not keep it.
    pub rests_on: Option<Vec<u32>>,
    /// The release that the outcome was carried from, if it was.
    pub carried_from: Option<String>,
}

type Key<'a> = (&'a str, Option<&'a str>, Option<&'a str>);

impl EarlierInstance {
    fn key(&self) -> Key<'_> {
        (&self.unit, self.table.as_deref(), self.entry.as_deref())
    }
}

/// A recorded assessment.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Earlier {
    /// Its edition.
    pub edition: Edition,
    /// The release it is of.
    pub release: String,
    /// What its instances rest on.
    pub parts: Vec<Part>,
    instances: Vec<EarlierInstance>,
}

impl Earlier {
    /// From what a record holds.
    pub fn new(edition: Edition, release: String, parts: Vec<Part>, mut instances: Vec<EarlierInstance>) -> Self {
        instances.sort_by(|a, b| a.key().cmp(&b.key()));
        Self { edition, release, parts, instances }
    }

    /// What recording an assessment would keep of it.
    pub fn of(assessment: &Assessment) -> Self {
        let instance = |i: &InstanceResult| {
            let (table, entry) = i.id.entry.clone().unzip();
            EarlierInstance {
                unit: i.id.unit.to_string(),
                table,
                entry,
                outcome: i.judgement.outcome,
                rests_on: Some(i.rests_on.clone()),
                carried_from: match &i.currency {
                    Currency::Carried(carried) => Some(carried.from.clone()),
                    _ => None,
                },
            }
        };
        let instances = assessment.instances.iter().map(instance).collect();
        Self::new(assessment.edition, assessment.release.clone(), assessment.parts.clone(), instances)
    }

    /// Every instance, by unit, table and entry.
    pub fn instances(&self) -> &[EarlierInstance] {
        &self.instances
    }

    /// The instance of this id.
    pub fn instance(&self, id: &InstanceId) -> Option<&EarlierInstance> {
        let (table, entry) = id.entry.as_ref().map(|(t, e)| (t.as_str(), e.as_str())).unzip();
        let key: Key<'_> = (id.unit.as_str(), table, entry);
        self.instances.binary_search_by(|i| i.key().cmp(&key)).ok().map(|at| &self.instances[at])
    }

    /// What an instance rests on; nothing where the record does not say, or says what cannot be.
    pub fn rests_on(&self, instance: &EarlierInstance) -> Option<Vec<&Part>> {
        let places = instance.rests_on.as_ref()?;
        places.iter().map(|at| self.parts.get(usize::try_from(*at).ok()?)).collect()
    }
}

#[cfg(test)]
mod tests {
    use model::UnitId;

    use super::*;

    fn instance(unit: &str, entry: Option<&str>, rests_on: Option<Vec<u32>>) -> EarlierInstance {
        EarlierInstance {
            unit: unit.into(),
            table: entry.map(|_| "AuthMech".into()),
            entry: entry.map(Into::into),
            outcome: Outcome::Pass,
            rests_on,
            carried_from: None,
        }
    }

    #[test]
    fn an_instance_is_found_whatever_the_order_of_the_record() {
        let all = vec![instance("5.3-10-1a", None, None), instance("5.3-9-1a", Some("A"), Some(vec![0]))];
        let earlier = Earlier::new(Edition::V3_1_3, "1".into(), Vec::new(), all);
        let id = |unit: &str, entry: Option<&str>| InstanceId {
            unit: UnitId::new(Edition::V3_1_3, unit).unwrap(),
            entry: entry.map(|e| ("AuthMech".to_owned(), e.to_owned())),
        };
        assert!(earlier.instance(&id("5.3-10-1a", None)).is_some());
        let with = earlier.instance(&id("5.3-9-1a", Some("A"))).unwrap();
        assert!(earlier.instance(&id("5.3-9-1a", Some("B"))).is_none());
        assert_eq!(earlier.rests_on(with), None, "a place outside the parts is no part, not fewer parts");
    }
}
