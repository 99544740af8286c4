//! Reads whose order decides, the server's or the client's: of suites and of groups.

use std::collections::BTreeSet;

use super::server_offer::{Purpose, Tried};

/// The server's order; empty where it follows the client or was not settled to the end. Offers of the same suites
/// in different orders are one step: the same choice in all of them, not always the client's first, is the server's.
pub(super) fn of_suites(attempts: &[&Tried], accepted: &[u16]) -> Vec<u16> {
    if accepted.len() < 2 {
        return accepted.to_vec();
    }
    let offers: Vec<&Tried> = attempts.iter().copied().filter(|t| t.purpose == Purpose::Preference).collect();
    let same_suites = |a: &&Tried, b: &&Tried| {
        let sorted = |t: &Tried| BTreeSet::from_iter(t.offer.suites.iter().copied());
        sorted(a) == sorted(b)
    };
    let mut order: Vec<u16> = Vec::new();
    for step in offers.chunk_by(same_suites) {
        let choices: BTreeSet<Option<u16>> = step.iter().map(|t| t.choice().map(|c| c.suite)).collect();
        let is_servers = step.iter().any(|t| t.choice().map(|c| c.suite).as_ref() != t.offer.suites.first());
        match (choices.len(), choices.first()) {
            (1, Some(Some(suite))) if is_servers && accepted.contains(suite) => order.push(*suite),
            _ => return Vec::new(),
        }
    }
    if order.len() + 1 != accepted.len() {
        return Vec::new();
    }
    order.extend(accepted.iter().find(|suite| !order.contains(suite)));
    order
}

/// Whose order decides among groups, where that was told, and the server's own as far as it was told. The first step
/// has every group that is accepted, in both directions.
pub(super) fn of_groups(attempts: &[&Tried]) -> (Option<&'static str>, Vec<u16>) {
    let offers: Vec<&Tried> = attempts.iter().copied().filter(|t| t.purpose == Purpose::GroupPreference).collect();
    let same_groups = |a: &&Tried, b: &&Tried| {
        let sorted = |t: &Tried| BTreeSet::from_iter(t.offer.groups.iter().copied());
        sorted(a) == sorted(b)
    };
    let choice = |t: &Tried| t.choice().and_then(|c| c.group_id).filter(|group| t.offer.groups.contains(group));
    let mut steps = offers.chunk_by(same_groups);
    let Some([backward, forward]) = steps.next() else { return (None, Vec::new()) };
    let (Some(one), Some(other)) = (choice(backward), choice(forward)) else { return (None, Vec::new()) };
    if one != other {
        let is_clients = [backward, forward].iter().all(|t| choice(t).as_ref() == t.offer.groups.first());
        return (Some(if is_clients { "client" } else { "mixed" }), Vec::new());
    }
    let mut order = vec![one];
    let mut left = backward.offer.groups.clone();
    left.retain(|group| *group != one);
    for step in steps {
        let choices: BTreeSet<Option<u16>> = step.iter().map(|t| choice(t)).collect();
        let is_servers = step.iter().any(|t| choice(t).as_ref() != t.offer.groups.first());
        match (choices.len(), choices.first()) {
            (1, Some(Some(group))) if is_servers => {
                order.push(*group);
                left.retain(|other| other != group);
            }
            _ => return (Some("server"), order),
        }
    }
    // The last one that is left is the last.
    if let [last] = left[..] {
        order.push(last);
    }
    (Some("server"), order)
}
