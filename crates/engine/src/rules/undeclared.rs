//! Completeness units: something was found that the dossier does not declare, or the search was wide enough to say
//! that there is nothing.

use crate::judgement::{Gap, Ground, Judgement};
use crate::view::View;

use super::network_search::searched;

/// Something found without a declaration.
#[derive(Debug)]
pub(super) struct Surplus {
    /// The measurement that shows it, and declared places that matter.
    pub(super) grounds: Vec<Ground>,
    /// What it is, one line.
    pub(super) text: String,
    /// Set when a declaration may mean it, or a person has to say what it is: what would tell.
    pub(super) doubt: Option<Gap>,
}

/// What was found, sorted.
#[derive(Debug, Default)]
pub(super) struct Found {
    /// Things without a declaration.
    pub(super) surplus: Vec<Surplus>,
    /// Things with one.
    pub(super) declared: Vec<Ground>,
}

/// A surplus fails at once, however narrow the search; nothing found passes only after the whole search.
pub(super) fn judge(view: &View<'_>, found: Found, what: &str, logins: bool) -> Judgement {
    let (certain, doubtful): (Vec<Surplus>, Vec<Surplus>) =
        found.surplus.into_iter().partition(|s| s.doubt.is_none());
    if let Some(first) = certain.first() {
        let because = match certain.len() {
            1 => format!("{}: not declared", first.text),
            n => format!("{} and {} more: not declared", first.text, n - 1),
        };
        return certain.into_iter().flat_map(|s| s.grounds).fold(Judgement::fail(because), Judgement::on);
    }
    let search = searched(view, logins);
    let seen_any = search.begun || !doubtful.is_empty();
    let mut gaps: Vec<Gap> = Vec::new();
    let mut grounds = Vec::new();
    for surplus in doubtful {
        gaps.extend(surplus.doubt);
        grounds.extend(surplus.grounds);
    }
    gaps.extend(search.gaps);
    let mut judgement = match gaps.first() {
        Some(first) if seen_any => Judgement::inconclusive(first.missing.clone(), first.next.clone()),
        Some(first) => Judgement::open(first.missing.clone(), first.next.clone()),
        None => Judgement::pass(format!("no undeclared {what} was found in the whole search")),
    };
    judgement.gaps = gaps;
    judgement.gaps.dedup();
    judgement.grounds.extend(grounds);
    judgement.grounds.extend(found.declared);
    judgement.grounds.extend(search.grounds);
    judgement
}
