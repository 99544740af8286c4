//! Next steps as sentences that begin with a verb, with the command that does them where one does.

use engine::{About, Finding, Ground, InstanceId, Next};
use report::presentation::{Step, Verb};

use super::Told;

/// The steps that end a finding. What is wrong stands in the finding and is not said again.
pub(super) fn steps_of(finding: &Finding, told: Told<'_>) -> Vec<Step> {
    let about = match &finding.about {
        About::Instance(id) => Some(id),
        About::Answer => None,
    };
    let one = |next: &Next| match next {
        Next::Mend { what } if *what == finding.because => mend(finding, about, told),
        other => step(other, about),
    };
    finding.next.iter().map(one).collect()
}

fn mend(finding: &Finding, about: Option<&InstanceId>, told: Told<'_>) -> Step {
    let measured = finding.grounds.iter().find_map(|ground| match ground {
        Ground::Observed { seq, .. } => told.evidence.observations.iter().find(|o| o.seq == *seq),
        _ => None,
    });
    let (text, command) = match (&finding.about, measured) {
        (About::Answer, _) => ("implement what the provision asks for, then answer it with Y".to_owned(), None),
        (_, Some(observation)) => {
            let run = &observation.body.run;
            ("mend the product, then measure again".to_owned(), Some(measure(&run.probe, &run.target)))
        }
        (_, None) if finding.grounds.iter().any(|g| matches!(g, Ground::Stated { .. })) => {
            ("mend the product, then let a named person decide again".to_owned(), about.map(decide))
        }
        (_, None) => ("mend the product, then what the dossier declares of it".to_owned(), None),
    };
    Step { verb: Verb::Mend, text, command }
}

/// The command that measures: by a probe, by a capture beside it, or by another tool whose results are taken up.
fn measure(probe: &str, target: &str) -> String {
    if probe == crate::capture::PROBE {
        return "assay observe --capture 600".to_owned();
    }
    match probe.starts_with("import.") {
        true => format!("assay import --target {target} FILE"),
        false => format!("assay observe --probe {probe} --target {target}"),
    }
}

/// The command with which a person decides a unit instance.
fn decide(id: &InstanceId) -> String {
    match &id.entry {
        Some((_, entry)) => format!("assay state {} --entry {entry}", id.unit),
        None => format!("assay state {}", id.unit),
    }
}

/// The step, with its command where one does it; `about` is the unit instance that waits for it, or one of those.
pub(crate) fn step(next: &Next, about: Option<&InstanceId>) -> Step {
    let (verb, text, command) = match next {
        Next::Declare { place, entry, what } => {
            let at = match entry {
                Some(entry) => format!("{place}, {entry}"),
                None => place.clone(),
            };
            (Verb::Declare, format!("declare {what} in {at}"), None)
        }
        Next::Observe { probe, target } => {
            (Verb::Observe, format!("run {probe} against {target}"), Some(measure(probe, target)))
        }
        Next::State { what } => (Verb::State, format!("let a named person decide: {what}"), about.map(decide)),
        Next::Prepare { what } => (Verb::Prepare, format!("complete bench.toml: {what}"), None),
        Next::Mend { what } => (Verb::Mend, format!("mend the product and measure again: {what}"), None),
    };
    Step { verb, text, command }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::demo::SAMPLE;
    use dossier::SourceText;
    use engine::Evidence;

    fn told<'a>(dossier: &'a dossier::Dossier, evidence: &'a Evidence) -> Told<'a> {
        Told { dossier, evidence, kept: &[], ledger: None, reviews: &[], written: &[], exit: (0, "") }
    }

    #[test]
    fn what_no_probe_of_a_plan_measures_has_a_command_that_does() {
        assert_eq!(measure("net.tcp-ports", "dut"), "assay observe --probe net.tcp-ports --target dut");
        assert_eq!(measure("traffic.capture", "dut"), "assay observe --capture 600");
        assert_eq!(measure("import.nmap", "dut"), "assay import --target dut FILE");
        // Every probe that a rule can ask for is one of the first two kinds.
        let asked = engine::rules().iter().flat_map(|rule| rule.probes);
        for probe in asked.filter(|probe| **probe != crate::capture::PROBE) {
            assert!(probes::listed(probe).is_some(), "{probe}");
        }
    }

    #[test]
    fn the_step_that_ends_a_finding_does_not_say_the_finding_again() {
        let sources = SAMPLE.iter().map(|(path, text)| {
            let text =
                text.replacen("Vulnerability Monitoring\" = \"Yes\"", "Vulnerability Monitoring\" = \"No\"", 1);
            SourceText { path: (*path).to_owned(), text }
        });
        let (dossier, _) = dossier::read(sources.collect());
        let evidence = Evidence::default();
        let at = model::Timestamp::from_seconds(1_790_000_000);
        let assessment = crate::replay::judge(&dossier, &evidence, at);
        let [finding] = assessment.findings.as_slice() else { panic!("{:?}", assessment.findings) };
        let [step] = steps_of(finding, told(&dossier, &evidence)).try_into().unwrap();
        assert_eq!(step.text, "mend the product, then what the dossier declares of it");
        assert!(!step.text.contains(&finding.because));
    }
}
