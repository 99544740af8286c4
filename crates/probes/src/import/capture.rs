//! What the product said and heard in a capture of its traffic, what protected it, and what anyone could read in it.
//!
//! The file of tcpdump, dumpcap or Wireshark, read piece by piece; how it is read is [`crate::traffic`]'s business.

use std::io::Read;

use model::{Period, Touches};
use serde::Deserialize as _;
use serde_json::Value;

use super::{ImportError, Imported, Importer};
use crate::traffic::capture::{CaptureError, Heard, Parameters, is_capture, read};
use crate::{Card, Need};

/// The card.
pub const CARD: Card = Card {
    id: "traffic.capture",
    revision: 2,
    asks: "What did the product say and hear on the network, and who could read it?",
    yields: &["conversation", "clear-content", "reconnection", "certificate"],
    touches: Touches::Nothing,
    needs: &[Need::File],
};

/// The importer.
pub const IMPORTER: Importer = Importer {
    card: &CARD,
    format: "capture",
    reads: "pcap and pcapng of tcpdump, dumpcap or Wireshark",
    level: model::Level::Imported,
    per_address: false,
    sniff: is_capture,
    interpret,
};

fn interpret(file: &mut dyn Read, parameters: &Value) -> Result<Imported, ImportError> {
    let parameters = Parameters::deserialize(parameters)?;
    let not_this = |why| ImportError::NotThis { format: IMPORTER.format, why };
    let heard = read(&parameters, file).map_err(|error| match error {
        CaptureError::Read(source) => ImportError::Read(source),
        CaptureError::NoCapture(why) | CaptureError::Parameter(why) => not_this(why),
    })?;
    let Heard { reading, span, of_product, elsewhere } = heard;
    Ok(Imported {
        reading,
        tool: None,
        version: None,
        measured: span.map(|(from, until)| Period { from, until }),
        elsewhere,
        about_target: of_product,
    })
}
