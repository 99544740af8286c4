//! What somebody at the bench does while it stands in for the service: hands the product its name server, and switches the
//! product off and on until the step is over.

use std::net::SocketAddr;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use device::Running;

use crate::measure::Event;

/// The step meanwhile.
pub(super) const STEP: &str = "tls.client-checks";
/// Between two looks for an update.
const PAUSE: Duration = Duration::from_millis(20);

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
