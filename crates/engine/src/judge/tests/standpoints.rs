//! Evidence grows old for each place and each state of the product by itself.

use model::ProductState;

use super::*;

/// A rule that is open without an observation of its probe before set-up, and passes with one.
const BEFORE_SETUP: &[UnitRule] =
    &[UnitRule { unit: "5.1-5-2a", editions: &Edition::ALL, judge: before_setup, probes: &["net.tcp-ports"] }];

fn before_setup<'a>(view: &View<'a>, _: Option<&'a dossier::Entry>) -> Judgement {
    let mut seen = view.observations("dut");
    match seen.any(|o| o.body.run.in_state() == ProductState::FactoryDefault) {
        true => Judgement::pass("seen"),
        false => {
            let next = Next::Prepare { what: "factory default".into() };
            Judgement::open("not measured before set-up", next)
        }
    }
}

#[test]
fn what_was_measured_in_one_state_keeps_nothing_fresh_that_was_measured_in_another() {
    let assay = format!("{ASSAY}[policy]\nobservation-days = 10\n");
    let dossier = read(&[("assay.toml", &assay), ("ics.toml", ADDRESSABLE), ("ixit/1.toml", MECHANISM)]);
    let mut shipped = observed("net.tcp-ports", 20);
    shipped.run.state = Some(ProductState::FactoryDefault);
    shipped.run.place = Place("access-point".into());
    let observations = recorded(1, vec![shipped, observed("net.tcp-ports", 95)]);
    let assessment = with(&dossier, &Evidence { observations, ..Evidence::default() }, BEFORE_SETUP);
    let judged = judgement(&assessment, "5.1-5-2a", None);
    let because = "stale since 1970-01-31 from access-point in factory-default: seen";
    assert_eq!((judged.outcome, &*judged.because), (Outcome::Open, because));
    let stale: Vec<_> = assessment.looked.iter().map(|l| (l.standpoint(), l.stale_since.is_some())).collect();
    let expected = [("access-point, factory-default".to_owned(), true), ("lan".to_owned(), false)];
    assert_eq!(stale, expected);
}
