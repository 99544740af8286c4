//! How outcomes come together: instance, unit, case, group, provision, overall.
//!
//! Two quantifiers and nothing else. The table is docs/reference/verdicts.md; what a case quantifies is in `reading`.
//!
//! | outcomes present         | [`all`] of them | [`any`] of them |
//! |--------------------------|-----------------|-----------------|
//! | none                     | open            | open            |
//! | not applicable only      | not applicable  | not applicable  |
//! | pass                     | pass            | pass            |
//! | fail                     | fail            | fail            |
//! | inconclusive             | inconclusive    | inconclusive    |
//! | open                     | open            | open            |
//! | pass and fail            | fail            | pass            |
//! | pass and inconclusive    | inconclusive    | pass            |
//! | pass and open            | open            | pass            |
//! | fail and inconclusive    | fail            | inconclusive    |
//! | fail and open            | fail            | open            |
//! | inconclusive and open    | inconclusive    | inconclusive    |
//!
//! Not applicable beside anything else changes nothing. Of three and more, the pair that decides is the one highest in
//! its order: fail, inconclusive, open, pass for [`all`]; pass, inconclusive, open, fail for [`any`].
//!
//! Invariant: opening an outcome again never turns a result that is no pass into a pass.

use model::Outcome;

/// Every one has to hold: fail over inconclusive over open over pass.
pub fn all(outcomes: impl IntoIterator<Item = Outcome>) -> Outcome {
    first_of([Outcome::Fail, Outcome::Inconclusive, Outcome::Open, Outcome::Pass], outcomes)
}

/// One suffices: pass over inconclusive over open over fail.
pub fn any(outcomes: impl IntoIterator<Item = Outcome>) -> Outcome {
    first_of([Outcome::Pass, Outcome::Inconclusive, Outcome::Open, Outcome::Fail], outcomes)
}

fn first_of(order: [Outcome; 4], outcomes: impl IntoIterator<Item = Outcome>) -> Outcome {
    let (mut best, mut some) = (order.len(), false);
    for outcome in outcomes {
        some = true;
        best = best.min(order.iter().position(|o| *o == outcome).unwrap_or(order.len()));
    }
    match order.get(best) {
        Some(outcome) => *outcome,
        None if some => Outcome::NotApplicable,
        None => Outcome::Open,
    }
}

#[cfg(test)]
mod tests {
    use Outcome::{Fail, Inconclusive, NotApplicable, Open, Pass};
    use model::Outcome;
    use proptest::prelude::*;

    use super::{all, any};

    /// The table of the module header, row by row.
    const TABLE: [(&[Outcome], Outcome, Outcome); 12] = [
        (&[], Open, Open),
        (&[NotApplicable], NotApplicable, NotApplicable),
        (&[Pass], Pass, Pass),
        (&[Fail], Fail, Fail),
        (&[Inconclusive], Inconclusive, Inconclusive),
        (&[Open], Open, Open),
        (&[Pass, Fail], Fail, Pass),
        (&[Pass, Inconclusive], Inconclusive, Pass),
        (&[Pass, Open], Open, Pass),
        (&[Fail, Inconclusive], Fail, Inconclusive),
        (&[Fail, Open], Fail, Open),
        (&[Inconclusive, Open], Inconclusive, Inconclusive),
    ];

    /// What the table says of a set of outcomes, found by the pair that decides.
    fn by_table(outcomes: &[Outcome]) -> (Outcome, Outcome) {
        let mut present: Vec<Outcome> =
            Outcome::ALL.into_iter().filter(|o| *o != NotApplicable && outcomes.contains(o)).collect();
        if present.is_empty() {
            present = outcomes.iter().copied().take(1).collect();
        }
        let row = |wanted: &[Outcome]| {
            TABLE.iter().find(|(row, ..)| row.len() == wanted.len() && wanted.iter().all(|o| row.contains(o)))
        };
        if let Some((_, all, any)) = row(&present) {
            return (*all, *any);
        }
        // Three and more: every pair is in the table, and folding the pairs' results settles the rest.
        let (head, tail) = (present[0], &present[1..]);
        let (rest_all, rest_any) = by_table(tail);
        let pair = |other| row(&if head == other { vec![head] } else { vec![head, other] }).unwrap();
        (pair(rest_all).1, pair(rest_any).2)
    }

    #[test]
    fn every_pair_and_triple_comes_out_as_the_table_says() {
        for a in Outcome::ALL {
            for b in Outcome::ALL {
                assert_eq!((all([a, b]), any([a, b])), by_table(&[a, b]), "{a} and {b}");
                for c in Outcome::ALL {
                    assert_eq!((all([a, b, c]), any([a, b, c])), by_table(&[a, b, c]), "{a}, {b} and {c}");
                }
            }
        }
    }

    #[test]
    fn nothing_at_all_is_open() {
        assert_eq!((all([]), any([])), (Open, Open));
    }

    #[test]
    fn the_table_of_the_reference_page_is_this_one() {
        let page = include_str!("../../../docs/reference/verdicts.md");
        for (row, all, any) in TABLE {
            let name = match row {
                [] => "none".to_owned(),
                [NotApplicable] => "not applicable only".to_owned(),
                [one] => one.to_string(),
                [one, two] => format!("{one} and {two}"),
                _ => unreachable!(),
            };
            let wanted = [name, all.to_string(), any.to_string()];
            let found = page.lines().any(|line| {
                let cells: Vec<&str> = line.split('|').map(str::trim).filter(|c| !c.is_empty()).collect();
                cells == wanted
            });
            assert!(found, "no row {wanted:?} in docs/reference/verdicts.md");
        }
    }

    fn outcome() -> impl Strategy<Value = Outcome> {
        (0..Outcome::ALL.len()).prop_map(|i| Outcome::ALL[i])
    }

    proptest! {
        #[test]
        fn the_order_of_outcomes_does_not_matter(
            (outcomes, shuffled) in prop::collection::vec(outcome(), 0..12)
                .prop_flat_map(|v| (Just(v.clone()), Just(v).prop_shuffle()))
        ) {
            prop_assert_eq!(all(outcomes.clone()), all(shuffled.clone()));
            prop_assert_eq!(any(outcomes), any(shuffled));
        }

        #[test]
        fn opening_an_outcome_again_never_makes_a_pass(
            outcomes in prop::collection::vec(outcome(), 1..12),
            at in any_index(),
        ) {
            let mut opened = outcomes.clone();
            let at = at.index(opened.len());
            opened[at] = Open;
            for fold in [all, any] as [fn(Vec<Outcome>) -> Outcome; 2] {
                if fold(outcomes.clone()) != Pass {
                    prop_assert_ne!(fold(opened.clone()), Pass);
                }
            }
        }

        #[test]
        fn folding_in_parts_is_folding_at_once(
            left in prop::collection::vec(outcome(), 1..6),
            right in prop::collection::vec(outcome(), 1..6),
        ) {
            let whole: Vec<Outcome> = left.iter().chain(&right).copied().collect();
            prop_assert_eq!(all([all(left.clone()), all(right.clone())]), all(whole.clone()));
            prop_assert_eq!(any([any(left), any(right)]), any(whole));
        }
    }

    fn any_index() -> impl Strategy<Value = prop::sample::Index> {
        proptest::arbitrary::any::<prop::sample::Index>()
    }
}
