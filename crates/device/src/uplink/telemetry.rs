//! Publishes measurements about once a second, and reconnects with growing pauses when the service is away.

use std::io::{self, Read, Write};
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::{Duration, Instant};

use rustls::ClientConfig;

use super::{fetch, stray};
use crate::crew::{Crew, lock};
use crate::faults::Fault;
use crate::mqtt::packet;
use crate::plug::Plug;
use crate::ports;

const PERIOD: Duration = Duration::from_secs(1);
const KEEP_ALIVE_SECONDS: u16 = 30;
const FIRST_PAUSE: Duration = Duration::from_millis(500);
const LONGEST_PAUSE: Duration = Duration::from_secs(60);
/// The pause of the fault that storms the service.
const NO_PAUSE: Duration = Duration::from_millis(10);
const UPDATE_CHECK: Duration = Duration::from_secs(10 * 60);
const CONNECT: Duration = Duration::from_secs(2);

/// The connection of one device to its associated service.
pub(crate) struct Telemetry {
    pub(crate) plug: Arc<Plug>,
    pub(crate) crew: Arc<Crew>,
    pub(crate) cloud: std::net::IpAddr,
    pub(crate) tls: Arc<ClientConfig>,
}

impl Telemetry {
    /// Runs until the product stops.
    pub(crate) fn run(&self) {
        let mut pause = FIRST_PAUSE;
        let mut checked = None;
        while !self.crew.is_stopping() {
            if self.session(&mut checked).is_ok_and(|published| published) {
                pause = FIRST_PAUSE;
            }
            let wait = match () {
                () if self.plug.has(Fault::ReconnectStorm) => NO_PAUSE,
                () if self.plug.has(Fault::ReconnectInStep) => pause,
                () => jittered(pause),
            };
            if self.crew.rest(wait) {
                return;
            }
            if !self.plug.has(Fault::ReconnectFlat) {
                pause = (pause * 2).min(LONGEST_PAUSE);
            }
        }
    }

    /// One connection; true when something was published before it ended.
    fn session(&self, checked: &mut Option<Instant>) -> io::Result<bool> {
        let plain = self.plug.has(Fault::TelemetryPlain) || self.plug.has(Fault::UplinkCredentialPlain);
        let port = if plain { ports::CLOUD_MQTT_PLAIN } else { ports::CLOUD_MQTT };
        let at = SocketAddr::new(self.cloud, port);
        let stream = fetch::connect(self.plug.address, at)?;
        let Some(_link) = self.crew.admit(&stream) else {
            return Ok(false);
        };
        if plain {
            let mut stream = stream;
            stream.set_read_timeout(Some(CONNECT))?;
            self.publish(&mut stream, checked)
        } else {
            self.publish(&mut fetch::secure(stream, at, &self.tls)?, checked)
        }
    }

    fn publish(&self, stream: &mut (impl Read + Write), checked: &mut Option<Instant>) -> io::Result<bool> {
        let serial = &self.plug.label.serial;
        let hello = match self.plug.has(Fault::UplinkCredentialPlain) {
            true => {
                packet::connect_as(serial, KEEP_ALIVE_SECONDS, serial, &self.plug.label.password_from_serial())
            }
            false => packet::connect(serial, KEEP_ALIVE_SECONDS),
        };
        stream.write_all(&hello)?;
        stream.flush()?;
        let answer = packet::read(stream, &mut Vec::new())?;
        if answer.kind != packet::CONNACK || answer.body.get(1) != Some(&0) {
            return Ok(false);
        }
        let topic = format!("lumen/{serial}/telemetry");
        for count in 0_u64.. {
            let relay = lock(&self.plug.settings).relay;
            let message = format!("{{\"relay\":{relay},\"watts\":{},\"celsius\":31}}", if relay { 42 } else { 0 });
            let sent =
                stream.write_all(&packet::publish(&topic, message.as_bytes())).and_then(|()| stream.flush());
            if sent.is_err() {
                return Ok(count > 0);
            }
            if checked.is_none_or(|checked| checked.elapsed() > UPDATE_CHECK) {
                let current = lock(&self.plug.settings).firmware.clone();
                self.plug.updater.check(&current);
                *checked = Some(Instant::now());
            }
            stray::send(&self.plug, self.cloud);
            if self.crew.rest(PERIOD) {
                break;
            }
        }
        Ok(true)
    }
}

/// Between half of a pause and the whole, so that many devices do not come back in step.
fn jittered(pause: Duration) -> Duration {
    let half = pause / 2;
    let share = getrandom::u32().unwrap_or(0) % 1000;
    half + half * share / 1000
}
