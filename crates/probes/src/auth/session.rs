//! A login in three steps: all that goes before the credential, the credential, and what is said to it.
//!
//! Taken right behind one another they try a credential; taken step by step over several connections they make
//! credentials meet a door at the same time.

use std::time::Duration;

use model::{AuthScheme, ShortfallKind};

use super::door::{Control, Door, Guess, Knock};
use super::{line_door, web_door};
use crate::{Bench, LinkId};

/// How one kind of door is talked to.
pub(super) trait Dialogue {
    /// Connects and says what goes before the credential.
    ///
    /// # Errors
    /// What the door did instead of asking for one; nothing is open then.
    fn open(&mut self, door: &Door, user: &str, bench: &mut dyn Bench) -> Result<LinkId, Knock>;

    /// Gives the credential.
    ///
    /// # Errors
    /// What kept it from being given.
    fn give(&mut self, door: &Door, link: LinkId, guess: Guess<'_>, bench: &mut dyn Bench) -> Result<(), Knock>;

    /// Hears what is said to it and closes. Each answer is waited for so long; none means as long as usual there.
    fn hear(&mut self, link: LinkId, heard: Hearing<'_>, bench: &mut dyn Bench) -> Knock;
}

/// What an answer is understood by.
#[derive(Clone, Copy)]
pub(super) struct Hearing<'a> {
    pub(super) door: &'a Door,
    pub(super) control: &'a Control,
    pub(super) wait: Option<Duration>,
}

/// A connection of a door that waits for a credential.
pub(super) struct Session<'a> {
    door: &'a Door,
    link: LinkId,
    dialogue: Box<dyn Dialogue>,
}

impl<'a> Session<'a> {
    /// Opens one.
    ///
    /// # Errors
    /// What the door did instead of asking for a credential.
    pub(super) fn open(door: &'a Door, user: &str, bench: &mut dyn Bench) -> Result<Self, Knock> {
        let mut dialogue: Box<dyn Dialogue> = match door.scheme {
            AuthScheme::HttpBasic => Box::new(web_door::Basic),
            AuthScheme::HttpDigest => Box::new(web_door::Digest::default()),
            AuthScheme::HttpForm | AuthScheme::HttpJson => Box::new(web_door::Submitted::default()),
            AuthScheme::Rtsp => Box::new(line_door::Rtsp::default()),
            AuthScheme::SshPassword => Box::new(line_door::Ssh::default()),
            AuthScheme::TelnetLogin => Box::new(line_door::Telnet::default()),
            AuthScheme::Ftp => Box::new(line_door::Ftp::default()),
            AuthScheme::Mqtt => Box::new(line_door::Mqtt),
            AuthScheme::SnmpCommunity
            | AuthScheme::HttpBearer
            | AuthScheme::SshPublicKey
            | AuthScheme::TlsClientCertificate => {
                let told_by = format!("{} takes no password", door.scheme);
                return Err(Knock::NoAnswer { kind: ShortfallKind::Unsupported, told_by });
            }
        };
        let link = dialogue.open(door, user, bench)?;
        Ok(Self { door, link, dialogue })
    }

    /// Gives the credential; what keeps it from being given is an answer as well, and ends the session.
    ///
    /// # Errors
    /// What kept it from being given.
    pub(super) fn give(&mut self, guess: Guess<'_>, bench: &mut dyn Bench) -> Result<(), Knock> {
        let given = self.dialogue.give(self.door, self.link, guess, bench);
        if given.is_err() {
            bench.close(self.link);
        }
        given
    }

    /// What is said to the credential, waiting so long for each answer.
    pub(super) fn hear(mut self, control: &Control, wait: Option<Duration>, bench: &mut dyn Bench) -> Knock {
        self.dialogue.hear(self.link, Hearing { door: self.door, control, wait }, bench)
    }

    /// Ends it without a credential.
    pub(super) fn close(self, bench: &mut dyn Bench) {
        bench.close(self.link);
    }
}

/// All three steps, one behind the other.
pub(super) fn alone(door: &Door, guess: Guess<'_>, control: &Control, bench: &mut dyn Bench) -> Knock {
    let mut session = match Session::open(door, guess.user, bench) {
        Ok(session) => session,
        Err(knock) => return knock,
    };
    match session.give(guess, bench) {
        Ok(()) => session.hear(control, None, bench),
        Err(knock) => knock,
    }
}
