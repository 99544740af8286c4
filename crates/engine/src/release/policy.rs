//! What the team allows to be carried from an earlier release, per method, and what holds where it says nothing.

use dossier::{CarryWhen, Dossier, Span};
use model::Method;

/// For how many days a result is carried where the team names no number.
pub const DEFAULT_DAYS: u32 = 365;

/// What may be carried of the units of one method.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Rule {
    /// The method.
    pub method: Method,
    /// When a pass is carried.
    pub when: CarryWhen,
    /// For how many days after it was measured or stated.
    pub days: u32,
    /// Where the team decided it; none where it is the default.
    pub at: Option<Span>,
}

impl Rule {
    /// What holds for a method where the team says nothing: documents carry, the product is measured on each release.
    pub fn default_of(method: Method) -> Self {
        let when = match method {
            Method::Rule | Method::Judgement => CarryWhen::Unchanged,
            Method::Probe | Method::Assisted | Method::Manual => CarryWhen::Never,
        };
        Self { method, when, days: DEFAULT_DAYS, at: None }
    }

    /// Whether units of the method exercise the product, so that a result is one of the image it was measured on.
    pub fn is_of_product(&self) -> bool {
        is_of_product(self.method)
    }

    /// Whether the firmware image has to be the same. What was measured on one image is never carried to another,
    /// whatever the team writes.
    pub(crate) fn needs_same_image(&self, functional: bool) -> bool {
        self.when == CarryWhen::SameImage || functional || self.is_of_product()
    }

    /// The rule as one line.
    pub fn words(&self) -> String {
        let method = self.method;
        let source = if self.at.is_some() { "" } else { " by default" };
        match self.when {
            CarryWhen::Never => format!("{method} results are not carried{source}"),
            CarryWhen::SameImage => {
                format!("{method} results are carried{source} while the image is the same, for {} days", self.days)
            }
            CarryWhen::Unchanged => {
                format!(
                    "{method} results are carried{source} while nothing they rest on changes, for {} days",
                    self.days
                )
            }
        }
    }
}

/// Whether units of a method exercise the product.
pub(crate) fn is_of_product(method: Method) -> bool {
    !matches!(method, Method::Rule | Method::Judgement)
}

/// The rule of each method. A row without its method or its word counts for nothing; of two rows for one method, and
/// of two numbers, the stricter holds.
pub fn rules(dossier: &Dossier) -> Vec<Rule> {
    let of = |method: Method| {
        let rows = dossier.carry.iter().filter(|row| row.method.as_ref().is_some_and(|m| m.value == method));
        let written = rows.filter_map(|row| {
            let when = row.when.as_ref()?.value;
            let days = row.days.as_ref().map_or(DEFAULT_DAYS, |d| d.value);
            Some(Rule { method, when, days, at: Some(row.span) })
        });
        let stricter = |a: Rule, b: Rule| Rule { when: a.when.min(b.when), days: a.days.min(b.days), ..a };
        written.reduce(stricter).unwrap_or_else(|| Rule::default_of(method))
    };
    Method::ALL.into_iter().map(of).collect()
}

#[cfg(test)]
mod tests {
    use dossier::SourceText;

    use super::*;

    fn of(rows: &str, method: Method) -> Rule {
        let source = SourceText { path: "assay.toml".into(), text: rows.into() };
        let all = rules(&dossier::read(vec![source]).0);
        *all.iter().find(|rule| rule.method == method).unwrap()
    }

    #[test]
    fn without_a_policy_documents_carry_for_a_year_and_nothing_measured_does() {
        for method in Method::ALL {
            let rule = of("", method);
            assert_eq!(rule.when == CarryWhen::Never, is_of_product(method), "{method}");
            assert_eq!((rule.days, rule.at), (365, None));
        }
    }

    #[test]
    fn of_two_rows_for_one_method_the_stricter_holds() {
        let two = "[[carry]]\nmethod = \"judgement\"\nwhen = \"unchanged\"\n\
                   [[carry]]\nmethod = \"judgement\"\nwhen = \"never\"\n";
        assert_eq!(of(two, Method::Judgement).when, CarryWhen::Never);
        let days = "[[carry]]\nmethod = \"probe\"\nwhen = \"same-image\"\ndays = 30\n\
                    [[carry]]\nmethod = \"probe\"\nwhen = \"same-image\"\ndays = 7\n";
        assert_eq!(of(days, Method::Probe).days, 7);
    }

    #[test]
    fn a_row_that_does_not_read_leaves_the_default() {
        assert_eq!(of("[[carry]]\nmethod = \"probe\"\nwhen = \"always\"\n", Method::Probe).when, CarryWhen::Never);
        assert!(of("[[carry]]\nmethod = \"probe\"\nwhen = \"unchanged\"\n", Method::Probe).needs_same_image(true));
    }
}
