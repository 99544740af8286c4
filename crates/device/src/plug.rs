//! The device itself, as its services share it.

use std::net::IpAddr;
use std::sync::Mutex;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::thread;
use std::time::{Duration, Instant};

use crate::accounts::{Credential, Role};
use crate::crew::lock;
use crate::fault_set::FaultSet;
use crate::faults::Fault;
use crate::gate::{self, Gate};
use crate::label::{Label, Secrets};
use crate::sessions::Sessions;
use crate::settings::Settings;
use crate::uplink::updater::Updater;

/// How much later than it looks the weakness counts: as long as a small flash takes to be written.
const LATE: Duration = Duration::from_millis(100);

/// One plug.
pub(crate) struct Plug {
    pub(crate) address: IpAddr,
    pub(crate) faults: FaultSet,
    pub(crate) label: Label,
    pub(crate) secrets: Secrets,
    pub(crate) settings: Mutex<Settings>,
    pub(crate) sessions: Mutex<Sessions>,
    pub(crate) updater: Updater,
    gate: Mutex<Gate>,
    sick_until: Mutex<Option<Instant>>,
    /// The ticket that the next change of the timer has to show.
    pub(crate) ticket: Mutex<Option<String>>,
    restarting: AtomicBool,
    restarts: AtomicU64,
}

/// Why a login did not succeed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Denied {
    /// Name or password is wrong; which one is not told.
    Wrong,
    /// Too many wrong logins: not even looked at.
    Wait(Duration),
}

impl Denied {
    /// Whole seconds to wait, never zero.
    pub(crate) fn seconds(wait: Duration) -> u64 {
        wait.as_millis().div_ceil(1000).max(1) as u64
    }
}

impl Plug {
    pub(crate) fn new(
        address: IpAddr,
        faults: FaultSet,
        label: Label,
        secrets: Secrets,
        updater: Updater,
    ) -> Self {
        Self {
            address,
            settings: Mutex::new(Settings::in_use(&label, &secrets)),
            faults,
            label,
            secrets,
            updater,
            sessions: Mutex::default(),
            gate: Mutex::default(),
            sick_until: Mutex::default(),
            ticket: Mutex::default(),
            restarting: AtomicBool::new(false),
            restarts: AtomicU64::new(0),
        }
    }

    /// Begins, or ends, to be switched off and on all the time, as far as its connections to the service go.
    pub(crate) fn set_restarting(&self, restarting: bool) {
        self.restarting.store(restarting, Ordering::Release);
        self.restarts.fetch_add(u64::from(restarting), Ordering::AcqRel);
    }

    pub(crate) fn is_restarting(&self) -> bool {
        self.restarting.load(Ordering::Acquire)
    }

    /// How often that has begun.
    pub(crate) fn restarts(&self) -> u64 {
        self.restarts.load(Ordering::Acquire)
    }

    pub(crate) fn has(&self, fault: Fault) -> bool {
        self.faults.has(fault)
    }

    /// Checks a name and password, within the limits on wrong logins.
    pub(crate) fn sign_in(
        &self,
        source: IpAddr,
        wrong_here: &mut u32,
        user: &str,
        password: &str,
    ) -> Result<Role, Denied> {
        self.attempt(source, wrong_here, user, || self.role_of(user, password))
    }

    /// Runs a check of a credential within the limits; `wrong_here` counts the wrong ones of one connection.
    pub(crate) fn attempt(
        &self,
        source: IpAddr,
        wrong_here: &mut u32,
        user: &str,
        check: impl FnOnce() -> Option<Role>,
    ) -> Result<Role, Denied> {
        let late = self.has(Fault::LockoutRaced);
        let counted = !self.has(Fault::NoLockout) && !self.has(Fault::LockoutPerConnection);
        if counted && late {
            lock(&self.gate).look(source, Instant::now()).map_err(Denied::Wait)?;
        } else if counted {
            let admitted = lock(&self.gate).admit(source, user, Instant::now());
            admitted.map_err(Denied::Wait)?;
        } else if self.has(Fault::LockoutPerConnection)
            && let Some(wait) = gate::wait_of_connection(*wrong_here)
        {
            return Err(Denied::Wait(wait));
        }
        let Some(role) = check() else {
            *wrong_here += 1;
            if counted && late {
                thread::sleep(LATE);
                lock(&self.gate).count_late(source, user, Instant::now());
            }
            return Err(Denied::Wrong);
        };
        *wrong_here = 0;
        if counted {
            let any_account = self.has(Fault::LockoutResetByAnyLogin);
            lock(&self.gate).succeeded(source, user, any_account);
        }
        Ok(role)
    }

    fn role_of(&self, user: &str, password: &str) -> Option<Role> {
        let from_serial = self.label.password_from_serial();
        let extra = [
            (Fault::PasswordDefault, "admin", "admin"),
            (Fault::BackdoorAccount, "support", "support"),
            (Fault::PasswordFromSerial, "admin", from_serial.as_str()),
            (Fault::LoginEmptyPassword, "admin", ""),
        ];
        let (admin, guest) = self.credentials();
        // Both are always computed, so the time does not tell which names exist.
        let is_admin = admin.matches(user, password);
        let is_guest = guest.matches(user, password);
        let by_fault =
            extra.iter().any(|(fault, name, value)| self.has(*fault) && user == *name && password == *value);
        if is_admin || by_fault { Some(Role::Admin) } else { is_guest.then_some(Role::Guest) }
    }

    /// Copies, so that slow password checks do not hold up everything else.
    pub(crate) fn credentials(&self) -> (Credential, Credential) {
        let settings = lock(&self.settings);
        (settings.admin.clone(), settings.guest.clone())
    }

    /// The web service has crashed and needs a second to come back.
    pub(crate) fn fall_sick(&self) {
        *lock(&self.sick_until) = Some(Instant::now() + Duration::from_secs(1));
    }

    pub(crate) fn is_sick(&self) -> bool {
        lock(&self.sick_until).is_some_and(|until| Instant::now() < until)
    }
}
