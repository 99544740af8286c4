//! The table of access: each function that was tried, and what each subject got. What that means is not told here.

use engine::Assessment;
use model::{Access, Credential, Fact};
use report::presentation::Tried;

use super::Told;

/// One row a function and place, in the order of the records and of their facts.
pub(super) fn access(assessment: &Assessment, told: Told<'_>) -> Vec<Tried> {
    let mut rows: Vec<Tried> = Vec::new();
    for looked in assessment.looked.iter().filter(|looked| looked.target == "dut") {
        let Some(record) = told.evidence.observations.iter().find(|o| o.seq == looked.seq) else { continue };
        for fact in &record.body.reading.facts {
            if let Fact::Access(access) = fact {
                enter(&mut rows, access, looked.seq, &looked.standpoint());
            }
        }
    }
    rows
}

fn enter(rows: &mut Vec<Tried>, access: &Access, record: u64, place: &str) {
    let at = format!("{}/{}", access.endpoint.port, access.endpoint.transport);
    let known =
        rows.iter().position(|row| row.record == record && row.at == at && row.function == access.function);
    let index = known.unwrap_or_else(|| {
        rows.push(Tried {
            function: access.function.clone(),
            at,
            place: place.to_owned(),
            found: access.found.clone().unwrap_or_default(),
            none: String::new(),
            wrong: String::new(),
            ended: String::new(),
            altered: String::new(),
            weak: String::new(),
            valid: String::new(),
            record,
        });
        rows.len() - 1
    });
    let row = &mut rows[index];
    let cell = match &access.credential {
        Credential::None => &mut row.none,
        Credential::Expired => &mut row.ended,
        Credential::Altered(_) => &mut row.altered,
        Credential::LowPrivilege => &mut row.weak,
        Credential::Valid | Credential::DeclaredDefault => &mut row.valid,
        Credential::Wrong | Credential::WellKnown(_) => &mut row.wrong,
    };
    let got = match (access.granted, access.unclear) {
        (true, _) => "granted",
        (false, true) => "unclear",
        (false, false) => "refused",
    };
    // Of several altered sessions the one that went furthest is told.
    let rank = |word: &str| ["", "refused", "unclear", "granted"].iter().position(|one| *one == word);
    if rank(got) > rank(cell) {
        got.clone_into(cell);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn tried(credential: Credential, granted: bool, unclear: bool) -> Access {
        let endpoint = model::Endpoint::tcp("192.0.2.7".parse().unwrap(), 443);
        let (function, told_by) = ("GET /config".to_owned(), String::new());
        Access { endpoint, function, credential, granted, unclear, told_by, found: None }
    }

    #[test]
    fn one_row_tells_every_subject_and_of_altered_sessions_the_worst() {
        let mut rows = Vec::new();
        for access in [
            tried(Credential::None, false, false),
            tried(Credential::Altered("first-half".to_owned()), true, false),
            tried(Credential::Altered("second-half".to_owned()), false, false),
            tried(Credential::Expired, false, true),
            tried(Credential::Valid, true, false),
        ] {
            enter(&mut rows, &access, 7, "");
        }
        assert_eq!(rows.len(), 1);
        let row = &rows[0];
        let told = [&row.none, &row.wrong, &row.ended, &row.altered, &row.weak, &row.valid];
        assert_eq!(told, ["refused", "", "unclear", "granted", "", "granted"]);
        assert_eq!(row.at, "443/tcp");
    }
}
