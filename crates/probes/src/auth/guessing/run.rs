//! Guessing at one door, one guess after the other, and showing at the end that it opens again.

use std::time::Duration;

use super::super::door::{Control, Guess, Knock, control, knock, wrong_secret};
use super::{DoorLog, Parameters, Spans, Target, Timed};
use crate::Bench;

/// Longer than a door says, so that its clock and ours may differ a little.
const GRACE_MILLIS: u64 = 250;
/// The first wait for the end of a block that does not say its length; each further one is twice as long.
const FIRST_WAIT_MILLIS: u64 = 2000;

pub(super) fn at_door(target: &Target, parameters: &Parameters, bench: &mut dyn Bench) -> DoorLog {
    let log = DoorLog {
        door: target.door.clone(),
        control: Control::none(),
        opened: None,
        guesses: Vec::new(),
        millis: 0,
        shut: None,
        recovered: None,
        spans: None,
    };
    let mut run = Run { target, parameters, began: bench.elapsed_millis(), log, spans: Spans::default() };
    run.open(bench);
    run.one_by_one(bench);
    run.log.millis = run.now(bench);
    run.show_that_it_opens(bench);
    DoorLog { spans: Some(run.spans), ..run.log }
}

struct Run<'a> {
    target: &'a Target,
    parameters: &'a Parameters,
    began: u64,
    log: DoorLog,
    spans: Spans,
}

impl<'a> Run<'a> {
    fn now(&self, bench: &dyn Bench) -> u64 {
        bench.elapsed_millis() - self.began
    }

    fn right(&self) -> Option<Guess<'a>> {
        let secret = self.target.secret.as_ref()?;
        Some(Guess { user: &self.target.user, secret, hidden: true })
    }

    fn knock(&self, guess: Guess<'_>, bench: &mut dyn Bench) -> Timed {
        let began = self.now(bench);
        let knock = knock(&self.target.door, guess, &self.log.control, bench);
        Timed { span: (began, self.now(bench)), knock }
    }

    /// A surely wrong credential, then the right one.
    fn open(&mut self, bench: &mut dyn Bench) {
        let door = &self.target.door;
        let began = self.now(bench);
        if bench.attempt(&door.name()) {
            self.log.control = control(door, &self.target.user, bench);
        }
        self.spans.control = (began, self.now(bench));
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

    fn one_by_one(&mut self, bench: &mut dyn Bench) {
        let most = self.parameters.guesses;
        let mut goes_on = self.log.is_refusal(&self.log.control.knock);
        let mut waited = false;
        let mut made = 1;
        while goes_on && made < most && bench.attempt(&self.target.door.name()) {
            let secret = wrong_secret(bench);
            let wrong = Guess { user: &self.target.user, secret: &secret, hidden: false };
            let Timed { span, knock } = self.knock(wrong, bench);
            goes_on = self.log.is_refusal(&knock);
            let block = knock.block_millis();
            self.spans.guesses.push(span);
            self.log.guesses.push((span.1, knock));
            made += 1;
            // What a block lets through once it is over says more than the first block does; it is waited for once.
            if let Some(block) = block.filter(|_| !waited && made < most) {
                waited = true;
                goes_on = block <= self.patience() && pause(block + GRACE_MILLIS, bench);
            }
        }
    }

    fn patience(&self) -> u64 {
        u64::from(self.parameters.recover_seconds) * 1000
    }

    /// The right secret at the end: at once where nothing showed a block, else when the block is over.
    fn show_that_it_opens(&mut self, bench: &mut dyn Bench) {
        let Some(right) = self.right() else { return };
        let last = self.log.last_guess().clone();
        if !self.log.is_refusal(&last) {
            let is_block = matches!(last, Knock::Blocked { .. } | Knock::NoAnswer { .. });
            let ended = if is_block { self.wait_for_the_end(right, last.block_millis(), bench) } else { None };
            return self.keep_recovered(ended);
        }
        let now = self.knock(right, bench);
        let is_refused = matches!(now.knock, Knock::Rejected(_) | Knock::Blocked { .. });
        if !self.log.has_opened() || !is_refused {
            return self.keep_recovered(Some((0, now)));
        }
        let block = now.knock.block_millis();
        self.log.shut = Some(now);
        let ended = self.wait_for_the_end(right, block, bench);
        self.keep_recovered(ended);
    }

    fn keep_recovered(&mut self, ended: Option<(u64, Timed)>) {
        self.spans.recovered = ended.as_ref().map(|(_, timed)| timed.span);
        self.log.recovered = ended.map(|(waited, timed)| (waited, timed.knock));
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
