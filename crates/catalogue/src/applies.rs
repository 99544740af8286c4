//! Whether a provision applies, from which conditions hold and which features are present.

use std::fmt;

use crate::rows::{Provision, Rule};

/// A condition that does not hold or a feature that is absent.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub enum Unmet {
    /// A numbered condition that does not hold.
    Condition(String),
    /// A lettered feature that is absent.
    Feature(String),
}

impl fmt::Display for Unmet {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Unmet::Condition(id) => write!(f, "condition {id} does not hold"),
            Unmet::Feature(id) => write!(f, "feature {id} is absent"),
        }
    }
}

/// Whether a provision binds a product.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Applicability {
    /// It binds.
    Applies,
    /// It does not, and this is why.
    DoesNot(Vec<Unmet>),
    /// The declaration leaves these conditions or features unanswered.
    Unknown(Vec<Unmet>),
}

impl Provision {
    /// Computes applicability from the declared answers; `None` is an answer that the declaration lacks.
    pub fn applicability(
        &self,
        condition: impl Fn(&str) -> Option<bool>,
        feature: impl Fn(&str) -> Option<bool>,
    ) -> Applicability {
        let asked = self
            .conditions
            .iter()
            .map(|c| (Unmet::Condition(c.clone()), condition(c)))
            .chain(self.features.iter().map(|f| (Unmet::Feature(f.clone()), feature(f))));
        let (mut met, mut unmet, mut unknown) = (0, Vec::new(), Vec::new());
        for (what, answer) in asked {
            match answer {
                Some(true) => met += 1,
                Some(false) => unmet.push(what),
                None => unknown.push(what),
            }
        }
        match self.rule {
            Rule::All if !unmet.is_empty() => Applicability::DoesNot(unmet),
            Rule::Any if met > 0 => Applicability::Applies,
            _ if !unknown.is_empty() => Applicability::Unknown(unknown),
            Rule::Any if !unmet.is_empty() => Applicability::DoesNot(unmet),
            _ => Applicability::Applies,
        }
    }
}

#[cfg(test)]
mod tests {
    use model::Edition;

    use super::*;
    use crate::Catalogue;

    fn of(id: &str, condition: Option<bool>, feature: Option<bool>) -> Applicability {
        let catalogue = Catalogue::of(Edition::V3_1_3);
        catalogue.provision_named(id).unwrap().applicability(|_| condition, |_| feature)
    }

    #[test]
    fn an_unconditional_provision_applies_whatever_is_declared() {
        assert_eq!(of("5.2-1", Some(false), Some(false)), Applicability::Applies);
        assert_eq!(of("5.2-1", None, None), Applicability::Applies);
    }

    #[test]
    fn one_unmet_of_all_is_enough_not_to_apply() {
        assert_eq!(of("5.1-5", Some(false), None), Applicability::DoesNot(vec![Unmet::Condition("14".into())]));
        assert_eq!(of("5.1-5", Some(true), Some(true)), Applicability::Applies);
    }

    #[test]
    fn a_missing_answer_is_unknown_not_absent() {
        assert_eq!(of("5.1-5", Some(true), None), Applicability::Unknown(vec![Unmet::Feature("e".into())]));
    }
}
