//! What MQTT tells a listener: the user name and the password of CONNECT (OASIS MQTT 3.1.1 and 5.0, clause 3.1).

use super::{Listener, Side, bounded};
use crate::mqtt::{Connect, read_connect};

const MOST_CONNECT: usize = 64 * 1024;

/// A connection.
#[derive(Debug, Default)]
pub(super) struct Overheard {
    connect: Vec<u8>,
    done: bool,
}

impl Overheard {
    pub(super) fn hear(&mut self, from: Side, bytes: &[u8], listener: &mut dyn Listener) {
        if self.done || from == Side::Server {
            return;
        }
        self.connect.extend_from_slice(bytes);
        match read_connect(&self.connect) {
            Ok(None) if self.connect.len() <= MOST_CONNECT => return,
            Ok(Some(Connect { username, password, .. })) => {
                if let Some(name) = username {
                    listener.found(from, "credential", "CONNECT user name", bounded(name));
                }
                if let Some(password) = password {
                    listener.found(from, "credential", "CONNECT password", bounded(password));
                }
            }
            _ => {}
        }
        self.done = true;
        self.connect = Vec::new();
    }

    pub(super) fn held(&self) -> usize {
        self.connect.capacity()
    }

    pub(super) fn gap(&mut self, from: Side) {
        self.done |= from == Side::Client;
    }
}
