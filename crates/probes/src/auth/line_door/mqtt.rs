//! MQTT 3.1.1: the credential is in the first packet.

use model::ShortfallKind;
use wire::mqtt::{Packet, Version, connect, connect_code_name, disconnect, read};

use super::{MOST, closing, hear, none, opened, say, say_secret, verdict_wait};
use crate::auth::door::{Door, Guess, Knock};
use crate::auth::session::{Dialogue, Hearing};
use crate::{Bench, LinkId};

const VERSION: Version = Version::V311;

/// A conversation.
pub(in crate::auth) struct Mqtt;

impl Dialogue for Mqtt {
    fn open(&mut self, door: &Door, _: &str, bench: &mut dyn Bench) -> Result<LinkId, Knock> {
        opened(door, bench, |_, _| Ok(()))
    }

    fn give(&mut self, _: &Door, link: LinkId, guess: Guess<'_>, bench: &mut dyn Bench) -> Result<(), Knock> {
        let packet = connect(VERSION, "assay", Some((guess.user, guess.secret.reveal())), 10);
        say_secret(link, &packet, b"CONNECT (secret)", guess, bench)
    }

    fn hear(&mut self, link: LinkId, heard: Hearing<'_>, bench: &mut dyn Bench) -> Knock {
        let wait = verdict_wait(heard, bench);
        closing(link, bench, |bench| {
            let mut received = Vec::new();
            loop {
                received.extend(hear(link, wait, bench)?);
                match read(&received, VERSION) {
                    Ok(Some((Packet::ConnAck { code: 0, .. }, _))) => {
                        say(link, &disconnect(), bench).ok();
                        return Ok(Knock::Accepted("CONNACK 0".to_owned()));
                    }
                    Ok(Some((Packet::ConnAck { code, .. }, _))) => {
                        let name = connect_code_name(code).unwrap_or("unknown");
                        let told_by = format!("CONNACK {code} {name}");
                        return Ok(if matches!(code, 4 | 5) {
                            Knock::Rejected(told_by)
                        } else {
                            Knock::Unclear(told_by)
                        });
                    }
                    Ok(Some(_)) => return Ok(Knock::Unclear("no CONNACK".to_owned())),
                    Ok(None) if received.len() < MOST => {}
                    Ok(None) | Err(_) => return Ok(none(ShortfallKind::Unreadable, "no MQTT")),
                }
            }
        })
    }
}
