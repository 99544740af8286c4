//! A set of faults, and reading one from text such as `telnet-open,password-default`.

use std::collections::BTreeSet;
use std::fmt;

use crate::faults::Fault;

/// The faults a device is started with. The empty set is the good profile.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct FaultSet {
    faults: BTreeSet<Fault>,
}

/// A name that belongs to no fault.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("read the fault: {name}{}", hint(.nearest))]
pub struct UnknownFault {
    /// The name as written.
    pub name: String,
    /// The fault that was probably meant.
    pub nearest: Option<Fault>,
}

impl FaultSet {
    /// No fault at all: the good profile.
    pub fn none() -> Self {
        Self::default()
    }

    /// Reads names separated by commas; white space and empty parts are ignored.
    ///
    /// # Errors
    /// The first name that belongs to no fault, with the nearest one.
    pub fn parse(text: &str) -> Result<Self, UnknownFault> {
        text.split(',')
            .map(str::trim)
            .filter(|name| !name.is_empty())
            .map(|name| Fault::named(name).ok_or_else(|| unknown(name)))
            .collect()
    }

    /// Is this fault in the set?
    pub fn has(&self, fault: Fault) -> bool {
        self.faults.contains(&fault)
    }

    /// Is this the good profile?
    pub fn is_empty(&self) -> bool {
        self.faults.is_empty()
    }

    /// The faults in the order of the table.
    pub fn iter(&self) -> impl Iterator<Item = Fault> + '_ {
        self.faults.iter().copied()
    }
}

impl FromIterator<Fault> for FaultSet {
    fn from_iter<I: IntoIterator<Item = Fault>>(faults: I) -> Self {
        Self { faults: faults.into_iter().collect() }
    }
}

impl fmt::Display for FaultSet {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (index, fault) in self.iter().enumerate() {
            let comma = if index == 0 { "" } else { "," };
            write!(f, "{comma}{}", fault.name())?;
        }
        Ok(())
    }
}

fn unknown(name: &str) -> UnknownFault {
    let shown: String = name.chars().take(40).collect();
    let nearest = Fault::all()
        .map(|fault| (distance(&shown, fault.name()), fault))
        .min()
        .filter(|(distance, fault)| *distance * 3 <= fault.name().len())
        .map(|(_, fault)| fault);
    UnknownFault { name: shown, nearest }
}

fn hint(nearest: &Option<Fault>) -> String {
    nearest.map_or_else(String::new, |fault| format!("\n\nhint: did you mean `{}`?", fault.name()))
}

/// Levenshtein distance in characters.
fn distance(left: &str, right: &str) -> usize {
    let right: Vec<char> = right.chars().collect();
    let mut row: Vec<usize> = (0..=right.len()).collect();
    for (index, from) in left.chars().enumerate() {
        let mut diagonal = row[0];
        row[0] = index + 1;
        for (column, to) in right.iter().enumerate() {
            let change = diagonal + usize::from(from != *to);
            diagonal = row[column + 1];
            row[column + 1] = change.min(row[column] + 1).min(diagonal + 1);
        }
    }
    row[right.len()]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_list_is_read_and_written_back() {
        let set = FaultSet::parse(" telnet-open, password-default,").unwrap();
        assert!(set.has(Fault::TelnetOpen) && set.has(Fault::PasswordDefault));
        assert_eq!(FaultSet::parse(&set.to_string()).unwrap(), set);
        assert_eq!(set.iter().count(), 2);
    }

    #[test]
    fn an_unknown_name_is_refused_with_the_nearest_one() {
        let error = FaultSet::parse("telnet-opne").unwrap_err();
        assert_eq!(error.nearest, Some(Fault::TelnetOpen));
        assert!(error.to_string().contains("did you mean `telnet-open`?"));
        assert_eq!(FaultSet::parse("zzz").unwrap_err().nearest, None);
    }

    #[test]
    fn an_empty_text_is_the_good_profile() {
        assert!(FaultSet::parse(" ,").unwrap().is_empty());
    }
}
