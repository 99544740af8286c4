//! Typed ids of the standard's things, each carrying its edition.
//!
//! Ids order naturally (5.3-9 before 5.3-10, 5.3-15A before 5.3-15B). Whether an id exists is the catalogue's business.

use std::cmp::Ordering;
use std::fmt;

use serde::{Deserialize, Serialize};

use crate::Edition;

/// The text does not have the form of the id it should be.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("`{text}` is not the id of a {what}: {form}")]
pub struct IdError {
    /// What was given.
    pub text: String,
    /// What it should have named.
    pub what: &'static str,
    /// The form such an id has, by example.
    pub form: &'static str,
}

macro_rules! ids {
    ($($(#[$doc:meta])* $name:ident, $what:literal, $form:literal, $check:expr;)*) => {$(
        $(#[$doc])*
        #[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
        pub struct $name {
            edition: Edition,
            text: String,
        }

        impl $name {
            /// Reads an id of the given edition; only its form is checked.
            ///
            /// # Errors
            /// [`IdError`] when the text does not have the form of such an id.
            pub fn new(edition: Edition, text: &str) -> Result<Self, IdError> {
                let check: fn(&str) -> bool = $check;
                if check(text) {
                    Ok(Self { edition, text: text.to_owned() })
                } else {
                    Err(IdError { text: text.to_owned(), what: $what, form: $form })
                }
            }

            /// The edition the id belongs to.
            pub fn edition(&self) -> Edition {
                self.edition
            }

            /// The id as the standard prints it.
            pub fn as_str(&self) -> &str {
                &self.text
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.pad(&self.text)
            }
        }

        impl Ord for $name {
            fn cmp(&self, other: &Self) -> Ordering {
                self.edition.cmp(&other.edition).then_with(|| natural_cmp(&self.text, &other.text))
            }
        }

        impl PartialOrd for $name {
            fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
                Some(self.cmp(other))
            }
        }
    )*};
}

ids! {
    /// A provision of EN 303 645: `5.3-15A`, `6-1`, `4-1`.
    ProvisionId, "provision", "for example 5.3-15A or 6-1", |t| parts(t) == Some((1, false));
    /// A test group of TS 103 701: the tests of one provision, with that provision's number.
    GroupId, "test group", "for example 5.3-15A or 6-1", |t| parts(t) == Some((1, false));
    /// A test case: group and number, `5.1-5-2`.
    CaseId, "test case", "for example 5.1-5-2", |t| parts(t) == Some((2, false));
    /// A test unit: case and letter, `5.1-5-2b`.
    UnitId, "test unit", "for example 5.1-5-2b", |t| parts(t) == Some((2, true));
    /// An IXIT table: number and name, `1-AuthMech`.
    TableId, "IXIT table", "for example 1-AuthMech", |t| {
        t.split_once('-').is_some_and(|(n, name)| {
            !n.is_empty() && n.bytes().all(|b| b.is_ascii_digit())
                && !name.is_empty() && name.bytes().all(|b| b.is_ascii_alphanumeric())
        })
    };
}

impl TableId {
    /// The table's name without its number: `AuthMech`.
    pub fn name(&self) -> &str {
        self.text.split_once('-').map_or(&self.text, |(_, name)| name)
    }
}

impl UnitId {
    /// The case the unit is a step of.
    pub fn case(&self) -> CaseId {
        CaseId {
            edition: self.edition,
            text: self.text.trim_end_matches(|c: char| c.is_ascii_lowercase()).to_owned(),
        }
    }
}

impl CaseId {
    /// The group the case belongs to.
    pub fn group(&self) -> GroupId {
        let text = self.text.rsplit_once('-').map_or(self.text.as_str(), |(head, _)| head);
        GroupId { edition: self.edition, text: text.to_owned() }
    }
}

impl GroupId {
    /// The provision that the group tests.
    pub fn provision(&self) -> ProvisionId {
        ProvisionId { edition: self.edition, text: self.text.clone() }
    }
}

/// Number of dashed parts after the clause, and whether a lower-case unit letter ends the id.
fn parts(text: &str) -> Option<(usize, bool)> {
    let mut split = text.split('-');
    let clause = split.next()?;
    if clause.is_empty() || !clause.split('.').all(|p| !p.is_empty() && p.bytes().all(|b| b.is_ascii_digit())) {
        return None;
    }
    let rest: Vec<&str> = split.collect();
    let (first, later) = rest.split_first()?;
    let number = first.trim_end_matches(|c: char| c.is_ascii_uppercase());
    if number.is_empty() || !number.bytes().all(|b| b.is_ascii_digit()) || first.len() - number.len() > 1 {
        return None;
    }
    match later {
        [] => Some((1, false)),
        [case] => {
            let number = case.trim_end_matches(|c: char| c.is_ascii_lowercase());
            let digits = !number.is_empty() && number.bytes().all(|b| b.is_ascii_digit());
            (digits && case.len() - number.len() <= 1).then_some((2, case.len() > number.len()))
        }
        _ => None,
    }
}

/// Orders texts so that runs of digits compare as numbers and everything else byte by byte.
pub fn natural_cmp(left: &str, right: &str) -> Ordering {
    let (mut a, mut b) = (left.as_bytes(), right.as_bytes());
    loop {
        match (a.first(), b.first()) {
            (None, None) => return Ordering::Equal,
            (None, Some(_)) => return Ordering::Less,
            (Some(_), None) => return Ordering::Greater,
            (Some(x), Some(y)) if x.is_ascii_digit() && y.is_ascii_digit() => {
                let (x, rest_a) = digits(a);
                let (y, rest_b) = digits(b);
                let order = x.len().cmp(&y.len()).then_with(|| x.cmp(y));
                if order != Ordering::Equal {
                    return order;
                }
                (a, b) = (rest_a, rest_b);
            }
            (Some(x), Some(y)) => {
                if x != y {
                    return x.cmp(y);
                }
                (a, b) = (&a[1..], &b[1..]);
            }
        }
    }
}

/// The leading digits without leading zeros, and what follows them.
fn digits(text: &[u8]) -> (&[u8], &[u8]) {
    let end = text.iter().position(|b| !b.is_ascii_digit()).unwrap_or(text.len());
    let start = text[..end].iter().position(|b| *b != b'0').unwrap_or(end.saturating_sub(1));
    (&text[start..end], &text[end..])
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sorted(mut ids: Vec<&str>) -> Vec<&str> {
        ids.sort_by(|a, b| natural_cmp(a, b));
        ids
    }

    #[test]
    fn provisions_order_by_number_then_letter() {
        assert_eq!(
            sorted(vec!["5.3-15B", "5.10-1", "5.3-10", "5.3-9", "6-1", "5.3-15A", "5.3-15"]),
            ["5.3-9", "5.3-10", "5.3-15", "5.3-15A", "5.3-15B", "5.10-1", "6-1"]
        );
    }

    #[test]
    fn a_unit_knows_its_case_group_and_provision() {
        let unit = UnitId::new(Edition::V3_1_3, "5.1-2A-2b").unwrap();
        assert_eq!(unit.case().as_str(), "5.1-2A-2");
        assert_eq!(unit.case().group().as_str(), "5.1-2A");
        assert_eq!(unit.case().group().provision().as_str(), "5.1-2A");
    }

    #[test]
    fn ids_of_another_form_are_refused() {
        for bad in ["", "5.1", "5.1-", "5.1-5-2", "x-1-1a", "5.1-5-2ab", "5.1-5-2b-1", "5..1-1-1a"] {
            assert!(UnitId::new(Edition::V3_1_3, bad).is_err(), "{bad}");
        }
        assert!(TableId::new(Edition::V3_1_3, "AuthMech").is_err());
        assert!(ProvisionId::new(Edition::V2_1_1, "4-1").is_ok());
    }
}
