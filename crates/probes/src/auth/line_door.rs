//! Knocking at doors that speak a protocol of their own: SSH, Telnet, FTP, MQTT, RTSP, SNMP.

use model::ShortfallKind;
use wire::http::auth::{DigestChallenge, DigestUse, basic, challenges};
use wire::http::{Limits, Progress, Response};
use wire::ssh::login::{Event, Login, Randomness};
use wire::telnet::{Negotiator, Prompt, prompt};
use wire::{ftp as ftp_wire, mqtt as mqtt_wire, rtsp as rtsp_wire, snmp as snmp_wire};

use super::door::{Door, Guess, Knock};
use crate::{Bench, Bytes, Datagram, DatagramAnswer, LinkId, Received, TlsWish};

/// What is read of one conversation at most, in bytes.
const MOST: usize = 64 * 1024;
/// How many times the usual wait a door may take to answer a credential.
const PATIENCE: u32 = 4;
/// sysDescr.0 (RFC 3418).
const SYS_DESCR: [u32; 9] = [1, 3, 6, 1, 2, 1, 1, 1, 0];

fn none(kind: ShortfallKind, told_by: impl Into<String>) -> Knock {
    Knock::NoAnswer { kind, told_by: told_by.into() }
}

/// Opens the door's connection, inside TLS where it is so, and closes it behind the talk.
fn talk(door: &Door, bench: &mut dyn Bench, talk: impl FnOnce(LinkId, &mut dyn Bench) -> Knock) -> Knock {
    let wait = bench.wait();
    let link = match bench.connect(door.endpoint, wait) {
        Ok(link) => link,
        Err(error) => return none(error.shortfall(), format!("no connection: {error}")),
    };
    let secured = match door.tls {
        true => bench.secure(link, &TlsWish::named(door.host.as_deref())).map(drop),
        false => Ok(()),
    };
    let knock = match secured {
        Ok(()) => talk(link, bench),
        Err(error) => none(ShortfallKind::Unreadable, format!("no TLS: {error}")),
    };
    bench.close(link);
    knock
}

fn hear(link: LinkId, bench: &mut dyn Bench) -> Result<Vec<u8>, Knock> {
    hear_within(link, 1, bench)
}

/// What is said to a credential. Many doors hold a refusal back for some seconds, on purpose.
fn hear_verdict(link: LinkId, bench: &mut dyn Bench) -> Result<Vec<u8>, Knock> {
    hear_within(link, PATIENCE, bench)
}

fn hear_within(link: LinkId, waits: u32, bench: &mut dyn Bench) -> Result<Vec<u8>, Knock> {
    let wait = bench.wait() * waits;
    match bench.receive(link, MOST, wait) {
        Received::Data(bytes) => Ok(bytes.0),
        Received::Silence => Err(none(ShortfallKind::Silence, "no answer in time")),
        Received::Closed | Received::Reset => Err(none(ShortfallKind::Refused, "the connection ended")),
    }
}

/// Sends what holds the secret; in its place the record keeps `shown`, where the secret belongs to somebody.
fn say_secret(
    link: LinkId,
    bytes: &[u8],
    shown: &[u8],
    guess: Guess<'_>,
    bench: &mut dyn Bench,
) -> Result<(), Knock> {
    let sent = match guess.hidden {
        true => bench.send_secret(link, bytes, shown),
        false => bench.send(link, bytes),
    };
    sent.map_err(|error| none(ShortfallKind::Refused, error.to_string()))
}

fn say(link: LinkId, bytes: &[u8], bench: &mut dyn Bench) -> Result<(), Knock> {
    bench.send(link, bytes).map_err(|error| none(ShortfallKind::Refused, error.to_string()))
}

pub(super) fn ssh(door: &Door, guess: Guess<'_>, bench: &mut dyn Bench) -> Knock {
    let (user, secret) = (guess.user, guess.secret.reveal());
    let mut randomness = Randomness { cookie: [0; 16], secret: [0; 32] };
    bench.random(&mut randomness.cookie);
    bench.random(&mut randomness.secret);
    talk(door, bench, |link, bench| {
        let (mut login, first) = Login::new(user, randomness);
        let mut run = || -> Result<Knock, Knock> {
            say(link, &first, bench)?;
            let mut has_asked = false;
            for _ in 0..200 {
                let heard = if has_asked { hear_verdict(link, bench)? } else { hear(link, bench)? };
                let step =
                    login.feed(&heard).map_err(|error| none(ShortfallKind::Unreadable, error.to_string()))?;
                if !step.send.is_empty() {
                    say(link, &step.send, bench)?;
                }
                for event in step.events {
                    match event {
                        Event::Accepted { method: "none" } => {
                            return Ok(Knock::Open("let in without any credential".to_owned()));
                        }
                        Event::Accepted { method } => return Ok(Knock::Accepted(format!("let in by {method}"))),
                        Event::PasswordExpired => {
                            return Ok(Knock::Accepted("the password is right and has to be changed".to_owned()));
                        }
                        Event::Refused { partial_success: true, .. } => {
                            return Ok(Knock::Accepted("the password is right; more is asked for".to_owned()));
                        }
                        Event::Refused { method, .. } => return Ok(Knock::Rejected(format!("{method} refused"))),
                        Event::Methods(_) => match login.password(secret) {
                            Some(bytes) => {
                                say(link, &bytes, bench)?;
                                has_asked = true;
                            }
                            None => return Ok(none(ShortfallKind::Unsupported, "takes no password")),
                        },
                        Event::NothingInCommon(what) => {
                            return Ok(none(ShortfallKind::Unsupported, format!("no {what} in common")));
                        }
                        Event::Disconnected(_, text) => {
                            let text: String = text.chars().take(100).collect();
                            return Ok(none(ShortfallKind::Refused, format!("ended: {text}")));
                        }
                        _ => {}
                    }
                }
            }
            Ok(none(ShortfallKind::Unreadable, "the login did not come to an end"))
        };
        run().unwrap_or_else(|knock| knock)
    })
}

pub(super) fn telnet(door: &Door, guess: Guess<'_>, bench: &mut dyn Bench) -> Knock {
    let (user, secret) = (guess.user, guess.secret.reveal());
    talk(door, bench, |link, bench| {
        let mut negotiator = Negotiator::new();
        let mut next = |waits: u32, bench: &mut dyn Bench| -> Result<(Prompt, String), Knock> {
            let mut text = Vec::new();
            loop {
                match prompt(&text) {
                    // More may follow a prompt-like line of a banner; a prompt ends the text.
                    Some(prompt) => return Ok((prompt, String::from_utf8_lossy(&text).to_lowercase())),
                    None if text.len() > MOST => {
                        return Err(none(ShortfallKind::Unreadable, "no prompt"));
                    }
                    None => {
                        let fed = negotiator.feed(&hear_within(link, waits, bench)?);
                        if !fed.reply.is_empty() {
                            say(link, &fed.reply, bench)?;
                        }
                        text.extend(fed.text);
                    }
                }
            }
        };
        let mut run = || -> Result<Knock, Knock> {
            let (mut asked, _) = next(1, bench)?;
            if asked == Prompt::Username {
                say(link, format!("{user}\r\n").as_bytes(), bench)?;
                asked = next(1, bench)?.0;
            }
            if asked == Prompt::Shell {
                return Ok(Knock::Open("a command prompt without a password".to_owned()));
            }
            if asked != Prompt::Password {
                return Ok(Knock::Unclear("asks for no password".to_owned()));
            }
            let line = format!("{secret}\r\n");
            say_secret(link, line.as_bytes(), b"(secret)\r\n", guess, bench)?;
            match next(PATIENCE, bench) {
                Ok((Prompt::Shell, text)) if !text.contains("incorrect") && !text.contains("denied") => {
                    Ok(Knock::Accepted("a command prompt".to_owned()))
                }
                Ok(_) => Ok(Knock::Rejected("asked to log in again".to_owned())),
                Err(Knock::NoAnswer { kind: ShortfallKind::Refused, .. }) => {
                    Ok(Knock::Rejected("the connection ended after the password".to_owned()))
                }
                Err(other) => Err(other),
            }
        };
        run().unwrap_or_else(|knock| knock)
    })
}

pub(super) fn ftp(door: &Door, guess: Guess<'_>, bench: &mut dyn Bench) -> Knock {
    let (user, secret) = (guess.user, guess.secret.reveal());
    talk(door, bench, |link, bench| {
        let mut received = Vec::new();
        let mut reply = |bench: &mut dyn Bench| -> Result<ftp_wire::Reply, Knock> {
            loop {
                match ftp_wire::Reply::read(&received) {
                    Ok(Some((reply, used))) => {
                        received.drain(..used);
                        return Ok(reply);
                    }
                    Ok(None) => received.extend(hear_verdict(link, bench)?),
                    Err(error) => return Err(none(ShortfallKind::Unreadable, error.to_string())),
                }
            }
        };
        let mut run = || -> Result<Knock, Knock> {
            reply(bench)?;
            say(link, &ftp_wire::command("USER", user), bench)?;
            let first = reply(bench)?;
            if first.code == 230 {
                return Ok(Knock::Open(format!("230 to USER {user}, without a password")));
            }
            if first.code != 331 {
                return Ok(by_code(first.code));
            }
            let pass = ftp_wire::command("PASS", secret);
            say_secret(link, &pass, b"PASS (secret)\r\n", guess, bench)?;
            Ok(by_code(reply(bench)?.code))
        };
        run().unwrap_or_else(|knock| knock)
    })
}

fn by_code(code: u16) -> Knock {
    let told_by = format!("reply {code}");
    match code {
        230 | 232 => Knock::Accepted(told_by),
        421 => Knock::Blocked { told_by, millis: None },
        // Not logged in (RFC 959); other errors are about the command, not the credential.
        430 | 530 => Knock::Rejected(told_by),
        _ => Knock::Unclear(told_by),
    }
}

pub(super) fn mqtt(door: &Door, guess: Guess<'_>, bench: &mut dyn Bench) -> Knock {
    let (user, secret) = (guess.user, guess.secret.reveal());
    let version = mqtt_wire::Version::V311;
    talk(door, bench, |link, bench| {
        let mut run = || -> Result<Knock, Knock> {
            let packet = mqtt_wire::connect(version, "assay", Some((user, secret)), 10);
            say_secret(link, &packet, b"CONNECT (secret)", guess, bench)?;
            let mut received = Vec::new();
            loop {
                received.extend(hear_verdict(link, bench)?);
                match mqtt_wire::read(&received, version) {
                    Ok(Some((mqtt_wire::Packet::ConnAck { code: 0, .. }, _))) => {
                        say(link, &mqtt_wire::disconnect(), bench).ok();
                        return Ok(Knock::Accepted("CONNACK 0".to_owned()));
                    }
                    Ok(Some((mqtt_wire::Packet::ConnAck { code, .. }, _))) => {
                        let name = mqtt_wire::connect_code_name(code).unwrap_or("unknown");
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
        };
        run().unwrap_or_else(|knock| knock)
    })
}

pub(super) fn rtsp(door: &Door, guess: Guess<'_>, bench: &mut dyn Bench) -> Knock {
    let (user, secret) = (guess.user, guess.secret.reveal());
    let url = format!("rtsp://{}{}", door.server().authority(), door.path_or_root());
    talk(door, bench, |link, bench| {
        let mut run = || -> Result<Knock, Knock> {
            say(link, &rtsp_wire::describe(&url, 1).to_bytes(), bench)?;
            let first = rtsp_answer(link, bench)?;
            if first.status == 200 {
                return Ok(Knock::Open("the stream is described without a password".to_owned()));
            }
            let offered: Vec<_> = first.headers_named("www-authenticate").flat_map(challenges).collect();
            let value = if let Some(challenge) = offered.iter().find_map(DigestChallenge::read) {
                let mut nonce = [0; 8];
                bench.random(&mut nonce);
                challenge.answer(&DigestUse {
                    username: user,
                    password: secret,
                    method: "DESCRIBE",
                    target: &url,
                    client_nonce: &hex::encode(nonce),
                    count: 1,
                })
            } else if offered.iter().any(|c| c.is("Basic")) {
                basic(user, secret)
            } else {
                return Ok(Knock::Unclear(format!("status {} without a challenge", first.status)));
            };
            let request = rtsp_wire::describe(&url, 2).header("Authorization", &value).to_bytes();
            say_secret(link, &request, b"DESCRIBE (secret)", guess, bench)?;
            let told_by = |status: u16| format!("status {status}");
            Ok(match rtsp_answer(link, bench)?.status {
                status @ 401 => Knock::Rejected(told_by(status)),
                status @ (423 | 429 | 453 | 503) => Knock::Blocked { told_by: told_by(status), millis: None },
                status @ 200..=299 => Knock::Accepted(told_by(status)),
                status => Knock::Unclear(told_by(status)),
            })
        };
        run().unwrap_or_else(|knock| knock)
    })
}

fn rtsp_answer(link: LinkId, bench: &mut dyn Bench) -> Result<Response, Knock> {
    let mut reader = rtsp_wire::AnswerReader::new(Limits::default());
    loop {
        match reader.feed(&hear_verdict(link, bench)?) {
            Ok(Progress::Done(response)) => return Ok(response),
            Ok(Progress::NeedMore) => {}
            Err(error) => return Err(none(ShortfallKind::Unreadable, error.to_string())),
        }
    }
}

/// An agent does not answer a wrong community at all (RFC 3584), so silence refuses nothing.
pub(super) fn snmp(door: &Door, guess: Guess<'_>, bench: &mut dyn Bench) -> Knock {
    let community = guess.secret.reveal().as_bytes();
    if guess.hidden {
        bench.conceal(community);
    }
    let payload =
        snmp_wire::request(snmp_wire::Version::V2c, community, snmp_wire::Operation::Get, 1, &[&SYS_DESCR]);
    let wait = bench.wait();
    let datagram = Datagram { to: door.endpoint, payload: Bytes(payload), from_any_port: false, own_port: None };
    match bench.datagrams(&[datagram], wait).first() {
        Some(DatagramAnswer::Data(bytes)) => match snmp_wire::read(&bytes.0) {
            Ok(answer) if answer.is_response => Knock::Accepted("answered".to_owned()),
            _ => Knock::Unclear("not an SNMP answer".to_owned()),
        },
        Some(DatagramAnswer::Refused) => none(ShortfallKind::Refused, "port unreachable"),
        Some(DatagramAnswer::NotSent(error)) => none(error.shortfall(), error.to_string()),
        Some(DatagramAnswer::Silence) | None => none(ShortfallKind::Silence, "no answer in time"),
    }
}
