//! What the answers to requests hand over, as it is told, and which requests are about a unit instance.

use std::collections::BTreeSet;

use engine::{Assessment, InstanceId};
use model::Artefact;
use workflow::requests::{Evidence, Request, Requests};

use super::ask::named;
use crate::history::History;

/// One piece of an answer, for a reader.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Shown {
    /// Position of its record, where it has one.
    pub record: Option<u64>,
    /// What it is, one line.
    pub text: String,
    /// The file, where it is one.
    pub file: Option<Artefact>,
}

/// Tells one piece of an answer.
pub fn shown(history: &History, evidence: &Evidence) -> Shown {
    match evidence {
        Evidence::Reference { text } => Shown { record: None, text: text.clone(), file: None },
        Evidence::Upload { record } => {
            let kept = history.kept().iter().find(|kept| kept.seq == *record);
            let file = kept.map(|kept| kept.body.artefact.clone());
            let text = match &file {
                Some(file) => format!("{} ({}, {} bytes)", file.name, file.kind, file.size),
                None => format!("the file of record {record}"),
            };
            Shown { record: Some(*record), text, file }
        }
        Evidence::Observation { record } => {
            let observed = history.evidence().observations.iter().find(|observed| observed.seq == *record);
            let run = observed.map(|observed| &observed.body.run);
            let text = match run {
                Some(run) => format!("{} on {}", run.probe, run.target),
                None => format!("the measurement of record {record}"),
            };
            Shown { record: Some(*record), text, file: None }
        }
    }
}

/// The requests about a provision: about it, a case or a unit of it, or an entry that a unit of it ranges over.
pub fn at_provision<'a>(requests: &'a Requests, assessment: &Assessment, provision: &str) -> Vec<&'a Request> {
    let mut names = BTreeSet::from([provision.to_owned()]);
    for instance in assessment.instances.iter().filter(|one| one.provision.as_str() == provision) {
        names.extend([instance.case.to_string(), instance.id.unit.to_string(), named(&instance.id)]);
        names.extend(instance.id.entry.as_ref().map(|(_, entry)| entry.clone()));
    }
    requests.iter().filter(|request| request.ask.about.iter().any(|about| names.contains(about))).collect()
}

/// The requests about a unit instance, or about its unit as a whole.
pub fn at_instance<'a>(requests: &'a Requests, id: &InstanceId) -> Vec<&'a Request> {
    let (instance, unit) = (named(id), id.unit.to_string());
    requests
        .iter()
        .filter(|request| request.ask.about.iter().any(|about| *about == instance || *about == unit))
        .collect()
}
