//! Answering: by files that are kept, by references, by what a probe measured.

use std::path::Path;

use model::{Period, Timestamp};
use workflow::requests::{Event, Events, Evidence, RequestId};

use super::{Changed, MOST_ANSWERS, MOST_BYTES, OBSERVATION, Request, RequestsError, name, of, record, text};
use crate::attach::{self, Kept};
use crate::folder;
use crate::history::History;
use crate::privacy::Privacy;
use crate::records::Records;
use crate::upload::{MOST, Upload, UploadError};

/// What is handed over as an answer.
#[derive(Debug, Clone, Default)]
pub struct Handed {
    /// Files; each is kept as evidence of the kind that was asked for.
    pub files: Vec<Upload>,
    /// Where other things are: addresses, numbers of documents.
    pub references: Vec<String>,
    /// Positions of records of what a probe measured.
    pub observations: Vec<u64>,
    /// When what the files show was true; the moment of answering when left out.
    pub effective: Option<Period>,
    /// What is said about it.
    pub remark: String,
    /// Who answers.
    pub by: String,
    /// In which role or for which organization.
    pub role: String,
}

/// Keeps the files and records the answer.
///
/// # Errors
/// [`RequestsError`]; then the request has no new answer. Files that were kept before somebody else ended the request
/// meanwhile stay in the ledger.
pub fn answer(
    folder: &Path,
    request: &RequestId,
    handed: &Handed,
    at: Timestamp,
) -> Result<Changed, RequestsError> {
    let (dossier, _) = folder::load(folder)?;
    let mut records = Records::open_sound(folder)?;
    let history = records.history()?;
    let mut requests = of(&history)?;
    let (by, role) = (name(&handed.by)?, name(&handed.role)?);
    let remark = text(&handed.remark, "the remark")?;
    let mut with = Vec::new();
    for seq in &handed.observations {
        if !history.evidence().observations.iter().any(|observed| observed.seq == *seq) {
            return Err(RequestsError::NoObservation(*seq));
        }
        with.push(Evidence::Observation { record: *seq });
    }
    for reference in handed.references.iter().filter(|reference| !reference.trim().is_empty()) {
        with.push(Evidence::Reference { text: text(reference, "the reference")? });
    }
    if handed.files.len() > MOST {
        return Err(UploadError::TooMany(handed.files.len()).into());
    }
    let found = requests.get(request).cloned();
    if found.as_ref().is_some_and(|found| found.answers.len() >= MOST_ANSWERS) {
        return Err(RequestsError::TooMany(request.clone()));
    }
    if let Some(found) = &found {
        let sent: u64 = handed.files.iter().map(|file| file.bytes.len() as u64).sum();
        if !handed.files.is_empty() && kept_of(&history, found).saturating_add(sent) > MOST_BYTES {
            return Err(RequestsError::TooMuch(request.clone()));
        }
    }
    let answered = |with: Vec<Evidence>| Event::Answered {
        request: request.clone(),
        with,
        remark: remark.clone(),
        by: by.clone(),
        role: role.clone(),
    };
    // Tried before any file is kept.
    let files = handed.files.iter().map(|_| Evidence::Upload { record: 0 });
    let tried = answered(with.iter().cloned().chain(files).collect());
    requests.take(&Events { at, release: dossier.release_version().to_owned(), events: vec![tried] })?;
    let ask = found.map(|found| found.ask);
    let kind = ask.as_ref().map(|ask| ask.kind.as_str()).filter(|kind| *kind != OBSERVATION).unwrap_or("report");
    let effective = handed.effective.unwrap_or(Period::moment(at));
    if effective.until > at {
        return Err(attach::AttachError::Future(effective).into());
    }
    for file in &handed.files {
        file.check(kind)?;
    }
    if !handed.files.is_empty() {
        let (privacy, _) = Privacy::of_folder(&dossier, folder);
        let known = handed.files.iter().fold(privacy, |privacy, file| privacy.and_attached(kind, &file.bytes));
        records.withhold(known);
        records.revision(&dossier.sources, at)?;
    }
    for file in &handed.files {
        let draft = attach::Handed {
            kind: kind.to_owned(),
            name: file.name(),
            about: ask.as_ref().map(|ask| ask.about.clone()).unwrap_or_default(),
            person: by.clone(),
            role: role.clone(),
            effective,
            place: None,
            remark: format!("answers request {request}"),
        };
        let Kept { seq, .. } = attach::keep(&mut records, &dossier, draft, &file.bytes, at)?;
        with.push(Evidence::Upload { record: seq });
    }
    record(&mut records, &dossier, at, |_| Ok(vec![answered(with.clone())]))
}

/// Bytes of the files that answers to a request have handed over so far.
fn kept_of(history: &History, request: &Request) -> u64 {
    let files = request.answers.iter().flat_map(|answer| &answer.with);
    let records = files.filter_map(|evidence| match evidence {
        Evidence::Upload { record } => history.kept().iter().find(|kept| kept.seq == *record),
        _ => None,
    });
    records.map(|kept| kept.body.artefact.size).sum()
}
