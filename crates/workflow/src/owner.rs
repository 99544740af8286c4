//! Who owns a task: the role that answers for what waits for it.

use serde::Serialize;

/// Which role answers for a clause (`5.3`) or a provision (`5.3-13`).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Responsible {
    /// The clause or provision.
    pub scope: String,
    /// The role.
    pub role: String,
}

/// A role, and the person who has it.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize)]
pub struct Owner {
    /// The role.
    pub role: String,
    /// The person; none where no name is declared for the role.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub person: Option<String>,
}

/// The owner of a task that provisions wait for, weightiest first; none where nobody answers for any of them.
///
/// The role that answers for most of them; among equals the one that answers for the weightiest. A row on a provision
/// stands before a row on its clause.
pub fn owner(waiting: &[&str], map: &[Responsible], people: &[Owner]) -> Option<Owner> {
    let roles: Vec<&str> = waiting.iter().filter_map(|provision| role_of(provision, map)).collect();
    let count = |role: &str| roles.iter().filter(|r| **r == role).count();
    let most = roles.iter().map(|role| count(role)).max()?;
    let role = roles.iter().find(|role| count(role) == most)?;
    let known = people.iter().find(|one| one.role.eq_ignore_ascii_case(role));
    Some(known.cloned().unwrap_or(Owner { role: (*role).to_owned(), person: None }))
}

fn role_of<'a>(provision: &str, map: &'a [Responsible]) -> Option<&'a str> {
    let clause = provision.split('-').next().unwrap_or(provision);
    let row = |scope: &str| map.iter().find(|row| row.scope == scope);
    row(provision).or_else(|| row(clause)).map(|row| row.role.as_str())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn map() -> Vec<Responsible> {
        [("5.3", "firmware"), ("5.3-13", "documentation"), ("6", "data protection")]
            .map(|(scope, role)| Responsible { scope: scope.into(), role: role.into() })
            .into()
    }

    fn role(waiting: &[&str]) -> Option<String> {
        owner(waiting, &map(), &[]).map(|owner| owner.role)
    }

    #[test]
    fn a_provision_stands_before_its_clause_and_most_before_few() {
        assert_eq!(role(&["5.3-13"]).as_deref(), Some("documentation"));
        assert_eq!(role(&["5.3-1"]).as_deref(), Some("firmware"));
        assert_eq!(role(&["5.3-13", "5.3-1", "5.3-2"]).as_deref(), Some("firmware"));
        assert_eq!(role(&["6-1", "5.3-1"]).as_deref(), Some("data protection"), "the weightiest of equals");
        assert_eq!(role(&["5.30-1"]), None, "5.30 is not 5.3");
        assert_eq!(role(&[]), None);
    }

    #[test]
    fn the_person_with_the_role_is_named() {
        let people = [Owner { role: "Firmware".into(), person: Some("F. Irm".into()) }];
        assert_eq!(owner(&["5.3-1"], &map(), &people).and_then(|o| o.person).as_deref(), Some("F. Irm"));
    }
}
