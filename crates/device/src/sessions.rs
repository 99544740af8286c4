//! Sessions of the web page and the API: random identifiers, kept as digests, that end by silence or logout.

use std::time::{Duration, Instant};

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;

use crate::accounts::Role;
use crate::digest::sha256_hex;

/// Silence after which a session ends.
const IDLE: Duration = Duration::from_secs(15 * 60);
/// Sessions at once; the one silent for longest makes room.
const MAX_SESSIONS: usize = 64;

/// An open session.
#[derive(Clone, Debug)]
pub(crate) struct Session {
    key: String,
    /// Digest of the first half of the identifier, for the weakness that looks at no more.
    half: String,
    pub(crate) user: String,
    pub(crate) role: Role,
    last: Instant,
}

impl Session {
    /// What a guard that was got round leaves: a session that nobody opened, with every right.
    pub(crate) fn of_nobody() -> Self {
        Self {
            key: String::new(),
            half: String::new(),
            user: String::new(),
            role: Role::Admin,
            last: Instant::now(),
        }
    }
}

/// The open sessions.
#[derive(Debug, Default)]
pub(crate) struct Sessions {
    open: Vec<Session>,
    opened: u64,
}

impl Sessions {
    /// Opens a session and returns its identifier; `None` when there is no randomness.
    pub(crate) fn open(&mut self, user: &str, role: Role, predictable: bool, now: Instant) -> Option<String> {
        self.opened += 1;
        let token = if predictable {
            format!("{:08}", 1000 + self.opened)
        } else {
            let mut random = [0; 32];
            getrandom::fill(&mut random).ok()?;
            URL_SAFE_NO_PAD.encode(random)
        };
        self.open.retain(|session| now.saturating_duration_since(session.last) < IDLE);
        if self.open.len() >= MAX_SESSIONS {
            self.open.sort_by_key(|session| session.last);
            self.open.remove(0);
        }
        let (key, half) = (sha256_hex(token.as_bytes()), sha256_hex(first_half(&token)));
        self.open.push(Session { key, half, user: user.to_owned(), role, last: now });
        Some(token)
    }

    /// The session of an identifier; using it keeps it open. With `half` only the first half of it is looked at; that is
    /// a weakness.
    pub(crate) fn find(&mut self, token: &str, half: bool, now: Instant) -> Option<Session> {
        let key = sha256_hex(if half { first_half(token) } else { token.as_bytes() });
        let session = self.open.iter_mut().find(|one| if half { one.half == key } else { one.key == key })?;
        if now.saturating_duration_since(session.last) >= IDLE {
            return None;
        }
        session.last = now;
        Some(session.clone())
    }

    pub(crate) fn close(&mut self, ended: &Session) {
        self.open.retain(|session| session.key != ended.key);
    }

    /// Closes all sessions but one, after its user changed the password.
    pub(crate) fn close_others(&mut self, kept: &Session) {
        self.open.retain(|session| session.key == kept.key || session.user != kept.user);
    }

    pub(crate) fn close_all(&mut self) {
        self.open.clear();
    }
}

fn first_half(token: &str) -> &[u8] {
    &token.as_bytes()[..token.len() / 2]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_session_ends_by_silence_and_by_logout() {
        let mut sessions = Sessions::default();
        let now = Instant::now();
        let token = sessions.open("admin", Role::Admin, false, now).unwrap();
        assert!(sessions.find(&token, false, now + IDLE).is_none());
        let session = sessions.find(&token, false, now).unwrap();
        sessions.close(&session);
        assert!(sessions.find(&token, false, now).is_none());
    }
}
