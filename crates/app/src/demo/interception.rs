//! What somebody at the bench does while it stands in for the service: hands the product its name server, and switches the
//! product off and on until the step is over.

use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread::JoinHandle;
use std::time::Duration;

use device::Running;

use crate::measure::Event;

/// The step meanwhile.
pub(super) const STEP: &str = "tls.client-checks";
/// Between two looks for an update.
const PAUSE: Duration = Duration::from_millis(20);
/// Between two looks whether the bench answers names.
const LOOK: Duration = Duration::from_millis(200);

/// Measures, with somebody beside the product while the step runs.
pub(super) fn beside<T>(
    product: &Running,
    names: Option<SocketAddr>,
    tell: &mut (dyn FnMut(Event) + Send),
    measure: impl FnOnce(&mut (dyn FnMut(Event) + Send)) -> T,
) -> T {
    let (during, over) = (AtomicBool::new(false), AtomicBool::new(false));
    std::thread::scope(|scope| {
        scope.spawn(|| {
            while !over.load(Ordering::Acquire) {
                if during.load(Ordering::Acquire) {
                    product.look_for_update();
                }
                std::thread::sleep(PAUSE);
            }
        });
        let mut watching = |event: Event| {
            match &event {
                Event::Begins(_, _, step) if step.probe == STEP && step.not_taken.is_none() => {
                    product.set_name_server(names);
                    product.set_restarting(true);
                    during.store(true, Ordering::Release);
                }
                Event::Ended { step, .. } if step.probe == STEP => {
                    during.store(false, Ordering::Release);
                    product.set_restarting(false);
                    product.set_name_server(None);
                }
                _ => {}
            }
            tell(event);
        };
        let measured = measure(&mut watching);
        over.store(true, Ordering::Release);
        measured
    })
}

/// Somebody beside a product that is left running. Dropping it ends both.
pub(super) struct Standby {
    over: Arc<AtomicBool>,
    thread: Option<JoinHandle<()>>,
}

impl Drop for Standby {
    fn drop(&mut self) {
        self.over.store(true, Ordering::Release);
        self.thread.take().map(JoinHandle::join);
    }
}

/// Stays beside a product that others measure: as soon as the bench answers the names of the service, the product is
/// switched off and on until it does no more.
pub(super) fn stand_by(product: Running, names: Option<SocketAddr>) -> Standby {
    let over = Arc::new(AtomicBool::new(false));
    let ends = Arc::clone(&over);
    let thread = std::thread::spawn(move || {
        product.set_name_server(names);
        let mut led = false;
        while !ends.load(Ordering::Acquire) {
            let before = std::mem::replace(&mut led, names.is_some() && product.is_led_elsewhere());
            if led != before {
                product.set_restarting(led);
            }
            if led {
                product.look_for_update();
            }
            std::thread::sleep(if led { PAUSE } else { LOOK });
        }
    });
    Standby { over, thread: Some(thread) }
}

#[cfg(test)]
mod tests {
    use std::net::{IpAddr, Ipv4Addr, TcpListener, UdpSocket};
    use std::time::Instant;

    use device::{Config, Device, FaultSet};

    use super::*;

    const BENCH: Ipv4Addr = Ipv4Addr::new(127, 0, 96, 9);

    /// Answers every question with the bench's address until it is over.
    fn answers(socket: &UdpSocket, over: &AtomicBool) {
        socket.set_read_timeout(Some(Duration::from_millis(50))).unwrap();
        let mut question = [0; 512];
        while !over.load(Ordering::Acquire) {
            let Ok((count, from)) = socket.recv_from(&mut question) else { continue };
            let mut answer = question[..count].to_vec();
            answer[2] |= 0x80;
            answer[7] = 1;
            answer.extend([0xc0, 12, 0, 1, 0, 1, 0, 0, 0, 1, 0, 4]);
            answer.extend(BENCH.octets());
            socket.send_to(&answer, from).unwrap();
        }
    }

    #[test]
    fn a_standing_product_comes_again_and_again_while_the_bench_answers_its_names_and_goes_back_after() {
        let cloud = IpAddr::from([127, 0, 96, 2]);
        let faults = FaultSet::parse("").unwrap();
        let config = Config { address: IpAddr::from([127, 0, 96, 1]), cloud, faults, seed: 1 };
        let product = Device::start(config).unwrap();
        let port = product.ports().iter().find(|p| p.service == "cloud-mqtt").unwrap().at.port();
        let bench = TcpListener::bind((BENCH, port)).unwrap();
        bench.set_nonblocking(true).unwrap();
        let names = UdpSocket::bind((BENCH, 0)).unwrap();
        let _standby = stand_by(product, Some(names.local_addr().unwrap()));
        let visits = |least: usize, within: Duration| {
            let (mut count, until) = (0, Instant::now() + within);
            while count < least && Instant::now() < until {
                // Whoever comes is turned away, as a bench that shows a bad chain would be left.
                count += usize::from(bench.accept().is_ok());
                std::thread::sleep(Duration::from_millis(5));
            }
            count
        };
        assert_eq!(visits(1, Duration::from_millis(700)), 0, "nobody answers names yet");
        let over = AtomicBool::new(false);
        std::thread::scope(|scope| {
            scope.spawn(|| answers(&names, &over));
            let came = visits(10, Duration::from_secs(20));
            over.store(true, Ordering::Release);
            assert_eq!(came, 10);
        });
        drop(names);
        let quiet = (0..20).any(|_| visits(1, Duration::from_millis(800)) == 0);
        assert!(quiet, "it still comes to the bench");
    }
}
