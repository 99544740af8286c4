//! How the provisions of V2.1.1 became those of V3.1.3.

use model::{Edition, ProvisionId};

use crate::Catalogue;

/// What became of one provision between the editions.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BridgeStep {
    /// The provision in V2.1.1; none for a new one.
    pub earlier: Option<ProvisionId>,
    /// The provision in V3.1.3.
    pub later: ProvisionId,
    /// `same`, `reworded`, `extended`, `narrowed`, `changed`, `split`, `new` or `renumbered`.
    pub change: String,
}

/// The way between the two editions, in the order of V3.1.3.
#[derive(Debug, Clone)]
pub struct Bridge {
    /// One step per provision of V3.1.3.
    pub steps: Vec<BridgeStep>,
}

impl Bridge {
    /// Builds the bridge from the catalogue of V3.1.3.
    pub fn built_in() -> Self {
        let old = Catalogue::of(Edition::V2_1_1);
        let steps = Catalogue::of(Edition::V3_1_3).provisions.iter().map(|p| BridgeStep {
            earlier: p.earlier.as_deref().and_then(|id| old.provision_named(id)).map(|e| e.id.clone()),
            later: p.id.clone(),
            change: p.change.clone().unwrap_or_default(),
        });
        Self { steps: steps.collect() }
    }

    /// The successors of a provision of V2.1.1.
    pub fn successors(&self, earlier: &ProvisionId) -> Vec<&BridgeStep> {
        self.steps.iter().filter(|s| s.earlier.as_ref() == Some(earlier)).collect()
    }

    /// The step that leads to a provision of V3.1.3.
    pub fn origin(&self, later: &ProvisionId) -> Option<&BridgeStep> {
        self.steps.iter().find(|s| s.later == *later)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_provision_of_the_older_edition_has_a_successor() {
        let bridge = Bridge::built_in();
        for provision in &Catalogue::of(Edition::V2_1_1).provisions {
            assert!(!bridge.successors(&provision.id).is_empty(), "{}", provision.id);
        }
    }

    #[test]
    fn only_new_provisions_have_no_origin() {
        for step in Bridge::built_in().steps {
            assert_eq!(step.earlier.is_none(), step.change == "new", "{}", step.later);
        }
    }

    #[test]
    fn a_split_provision_leads_to_both_halves() {
        let old = Catalogue::of(Edition::V2_1_1).provision_named("5.3-15").unwrap();
        let bridge = Bridge::built_in();
        let later: Vec<&str> = bridge.successors(&old.id).iter().map(|s| s.later.as_str()).collect();
        assert_eq!(later, ["5.3-15A", "5.3-15B"]);
    }
}
