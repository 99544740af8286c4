//! A scripted device, as a text that a network engineer can write.
//!
//! ```toml
//! device = "192.0.2.7"
//! [[tcp]]
//! port = 23
//! does = "accepts"              # accepts, closes, nothing or refuses
//! says = ["login: ", "Password: "]   # the first at once, each other one after something was heard
//! [[udp]]
//! port = 161
//! does = "answers"              # answers, nothing or refuses
//! says = { hex = "3003020101" } # text, bytes in hex, or a list of them
//! [rest]
//! does = "refuses"              # refuses or nothing: what every other port does
//! ```
//!
//! This file reads; [`crate::player`] plays it on loopback, and other players may be built on the struct. It does not
//! model time, TLS or any state beyond the order of what is said.

use std::collections::BTreeSet;
use std::net::IpAddr;
use std::path::{Path, PathBuf};

use serde::Deserialize;

/// A scripted device.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Scenario {
    /// The address the device is meant to have; documentation ranges only.
    pub device: IpAddr,
    /// TCP ports that are spoken of, in the order written.
    #[serde(default)]
    pub tcp: Vec<Tcp>,
    /// UDP ports that are spoken of, in the order written.
    #[serde(default)]
    pub udp: Vec<Udp>,
    /// All the ports that are not.
    pub rest: Rest,
}

/// One TCP port.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Tcp {
    /// The port, not 0.
    pub port: u16,
    /// What it does with a connection attempt.
    pub does: TcpDoes,
    /// What it says once connected.
    #[serde(default)]
    pub says: Says,
}

/// What a TCP port does with a connection attempt.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum TcpDoes {
    /// Accepts, says the first message, one further message after each thing it hears, and stays open.
    Accepts,
    /// Accepts, says all its messages and closes.
    Closes,
    /// Answers nothing at all: the attempt times out.
    Nothing,
    /// Refuses with a reset.
    Refuses,
}

/// One UDP port.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Udp {
    /// The port, not 0.
    pub port: u16,
    /// What it does with a datagram.
    pub does: UdpDoes,
    /// Its answers: the first datagram is answered by the first, the last one repeats.
    #[serde(default)]
    pub says: Says,
}

/// What a UDP port does with a datagram.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum UdpDoes {
    /// Answers each datagram.
    Answers,
    /// Receives and stays silent.
    Nothing,
    /// Has the kernel answer that nobody is there.
    Refuses,
}

/// What the ports do that are not spoken of.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Rest {
    /// Refuses or nothing, for TCP and UDP alike.
    pub does: RestDoes,
}

/// What the ports do that are not spoken of.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum RestDoes {
    /// Nothing at all.
    Nothing,
    /// Refuses.
    Refuses,
}

/// Messages in their order, as bytes.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize)]
#[serde(try_from = "Written")]
pub struct Says(pub Vec<Vec<u8>>);

#[derive(Deserialize)]
#[serde(untagged)]
enum Written {
    One(Message),
    Many(Vec<Message>),
}

#[derive(Deserialize)]
#[serde(untagged)]
enum Message {
    Text(String),
    Bytes(Hex),
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Hex {
    hex: String,
}

impl TryFrom<Written> for Says {
    type Error = String;

    fn try_from(written: Written) -> Result<Self, String> {
        let messages = match written {
            Written::One(message) => vec![message],
            Written::Many(messages) => messages,
        };
        let bytes = messages.into_iter().map(|message| match message {
            Message::Text(text) => Ok(text.into_bytes()),
            Message::Bytes(Hex { hex }) => unhex(&hex),
        });
        Ok(Self(bytes.collect::<Result<_, _>>()?))
    }
}

/// Why a scenario cannot be used.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum ScenarioError {
    /// The file cannot be read.
    #[error("failed to read the scenario {}", path.display())]
    Read {
        /// The file.
        path: PathBuf,
        /// Why.
        #[source]
        source: std::io::Error,
    },
    /// The text is not a scenario.
    #[error("failed to understand the scenario")]
    Parse(#[from] toml::de::Error),
    /// The device's address could be a real one.
    #[error("failed to accept an address outside the documentation ranges: {0}")]
    RealAddress(IpAddr),
    /// Port 0, or the same port twice.
    #[error("failed to accept a port that is 0 or written twice: {transport} {port}")]
    Port {
        /// `tcp` or `udp`.
        transport: &'static str,
        /// The port.
        port: u16,
    },
}

/// Reads `scenarios/<name>.toml` of this crate.
///
/// # Errors
/// See [`ScenarioError`].
pub fn scenario(name: &str) -> Result<Scenario, ScenarioError> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("scenarios");
    Scenario::read(&folder.join(name).with_extension("toml"))
}

impl Scenario {
    /// Reads a file.
    ///
    /// # Errors
    /// See [`ScenarioError`].
    pub fn read(path: &Path) -> Result<Self, ScenarioError> {
        let text =
            std::fs::read_to_string(path).map_err(|source| ScenarioError::Read { path: path.into(), source })?;
        Self::parse(&text)
    }

    /// Reads a text.
    ///
    /// # Errors
    /// See [`ScenarioError`].
    pub fn parse(text: &str) -> Result<Self, ScenarioError> {
        let scenario: Self = toml::from_str(text)?;
        if !is_documentation(scenario.device) {
            return Err(ScenarioError::RealAddress(scenario.device));
        }
        each_once("tcp", scenario.tcp.iter().map(|entry| entry.port))?;
        each_once("udp", scenario.udp.iter().map(|entry| entry.port))?;
        Ok(scenario)
    }

    /// What a TCP port does, spoken of or not.
    #[must_use]
    pub fn tcp_does(&self, port: u16) -> TcpDoes {
        let spoken_of = self.tcp.iter().find(|entry| entry.port == port);
        match (spoken_of, self.rest.does) {
            (Some(entry), _) => entry.does,
            (None, RestDoes::Nothing) => TcpDoes::Nothing,
            (None, RestDoes::Refuses) => TcpDoes::Refuses,
        }
    }

    /// What a UDP port does, spoken of or not.
    #[must_use]
    pub fn udp_does(&self, port: u16) -> UdpDoes {
        let spoken_of = self.udp.iter().find(|entry| entry.port == port);
        match (spoken_of, self.rest.does) {
            (Some(entry), _) => entry.does,
            (None, RestDoes::Nothing) => UdpDoes::Nothing,
            (None, RestDoes::Refuses) => UdpDoes::Refuses,
        }
    }
}

fn each_once(transport: &'static str, ports: impl Iterator<Item = u16>) -> Result<(), ScenarioError> {
    let mut seen = BTreeSet::from([0]);
    for port in ports {
        if !seen.insert(port) {
            return Err(ScenarioError::Port { transport, port });
        }
    }
    Ok(())
}

/// RFC 5737 and RFC 3849.
fn is_documentation(address: IpAddr) -> bool {
    match address {
        IpAddr::V4(address) => address.is_documentation(),
        IpAddr::V6(address) => address.segments()[..2] == [0x2001, 0xdb8],
    }
}

fn unhex(text: &str) -> Result<Vec<u8>, String> {
    let digits: Vec<u8> = text
        .chars()
        .filter(|digit| !digit.is_whitespace())
        .map(|digit| digit.to_digit(16).and_then(|value| u8::try_from(value).ok()))
        .collect::<Option<_>>()
        .ok_or_else(|| format!("not hexadecimal: {text}"))?;
    let (pairs, odd) = digits.as_chunks::<2>();
    if !odd.is_empty() {
        return Err(format!("an odd number of hexadecimal digits: {text}"));
    }
    Ok(pairs.iter().map(|[high, low]| high << 4 | low).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    const REST: &str = "[rest]\ndoes = \"refuses\"\n";

    #[test]
    fn every_scenario_in_the_folder_can_be_read() {
        let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("scenarios");
        let mut read = 0;
        for entry in std::fs::read_dir(folder).expect("the folder is there") {
            let path = entry.expect("a directory entry").path();
            let scenario = Scenario::read(&path);
            assert!(scenario.is_ok(), "{}: {scenario:?}", path.display());
            read += 1;
        }
        assert!(read > 0);
    }

    #[test]
    fn a_message_is_text_or_bytes_or_a_list_of_both() {
        let text = format!(
            "device = \"192.0.2.7\"\n[[tcp]]\nport = 23\ndoes = \"accepts\"\n\
             says = [\"login: \", {{ hex = \"ff fb 01\" }}]\n{REST}"
        );
        let scenario = Scenario::parse(&text).expect("is a scenario");
        assert_eq!(scenario.tcp[0].says, Says(vec![b"login: ".to_vec(), vec![0xff, 0xfb, 0x01]]));
        assert_eq!(scenario.tcp_does(23), TcpDoes::Accepts);
        assert_eq!(scenario.tcp_does(24), TcpDoes::Refuses);
        assert_eq!(scenario.udp_does(23), UdpDoes::Refuses);
    }

    #[test]
    fn what_is_not_understood_is_an_error_and_not_ignored() {
        let port = |lines: &str| format!("device = \"192.0.2.7\"\n{lines}\n{REST}");
        for wrong in [
            port("[[tcp]]\nport = 23\ndoes = \"acepts\""),
            port("[[tcp]]\nport = 23\ndoes = \"accepts\"\nsay = \"x\""),
            port("[[tcp]]\nport = 70000\ndoes = \"accepts\""),
            port("[[tcp]]\nport = 0\ndoes = \"accepts\""),
            port("[[udp]]\nport = 5\ndoes = \"nothing\"\n[[udp]]\nport = 5\ndoes = \"answers\""),
            port("[[udp]]\nport = 5\ndoes = \"answers\"\nsays = { hex = \"abc\" }"),
            port("[[udp]]\nport = 5\ndoes = \"answers\"\nsays = { hex = \"zz\" }"),
            "device = \"192.0.2.7\"".into(),
        ] {
            assert!(Scenario::parse(&wrong).is_err(), "{wrong}");
        }
    }

    #[test]
    fn a_device_address_that_could_be_real_is_refused() {
        let error = Scenario::parse(&format!("device = \"192.168.1.7\"\n{REST}"));
        assert!(matches!(error, Err(ScenarioError::RealAddress(_))), "{error:?}");
        assert!(Scenario::parse(&format!("device = \"2001:db8::7\"\n{REST}")).is_ok());
    }
}
