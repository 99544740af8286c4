//! A network namespace with one cable to the test's own network: a laboratory segment of two hosts.
//!
//! Made with `ip netns` and a veth pair; the addresses come from the ranges set apart for documentation. It does not
//! reach anything outside the machine; one namespace can stand behind another, which passes chosen ports on.

use std::io;
use std::net::{Ipv4Addr, Ipv6Addr, Shutdown, SocketAddr, TcpListener, TcpStream};
use std::process::{Command, Stdio};
use std::sync::atomic::{AtomicU32, Ordering};

use rustix::thread::{LinkNameSpaceType, move_into_link_name_space};

use crate::StartError;
use crate::process::{Keep, Watchdog, find, run};

/// A network namespace, its cable and its addresses; removed on drop.
#[derive(Debug)]
pub struct Netns {
    name: String,
    outer_link: String,
    segment: u8,
    _watchdog: Watchdog,
}

/// The name of the link inside every namespace.
pub const INNER_LINK: &str = "lan0";

impl Keep for Netns {}

impl Netns {
    /// Makes a namespace with both ends up and addressed.
    ///
    /// # Errors
    /// [`StartError::Unprivileged`] where the machine does not let this user make one, [`StartError::Missing`]
    /// without `ip`, others when `ip` fails.
    pub fn create() -> Result<Self, StartError> {
        static NEXT: AtomicU32 = AtomicU32::new(0);
        find("ip", "iproute2")?;
        if !rustix::process::geteuid().is_root() {
            return Err(StartError::Unprivileged { what: "make a network namespace (not root)".into() });
        }
        let mut last = None;
        // A segment taken by another test shows itself by the kernel's refusal of its link name.
        for _ in 0..SEGMENTS {
            let count = NEXT.fetch_add(1, Ordering::Relaxed);
            let number = std::process::id().wrapping_mul(7).wrapping_add(count);
            let segment = u8::try_from(number % u32::from(SEGMENTS)).unwrap_or_default();
            match Self::create_segment(segment) {
                Ok(made) => return Ok(made),
                Err(error) if refused(&error) => {
                    return Err(StartError::Unprivileged { what: format!("make a network namespace ({error})") });
                }
                Err(error) if taken(&error) => last = Some(error),
                Err(error) => return Err(error),
            }
        }
        Err(last.unwrap_or_else(|| StartError::Unprivileged { what: "make a network namespace".into() }))
    }

    fn create_segment(segment: u8) -> Result<Self, StartError> {
        let name = format!("assay-{segment}");
        let outer_link = format!("assay{segment}");
        ip(&format!("link add {outer_link} type veth peer name {outer_link}i"))?;
        let watchdog = Watchdog::set(&format!("ip netns del {name}; ip link del {outer_link}"))
            .map_err(|source| StartError::Run { program: "sh".into(), source })?;
        // From here on dropping the value undoes what was done.
        let made = Self { name, outer_link, segment, _watchdog: watchdog };
        let (name, outer) = (&made.name, &made.outer_link);
        ip(&format!("netns add {name}"))?;
        ip(&format!("link set {outer}i netns {name} name {INNER_LINK}"))?;
        // Without nodad an IPv6 address cannot be bound for the first seconds of its life.
        ip(&format!("addr add {}/30 dev {outer}", made.outer()))?;
        ip(&format!("addr add {}/64 dev {outer} nodad", made.outer_v6()))?;
        ip(&format!("link set {outer} up"))?;
        let inner = format!("-n {name}");
        ip(&format!("{inner} addr add {}/30 dev {INNER_LINK}", made.inner()))?;
        ip(&format!("{inner} addr add {}/64 dev {INNER_LINK} nodad", made.inner_v6()))?;
        ip(&format!("{inner} link set lo up"))?;
        ip(&format!("{inner} link set {INNER_LINK} up"))?;
        Ok(made)
    }

    /// Puts this namespace behind another one, which becomes its router: the other end of its cable moves there, and the
    /// test's own network no longer reaches it but through what the router passes on.
    ///
    /// # Errors
    /// [`StartError::Run`] where `ip` fails.
    pub fn move_behind(&self, router: &Netns) -> Result<(), StartError> {
        let (link, there) = (&self.outer_link, format!("-n {}", router.name));
        ip(&format!("link set {link} netns {}", router.name))?;
        ip(&format!("{there} addr add {}/30 dev {link}", self.outer()))?;
        ip(&format!("{there} addr add {}/64 dev {link} nodad", self.outer_v6()))?;
        ip(&format!("{there} link set {link} up"))?;
        ip(&format!("-n {} route add default via {}", self.name, self.outer())).map(drop)
    }

    /// Passes connections to a port of this namespace on to another host, as a router does with a port that was opened to
    /// the outside; until the test ends.
    ///
    /// # Errors
    /// When the port cannot be had.
    pub fn forward(&self, port: u16, to: SocketAddr) -> io::Result<()> {
        let outside = SocketAddr::new(self.inner().into(), port);
        let listener = run_inside(&self.name, move || TcpListener::bind(outside))??;
        let name = self.name.clone();
        std::thread::spawn(move || {
            for came in listener.incoming().map_while(Result::ok) {
                let Ok(Ok(goes)) = run_inside(&name, move || TcpStream::connect(to)) else { continue };
                let Ok((back, forth)) = came.try_clone().and_then(|came| Ok((came, goes.try_clone()?))) else {
                    continue;
                };
                std::thread::spawn(move || pass_on(came, goes));
                std::thread::spawn(move || pass_on(forth, back));
            }
        });
        Ok(())
    }

    /// Its name, as `ip netns` knows it.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.name
    }

    /// The name of the test's end of the cable.
    #[must_use]
    pub fn outer_link(&self) -> &str {
        &self.outer_link
    }

    /// The address of the test's end of the cable.
    #[must_use]
    pub fn outer(&self) -> Ipv4Addr {
        address(self.segment, 1)
    }

    /// The address inside: the device's, as the test sees it.
    #[must_use]
    pub fn inner(&self) -> Ipv4Addr {
        address(self.segment, 2)
    }

    /// The IPv6 address of the test's end.
    #[must_use]
    pub fn outer_v6(&self) -> Ipv6Addr {
        Ipv6Addr::new(0x2001, 0xdb8, u16::from(self.segment), 0, 0, 0, 0, 1)
    }

    /// The IPv6 address inside.
    #[must_use]
    pub fn inner_v6(&self) -> Ipv6Addr {
        Ipv6Addr::new(0x2001, 0xdb8, u16::from(self.segment), 0, 0, 0, 0, 2)
    }

    /// A command that runs inside; the caller adds arguments and decides how to run it.
    ///
    /// # Errors
    /// [`StartError::Missing`] without `ip`.
    pub fn command(&self, program: &str) -> Result<Command, StartError> {
        let mut command = Command::new(find("ip", "iproute2")?);
        command.args(["netns", "exec", &self.name, program]).stdin(Stdio::null());
        Ok(command)
    }

    /// Runs a function on a thread of its own whose sockets belong to the namespace.
    ///
    /// # Errors
    /// When the thread cannot enter the namespace.
    pub fn run<T: Send + 'static>(&self, inside: impl FnOnce() -> T + Send + 'static) -> io::Result<T> {
        run_inside(&self.name, inside)
    }
}

impl Drop for Netns {
    fn drop(&mut self) {
        // Either may be missing when creation stopped half-way; the pair goes with its first end.
        ip(&format!("link del {}", self.outer_link)).ok();
        ip(&format!("netns del {}", self.name)).ok();
    }
}

/// Passes bytes on in one direction, and the end of them.
fn pass_on(mut from: TcpStream, mut to: TcpStream) {
    io::copy(&mut from, &mut to).ok();
    to.shutdown(Shutdown::Write).ok();
}

/// Runs a function on a thread that has entered a namespace by name.
pub(crate) fn run_inside<T: Send + 'static>(
    name: &str,
    inside: impl FnOnce() -> T + Send + 'static,
) -> io::Result<T> {
    let namespace = std::fs::File::open(format!("/run/netns/{name}"))?;
    let thread = std::thread::spawn(move || {
        use std::os::fd::AsFd as _;
        move_into_link_name_space(namespace.as_fd(), Some(LinkNameSpaceType::Network))?;
        Ok(inside())
    });
    match thread.join() {
        Ok(outcome) => outcome,
        Err(panic) => std::panic::resume_unwind(panic),
    }
}

/// How many segments of four addresses the documentation ranges 192.0.2.0, 198.51.100.0 and 203.0.113.0 hold.
const SEGMENTS: u8 = 192;

fn address(segment: u8, host: u8) -> Ipv4Addr {
    let last = segment % 64 * 4 + host;
    match segment / 64 {
        0 => Ipv4Addr::new(192, 0, 2, last),
        1 => Ipv4Addr::new(198, 51, 100, last),
        _ => Ipv4Addr::new(203, 0, 113, last),
    }
}

fn ip(arguments: &str) -> Result<String, StartError> {
    run("ip", "iproute2", Command::new("ip").args(arguments.split(' ')))
}

fn said(error: &StartError) -> String {
    match error {
        StartError::Run { source, .. } => source.to_string(),
        other => other.to_string(),
    }
}

fn refused(error: &StartError) -> bool {
    let said = said(error);
    said.contains("Operation not permitted") || said.contains("Not supported")
}

fn taken(error: &StartError) -> bool {
    said(error).contains("File exists")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_two_segments_share_an_address() {
        let all: std::collections::BTreeSet<_> =
            (0..SEGMENTS).flat_map(|segment| [address(segment, 1), address(segment, 2)]).collect();
        assert_eq!(all.len(), 2 * usize::from(SEGMENTS));
        assert!(all.iter().all(Ipv4Addr::is_documentation));
    }
}
