//! Guessing at one door, one guess after the other, and showing at the end that it opens again.

use std::time::Duration;

use model::AuthScheme;

use super::super::door::{Control, Guess, Knock, control, knock, wrong_secret};
use super::around;
use super::elsewhere;
use super::side_by_side::{self, reserve};
use super::{AcrossLog, Before, DoorLog, Parameters, Span, Spans, Target, Timed};
use crate::{Bench, Secret};

/// Longer than a door says, so that its clock and ours may differ a little.
const GRACE_MILLIS: u64 = 250;
/// The first wait for the end of a block that does not say its length; each further one is twice as long.
const FIRST_WAIT_MILLIS: u64 = 2000;
/// How often a door that is blocked at first is begun with.
const MOST_BEGINNINGS: u32 = 3;

pub(super) fn at_door(target: &Target, parameters: &Parameters, bench: &mut dyn Bench) -> DoorLog {
    let log = DoorLog {
        door: target.door.clone(),
        before: Vec::new(),
        control: Control::none(),
        opened: None,
        guesses: Vec::new(),
        other: None,
        forwarded: None,
        across: Vec::new(),
        elsewhere: None,
        millis: 0,
        shut: None,
        recovered: None,
        spans: None,
        together: None,
        around: None,
    };
    let allowed = parameters.guesses.min(bench.allowance(&target.door.name()));
    // What a login of another account clears is looked for last, with as much as is kept back for it.
    let kept = if target.other.is_some() { around::MOST.min(allowed / 3) } else { 0 };
    let left = allowed - kept;
    let most = left - reserve(left, parameters.parallel);
    let began = bench.elapsed_millis();
    let mut run = Run { target, parameters, began, used: 0, most, log, spans: Spans::default() };
    run.open(bench);
    run.one_by_one(bench);
    run.log.millis = run.now(bench);
    let last = run.log.last_guess().clone();
    let End { shut, recovered } = run.show_that_it_opens(&last, bench);
    run.log.shut = shut;
    run.spans.recovered = recovered.as_ref().map(|(_, timed)| timed.span);
    run.log.recovered = recovered.map(|(waited, timed)| (waited, timed.knock));
    run.most = left;
    run.log.together = Some(side_by_side::guess(&mut run, bench));
    run.most = allowed;
    let around = around::guess(&mut run, bench);
    DoorLog { spans: Some(run.spans), around, ..run.log }
}

/// A measurement of a door in progress.
pub(super) struct Run<'a> {
    pub(super) target: &'a Target,
    pub(super) parameters: &'a Parameters,
    began: u64,
    /// Wrong credentials given.
    used: u32,
    /// Wrong credentials that may be given by now.
    most: u32,
    pub(super) log: DoorLog,
    spans: Spans,
}

/// What the right credential showed behind a run of guesses.
pub(super) struct End {
    pub(super) shut: Option<Timed>,
    pub(super) recovered: Option<(u64, Timed)>,
}

impl<'a> Run<'a> {
    pub(super) fn now(&self, bench: &dyn Bench) -> u64 {
        bench.elapsed_millis() - self.began
    }

    /// How many wrong credentials may still be given.
    pub(super) fn left(&self) -> u32 {
        self.most.saturating_sub(self.used)
    }

    /// Takes a wrong credential from the allowance.
    pub(super) fn spend(&mut self, bench: &mut dyn Bench) -> bool {
        let may = self.left() > 0 && bench.attempt(&self.target.door.name());
        self.used += u32::from(may);
        may
    }

    pub(super) fn right(&self) -> Option<Guess<'a>> {
        let secret = self.target.secret.as_ref()?;
        Some(Guess { user: &self.target.user, secret, hidden: true, forwarded: None })
    }

    /// A value that nobody has, for the account that is measured.
    pub(super) fn wrong<'s>(&self, secret: &'s Secret) -> Guess<'s>
    where
        'a: 's,
    {
        Guess { user: &self.target.user, secret, hidden: false, forwarded: None }
    }

    pub(super) fn knock(&self, guess: Guess<'_>, bench: &mut dyn Bench) -> Timed {
        let began = self.now(bench);
        let knock = knock(&self.target.door, guess, &self.log.control, bench);
        Timed { span: (began, self.now(bench)), knock }
    }

    /// A surely wrong credential, then the right one.
    fn open(&mut self, bench: &mut dyn Bench) {
        let mut may = self.spend(bench);
        for beginning in 1.. {
            let span = self.take_control(may, bench);
            // What other measurements left behind says nothing of this door's count.
            may = beginning < MOST_BEGINNINGS && self.waits_for_an_old_block(bench) && self.spend(bench);
            if !may {
                break;
            }
            let timed = Timed { span, knock: self.log.control.knock.clone() };
            self.log.before.push(Before { right: false, timed });
            if let Some(right) = self.right() {
                let timed = self.knock(right, bench);
                self.log.before.push(Before { right: true, timed });
            }
        }
        let is_told =
            !matches!(self.log.control.knock, Knock::Open(_) | Knock::Accepted(_) | Knock::Blocked { .. });
        if let Some(right) = self.right().filter(|_| is_told) {
            let Timed { span, knock } = self.knock(right, bench);
            if matches!(knock, Knock::Accepted(_)) {
                self.log.control.is_now_told_apart();
            }
            self.spans.opened = Some(span);
            self.log.opened = Some(knock);
        }
    }

    fn take_control(&mut self, may: bool, bench: &mut dyn Bench) -> Span {
        let began = self.now(bench);
        if may {
            self.log.control = control(&self.target.door, &self.target.user, bench);
        }
        self.spans.control = (began, self.now(bench));
        self.spans.control
    }

    fn waits_for_an_old_block(&self, bench: &mut dyn Bench) -> bool {
        let Knock::Blocked { millis, .. } = &self.log.control.knock else { return false };
        let millis = millis.unwrap_or(FIRST_WAIT_MILLIS);
        millis <= self.patience() && pause(millis + GRACE_MILLIS, bench)
    }

    fn one_by_one(&mut self, bench: &mut dyn Bench) {
        let mut goes_on = self.log.is_refusal(&self.log.control.knock);
        let mut waited = false;
        while goes_on && self.spend(bench) {
            let secret = wrong_secret(bench);
            let Timed { span, knock } = self.knock(self.wrong(&secret), bench);
            goes_on = self.log.is_refusal(&knock);
            let block = knock.block_millis();
            if matches!(knock, Knock::Blocked { .. }) && !waited {
                self.claim_another_source(bench);
                self.try_other_doors(bench);
                self.try_another_account(bench);
            }
            if !goes_on && !waited {
                self.log.elsewhere = elsewhere::guess(self, &knock, bench);
            }
            self.spans.guesses.push(span);
            self.log.guesses.push((span.1, knock));
            // What a block lets through once it is over says more than the first block does; it is waited for once.
            if let Some(block) = block.filter(|_| !waited && self.left() > 0) {
                waited = true;
                let since = self.now(bench) - span.1;
                goes_on = block <= self.patience() && pause((block + GRACE_MILLIS).saturating_sub(since), bench);
            }
        }
    }

    /// Whether a block is passed by claiming to come from elsewhere, by way of a proxy.
    fn claim_another_source(&mut self, bench: &mut dyn Bench) {
        let is_web = matches!(
            self.target.door.scheme,
            AuthScheme::HttpBasic | AuthScheme::HttpDigest | AuthScheme::HttpForm | AuthScheme::HttpJson
        );
        if !is_web || self.left() < 6 || !self.spend(bench) {
            return;
        }
        let mut random = [0; 2];
        bench.random(&mut random);
        let (from, secret) = (format!("10.{}.{}.7", random[0], random[1]), wrong_secret(bench));
        let guess = Guess { forwarded: Some(&from), ..self.wrong(&secret) };
        self.log.forwarded = Some(self.knock(guess, bench));
    }

    /// Whether other doors for the same credential are blocked as well.
    fn try_other_doors(&mut self, bench: &mut dyn Bench) {
        for door in &self.target.doors {
            if !bench.attempt(&door.name()) {
                continue;
            }
            let began = self.now(bench);
            let knock = control(door, &self.target.user, bench).knock;
            let timed = Timed { span: (began, self.now(bench)), knock };
            self.log.across.push(AcrossLog { door: door.clone(), timed });
        }
    }

    /// Whether a block meets other accounts too.
    fn try_another_account(&mut self, bench: &mut dyn Bench) {
        if self.left() < 3 || !self.spend(bench) {
            return;
        }
        let mut random = [0; 4];
        bench.random(&mut random);
        let (user, secret) = (format!("not-{}", hex::encode(random)), wrong_secret(bench));
        self.log.other =
            Some(self.knock(Guess { user: &user, secret: &secret, hidden: false, forwarded: None }, bench));
    }

    fn patience(&self) -> u64 {
        u64::from(self.parameters.recover_seconds) * 1000
    }

    /// The right secret behind the last guess: at once where nothing showed a block, else when the block is over.
    pub(super) fn show_that_it_opens(&self, last: &Knock, bench: &mut dyn Bench) -> End {
        let Some(right) = self.right() else { return End { shut: None, recovered: None } };
        if !self.log.is_refusal(last) {
            let is_block = matches!(last, Knock::Blocked { .. } | Knock::NoAnswer { .. });
            let recovered = if is_block { self.wait_for_the_end(right, last.block_millis(), bench) } else { None };
            return End { shut: None, recovered };
        }
        let now = self.knock(right, bench);
        let is_refused = matches!(now.knock, Knock::Rejected(_) | Knock::Blocked { .. });
        if !self.log.has_opened() || !is_refused {
            return End { shut: None, recovered: Some((0, now)) };
        }
        let recovered = self.wait_for_the_end(right, now.knock.block_millis(), bench);
        End { shut: Some(now), recovered }
    }

    /// Waits for a block to end and shows it with the right secret, which guesses nothing. None where the block is
    /// longer than there is patience, or the run ends before.
    fn wait_for_the_end(
        &self,
        right: Guess<'_>,
        says: Option<u64>,
        bench: &mut dyn Bench,
    ) -> Option<(u64, Timed)> {
        let most = self.patience();
        let mut found = None;
        let (mut waited, mut wait) = match says {
            Some(millis) if millis > most => return None,
            Some(millis) => (0, millis + GRACE_MILLIS),
            None => (0, FIRST_WAIT_MILLIS.min(most)),
        };
        while wait > 0 && pause(wait, bench) {
            waited += wait;
            let now = self.knock(right, bench);
            let left = most.saturating_sub(waited);
            let is_over = matches!(now.knock, Knock::Accepted(_));
            let says = now.knock.block_millis();
            found = Some((waited, now));
            wait = match says {
                _ if is_over => 0,
                Some(millis) if millis > left => 0,
                Some(millis) => (millis + GRACE_MILLIS).max(2 * wait).min(left),
                None => (2 * wait).min(left),
            };
        }
        found
    }
}

fn pause(millis: u64, bench: &mut dyn Bench) -> bool {
    bench.pause(Duration::from_millis(millis))
}
