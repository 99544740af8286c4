//! Every probe, a line each.
//!
//! A test walks the probe folders: a file with a `CARD` that is missing here, or has no reference page, fails it.

use model::Reading;
use serde_json::Value;

use crate::{Bench, Card};

/// A probe as the use cases reach it when they only know its id.
#[derive(Debug, Clone, Copy)]
pub struct Listed {
    /// Its card.
    pub card: &'static Card,
    /// Gathers with these parameters and returns the log as JSON bytes.
    pub gather: fn(&Value, &mut dyn Bench) -> Result<Vec<u8>, ParameterError>,
    /// Interprets a log that [`Listed::gather`] returned, now or years ago.
    pub interpret: fn(&[u8]) -> Result<Reading, LogError>,
}

/// The parameters do not fit the probe; nothing was sent.
#[derive(Debug, thiserror::Error)]
#[error("failed to read the parameters of {probe}")]
pub struct ParameterError {
    /// The probe's id.
    pub probe: &'static str,
    /// Why.
    #[source]
    pub source: serde_json::Error,
}

/// The bytes are no log of this probe.
#[derive(Debug, thiserror::Error)]
#[error("failed to read the log of {probe}")]
pub struct LogError {
    /// The probe's id.
    pub probe: &'static str,
    /// Why.
    #[source]
    pub source: serde_json::Error,
}

macro_rules! list {
    ($($($path:ident)::+),* $(,)?) => {
        /// Every probe.
        pub const LIST: &[Listed] = &[$(Listed {
            card: &crate::$($path)::+::CARD,
            gather: |parameters, bench| {
                use crate::$($path)::+ as probe;
                let probe_id = probe::CARD.id;
                let wrong = |source| ParameterError { probe: probe_id, source };
                let parameters = <probe::Parameters as serde::Deserialize>::deserialize(parameters).map_err(wrong)?;
                serde_json::to_vec(&probe::gather(&parameters, bench)).map_err(wrong)
            },
            interpret: |log| {
                use crate::$($path)::+ as probe;
                let wrong = |source| LogError { probe: probe::CARD.id, source };
                Ok(probe::interpret(&serde_json::from_slice::<probe::Log>(log).map_err(wrong)?))
            },
        }),*];
    };
}

list! {
    auth::change,
    auth::defaults,
    auth::guessing,
    auth::sessions,
    coap::input,
    raw::input,
    http::access,
    http::input,
    http::surface,
    mqtt::input,
    net::neighbours,
    net::services,
    net::tcp_ports,
    net::udp_services,
    dut::identity,
    tls::client_checks,
    tls::server_offer,
    web::page,
}

/// The probe of this id.
pub fn listed(id: &str) -> Option<&'static Listed> {
    LIST.iter().find(|listed| listed.card.id == id)
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use super::*;

    /// Ids of all probe files, from where they lie: `net/tcp_ports.rs` is `net.tcp-ports`.
    fn files() -> Vec<String> {
        let source = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
        let mut ids = Vec::new();
        for room in ["net", "http", "auth", "tls", "web", "dut", "mqtt", "coap", "raw"] {
            for entry in std::fs::read_dir(source.join(room)).unwrap() {
                let path = entry.unwrap().path();
                let is_probe = path.extension().is_some_and(|kind| kind == "rs")
                    && std::fs::read_to_string(&path).unwrap().contains("pub const CARD: Card");
                if is_probe {
                    let stem = path.file_stem().unwrap().to_str().unwrap().replace('_', "-");
                    ids.push(format!("{room}.{stem}"));
                }
            }
        }
        ids.sort();
        ids
    }

    #[test]
    fn every_probe_file_is_in_the_list_under_the_name_of_its_file() {
        let mut listed: Vec<_> = LIST.iter().map(|listed| listed.card.id.to_owned()).collect();
        listed.sort();
        assert_eq!(listed, files());
    }

    #[test]
    fn every_probe_has_a_reference_page_that_says_what_it_asks() {
        let pages = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../docs/reference/probes");
        for Listed { card, .. } in LIST {
            let page = std::fs::read_to_string(pages.join(format!("{}.md", card.id))).unwrap_or_default();
            assert!(page.starts_with(&format!("# {}\n", card.id)), "{}: no page", card.id);
            assert!(page.contains(card.asks), "{}: the page does not say: {}", card.id, card.asks);
            assert!(page.contains(&format!("touches: {}", card.touches)), "{}: touches", card.id);
        }
    }
}
