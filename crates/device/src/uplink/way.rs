//! Where the associated service is: what the name server of the network says, or the address that was built in.

use std::net::{IpAddr, Ipv4Addr, SocketAddr, UdpSocket};
use std::sync::Mutex;
use std::time::Duration;

use crate::crew::lock;

/// The name of the associated service.
pub(crate) const NAME: &str = "cloud.lumen.invalid";
const WAIT: Duration = Duration::from_millis(300);

/// The way to the associated service.
pub(crate) struct Way {
    own: IpAddr,
    built_in: IpAddr,
    names: Mutex<Option<SocketAddr>>,
}

impl Way {
    /// From the device's own address to the one of the service that was built in.
    pub(crate) fn new(own: IpAddr, built_in: IpAddr) -> Self {
        Self { own, built_in, names: Mutex::default() }
    }

    /// From now on asks this name server first, as the network told it to.
    pub(crate) fn ask_at(&self, names: Option<SocketAddr>) {
        *lock(&self.names) = names;
    }

    /// The device's own address.
    pub(crate) fn own(&self) -> IpAddr {
        self.own
    }

    /// Where the service is now.
    pub(crate) fn address(&self) -> IpAddr {
        let names = *lock(&self.names);
        names.and_then(|names| ask(self.own, names)).unwrap_or(self.built_in)
    }

    /// Whether that is another address than the one that was built in.
    pub(crate) fn is_led_elsewhere(&self) -> bool {
        self.address() != self.built_in
    }
}

/// The IPv4 address of the service, as a name server says.
fn ask(own: IpAddr, names: SocketAddr) -> Option<IpAddr> {
    let socket = UdpSocket::bind((own, 0)).ok()?;
    socket.connect(names).ok()?;
    socket.set_read_timeout(Some(WAIT)).ok()?;
    let id = getrandom::u32().ok()?.to_be_bytes();
    // One question, recursion wanted; type A, class IN (RFC 1035, 4.1).
    let mut question = vec![id[0], id[1], 1, 0, 0, 1, 0, 0, 0, 0, 0, 0];
    for label in NAME.split('.') {
        question.push(label.len() as u8);
        question.extend_from_slice(label.as_bytes());
    }
    question.extend_from_slice(&[0, 0, 1, 0, 1]);
    socket.send(&question).ok()?;
    let mut answer = [0; 512];
    let count = socket.recv(&mut answer).ok()?;
    read(answer.get(..count)?, [id[0], id[1]], question.len())
}

/// The address in an answer whose first record points back at the question.
fn read(answer: &[u8], id: [u8; 2], behind_question: usize) -> Option<IpAddr> {
    let good = answer.get(..2)? == id && answer.get(2)? & 0x80 != 0 && answer.get(3)? & 0x0f == 0;
    if !good || answer.get(6..8)? == [0, 0] {
        return None;
    }
    let record = answer.get(behind_question..)?;
    // A pointer, type A, class IN, a time to live, four octets.
    let head = record.get(..6)?;
    if head[0] < 0xc0 || head[2..] != [0, 1, 0, 1] || record.get(10..12)? != [0, 4] {
        return None;
    }
    let octets: [u8; 4] = record.get(12..16)?.try_into().ok()?;
    Some(Ipv4Addr::from(octets).into())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_answer_for_another_question_or_without_an_address_is_none() {
        let mut answer = vec![7, 7, 0x84, 0, 0, 1, 0, 1, 0, 0, 0, 0];
        answer.extend([0xc0, 12, 0, 1, 0, 1, 0, 0, 0, 1, 0, 4, 127, 0, 0, 9]);
        assert_eq!(read(&answer, [7, 7], 12), Some("127.0.0.9".parse().unwrap()));
        assert_eq!(read(&answer, [7, 8], 12), None);
        answer[3] = 3;
        assert_eq!(read(&answer, [7, 7], 12), None);
        assert_eq!(read(&answer[..20], [7, 7], 12), None);
    }
}
