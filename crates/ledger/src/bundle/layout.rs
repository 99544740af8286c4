//! What may be in a bundle, by its path. Anything else is refused: a reader knows what each file is for.

use crate::{Digest, KeyId};

/// What a file of a bundle is.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub enum Part {
    /// `README.txt`: a text for a person.
    Readme,
    /// `blobs/<hex>`: kept bytes with this digest, without their salt.
    Blob(Digest),
    /// `blobs/<hex>.salt`: the salt of the blob beside it.
    Salt(Digest),
    /// `checkpoint.txt`: the signed note over the log.
    Checkpoint,
    /// `dossier/…`: a file of the dossier that was judged, by its path there.
    Dossier(String),
    /// `keys.json`: the keys of the log and the leaves each may sign.
    Keys,
    /// `keys/<key-id>.pem`: a public key.
    Key(KeyId),
    /// `leaves/00000000.jsonl`: leaves from this position on, one a line.
    Leaves(u64),
    /// `manifest.json`: the list of all the others.
    Manifest,
    /// `manifest.dsse.json`: the signature over it.
    Signature,
    /// `reports/report.html`, `.json`, `.md`: the report, by its file name.
    Report(&'static str),
    /// `timestamps/…`: a time stamp of the checkpoint by a third party, by its file name.
    Timestamp(String),
    /// `verdicts.json`: the assessment.
    Verdicts,
}

/// The files of the report.
const REPORTS: [&str; 3] = ["report.html", "report.json", "report.md"];

impl Part {
    /// What the file at this path is; none when it is no part of a bundle.
    pub fn of(path: &str) -> Option<Self> {
        match path {
            "README.txt" => return Some(Part::Readme),
            "checkpoint.txt" => return Some(Part::Checkpoint),
            "keys.json" => return Some(Part::Keys),
            "manifest.json" => return Some(Part::Manifest),
            "manifest.dsse.json" => return Some(Part::Signature),
            "verdicts.json" => return Some(Part::Verdicts),
            _ => {}
        }
        let (folder, name) = path.split_once('/')?;
        match folder {
            "blobs" => match name.strip_suffix(".salt") {
                Some(hex) => Digest::from_hex(hex).ok().map(Part::Salt),
                None => Digest::from_hex(name).ok().map(Part::Blob),
            },
            "dossier" => Some(Part::Dossier(name.to_owned())),
            "keys" => name.strip_suffix(".pem")?.parse().ok().map(Part::Key),
            "leaves" => {
                let digits = name.strip_suffix(".jsonl").filter(|d| d.len() == 8)?;
                let all = digits.bytes().all(|b| b.is_ascii_digit());
                all.then(|| digits.parse().ok())?.map(Part::Leaves)
            }
            "reports" => REPORTS.iter().find(|report| **report == name).map(|report| Part::Report(report)),
            "timestamps" if !name.contains('/') => Some(Part::Timestamp(name.to_owned())),
            _ => None,
        }
    }

    /// Where the part lies.
    pub fn path(&self) -> String {
        match self {
            Part::Readme => "README.txt".to_owned(),
            Part::Blob(digest) => format!("blobs/{}", digest.hex()),
            Part::Salt(digest) => format!("blobs/{}.salt", digest.hex()),
            Part::Checkpoint => "checkpoint.txt".to_owned(),
            Part::Dossier(path) => dossier_path(path),
            Part::Keys => "keys.json".to_owned(),
            Part::Key(id) => format!("keys/{id}.pem"),
            Part::Leaves(first) => leaves_path(*first),
            Part::Manifest => "manifest.json".to_owned(),
            Part::Signature => "manifest.dsse.json".to_owned(),
            Part::Report(name) => format!("reports/{name}"),
            Part::Timestamp(name) => format!("timestamps/{name}"),
            Part::Verdicts => "verdicts.json".to_owned(),
        }
    }
}

/// Where the leaves from a position on lie.
pub fn leaves_path(first: u64) -> String {
    format!("leaves/{first:08}.jsonl")
}

/// Where a file of the dossier lies.
pub fn dossier_path(path: &str) -> String {
    format!("dossier/{path}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_part_is_found_at_its_own_path() {
        let digest = Digest::of(b"x");
        let parts = [
            Part::Readme,
            Part::Blob(digest),
            Part::Salt(digest),
            Part::Checkpoint,
            Part::Dossier("ixit/1-AuthMech.toml".into()),
            Part::Keys,
            Part::Key("0123456789abcdef".parse().unwrap()),
            Part::Leaves(42),
            Part::Manifest,
            Part::Signature,
            Part::Report("report.html"),
            Part::Timestamp("checkpoint.tsr".into()),
            Part::Verdicts,
        ];
        for part in parts {
            assert_eq!(Part::of(&part.path()), Some(part.clone()), "{part:?}");
        }
    }

    #[test]
    fn nothing_else_is_part_of_a_bundle() {
        let upper = format!("blobs/{}", Digest::of(b"x").hex().to_uppercase());
        let bad =
            ["", "readme.txt", "a", "leaves/1.jsonl", "leaves/+0000001.jsonl", "reports/x.html", "keys/x.pem"];
        for path in bad.into_iter().chain([
            upper.as_str(),
            "blobs/x",
            "timestamps/a/b",
            "leaves/000000001.jsonl",
            "leaves/00000001.json",
        ]) {
            assert_eq!(Part::of(path), None, "{path}");
        }
    }
}
