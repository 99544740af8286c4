//! kill -9 at random moments while the real program measures, states, judges and bundles: nothing that was
//! acknowledged is lost, nothing half-done counts, and the end is that of a run that nobody disturbed.
//!
//! A few kills here; `cargo xtask soak` asks for many through [`KILLS`] and [`SEED`].
#![allow(clippy::unwrap_used)]
#![expect(clippy::print_stderr, reason = "a long run says how far it is")]

mod chance;
mod checks;
mod life;

use std::collections::BTreeMap;
use std::time::Instant;

use chance::Chance;
use life::{Life, Product, STAGES};

/// How many kills; a few when it is not set.
const KILLS: &str = "ASSAY_SOAK_KILLS";
/// The seed of all moments; always the same when it is not set.
const SEED: &str = "ASSAY_SOAK_SEED";

fn asked(name: &str) -> Option<u64> {
    std::env::var(name).ok().map(|text| text.parse().unwrap_or_else(|_| panic!("{name} is no number: {text}")))
}

#[test]
fn killed_at_any_moment_the_program_loses_nothing_and_ends_as_if_undisturbed() {
    let wanted = asked(KILLS).unwrap_or(10);
    let mut chance = Chance::new(asked(SEED).unwrap_or(1));
    let began = Instant::now();
    let product = Product::start();
    let undisturbed = Life::new(&product).undisturbed();
    let (mut kills, mut lives) = (0, 0);
    let mut by_stage: BTreeMap<&str, u64> = BTreeMap::new();
    while kills < wanted {
        let mut life = Life::new(&product);
        for stage in STAGES {
            // The last life is finished too: what matters is the end.
            kills += life.through(stage, &undisturbed, &mut chance, wanted - kills.min(wanted), &mut by_stage);
        }
        life.ended_as(&undisturbed);
        lives += 1;
        if asked(KILLS).is_some() {
            eprintln!("{kills} kills, {lives} ledgers, {} s: {by_stage:?}", began.elapsed().as_secs());
        }
    }
    assert!(kills >= wanted);
}

#[test]
fn measuring_stating_and_judging_at_once_lose_nothing_and_only_one_measures() {
    let product = Product::start();
    let mut life = Life::new(&product);
    life.all_at_once();
    life.measures_alone();
}
