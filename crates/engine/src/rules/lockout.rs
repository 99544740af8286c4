//! What the times of a run of guesses show about a declared lockout.
//!
//! A lockout ends by time, and so may the count that leads to it. Only guesses that provably fall into one stretch of
//! the declared length break it; where the time that went by could explain them, nothing is decided. Each guess was
//! evaluated, if it was, somewhere between its begin and its answer, and every bound takes the worse of the two.

use model::{Did, Guessing, Tried};

/// A lockout as declared.
#[derive(Debug, Clone, Copy)]
pub(super) struct Lockout {
    /// Wrong guesses after which no further one is evaluated.
    pub(super) after: u32,
    /// For how long.
    pub(super) seconds: Option<u32>,
}

/// What a run shows of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Shown {
    /// It came every time, at the latest after so many evaluated guesses.
    Held(u32),
    /// It provably did not hold; how.
    Broken(String),
    /// It never came, and only so many guesses were evaluated.
    TooFew(u32),
    /// What was seen can be explained with it and without it.
    Unsure(Doubt, String),
}

/// Why nothing is decided.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Doubt {
    /// The record kept no times.
    NoTimes,
    /// The lockout, or the count that leads to it, can have ended in between.
    Elapsed,
    /// Nothing shows that the refused guesses were evaluated: no right credential opened the door soon after them.
    Unproven,
    /// The door stopped evaluating without saying so, at a guess that is not known.
    Silent,
    /// Some guesses were not answered.
    Unanswered,
    /// The door says that it opens earlier than declared; it was not tried.
    OnlySaid,
    /// The door was blocked before the first guess, by what was tried elsewhere.
    Before,
}

impl Lockout {
    /// The shortest time, in milliseconds, for which it has to hold: a second less than declared is rounding, as
    /// devices count in whole seconds. One that can be declared at all holds for some of a second.
    fn least(self) -> u64 {
        let declared = u64::from(self.seconds.unwrap_or(1).max(1)) * 1000;
        (declared - 1000).max(declared / 2)
    }

    /// Whether what lies between these two moments took provably less time than the lockout has to hold.
    fn is_within(self, began: u64, ended: u64) -> bool {
        // Both are cut to whole milliseconds.
        ended.saturating_sub(began) + 1 < self.least()
    }

    fn text(self) -> String {
        match self.seconds {
            Some(seconds) => format!("declared lockout after {} for {seconds} s", self.after),
            None => format!("declared lockout after {}", self.after),
        }
    }

    /// A wrong guess that was evaluated while the door was blocked, because it claimed to come from elsewhere.
    pub(super) fn passed_by_a_claim(self, run: &Guessing) -> Option<String> {
        let claims = run.tries.iter().filter(|one| one.forwarded && one.did == Did::Refused);
        claims.into_iter().find_map(|claim| {
            let before = |one: &&Tried| one.did == Did::Blocked && !one.forwarded && !one.second_source && one.ended <= claim.began;
            let block = run.tries.iter().rfind(before)?;
            let said = block.blocked_millis.unwrap_or(0).saturating_sub(1000);
            let holds = said.max(self.seconds.map_or(0, |_| self.least()));
            (claim.ended.saturating_sub(block.began) + 1 < holds).then(|| {
                let millis = claim.ended - block.began;
                format!("evaluates a guess {millis} ms after it blocked, where the guess claims another source (X-Forwarded-For)")
            })
        })
    }

    /// What a run shows. `tells` says whether this door was seen to say that it blocks: then what it refuses it has
    /// evaluated.
    pub(super) fn shown(self, run: &Guessing, tells: bool) -> Shown {
        if run.tries.is_empty() {
            return self.shown_without_times(run);
        }
        let side_by_side = run.parallel > 1;
        let parts = parts(&run.tries);
        let broken = parts.iter().find_map(|part| {
            self.too_many(part, tells, side_by_side).or_else(|| self.too_short(part, side_by_side))
        });
        if let Some(text) = broken {
            return Shown::Broken(text);
        }
        let stretches: Vec<Stretch> = parts.iter().flat_map(|part| part.stretches(side_by_side)).collect();
        let refused = stretches.iter().map(|one| one.refused).max().unwrap_or(0);
        let perhaps = stretches.iter().map(|one| one.refused + one.unanswered).max().unwrap_or(0);
        if refused > self.after {
            return unsure_of(refused, run, tells, parts.iter().any(|part| part.shut.is_some()));
        }
        if perhaps > self.after {
            let text = format!("{} of {perhaps} guesses were not answered", perhaps - refused);
            return Shown::Unsure(Doubt::Unanswered, text);
        }
        let has_blocked = parts.iter().any(|part| part.shut.is_some() || part.came_to_a_block(side_by_side));
        if refused == 0 && !has_blocked {
            return Shown::Unsure(Doubt::Before, "was blocked before the first guess".to_owned());
        }
        if parts.iter().any(|part| self.has_only_closed(part)) {
            let text = "a connection was refused, and one soon after it was not";
            return Shown::Unsure(Doubt::Unanswered, text.to_owned());
        }
        if let Some(text) = parts.iter().find_map(|part| self.said_short(part, side_by_side)) {
            return Shown::Unsure(Doubt::OnlySaid, text);
        }
        if has_blocked { Shown::Held(refused) } else { Shown::TooFew(refused) }
    }

    fn shown_without_times(self, run: &Guessing) -> Shown {
        let is_short = self.seconds.is_some() && run.blocked_millis.is_some_and(|millis| millis < self.least());
        match run.blocked_after {
            Some(0) => Shown::Unsure(Doubt::Before, "was blocked before the first guess".to_owned()),
            Some(after) if after <= self.after && !is_short => Shown::Held(after),
            None if run.evaluated <= self.after => Shown::TooFew(run.evaluated),
            _ => Shown::Unsure(Doubt::NoTimes, "the record kept no time of each guess".to_owned()),
        }
    }

    /// More guesses than declared, evaluated within the time for which the lockout would have had to hold.
    fn too_many(self, part: &Part<'_>, tells: bool, side_by_side: bool) -> Option<String> {
        let more = usize::try_from(self.after).ok()?.checked_add(1)?;
        let sessions = if side_by_side { " in sessions side by side" } else { "" };
        let refused: Vec<&Tried> = part.wrong().filter(|one| one.did == Did::Refused).collect();
        let evaluated = refused.iter().enumerate().find_map(|(at, first)| {
            let began = first.began;
            // Side by side the answers have an order of their own: those that came first are enough.
            let mut ends: Vec<u64> = refused[at..].iter().map(|one| one.ended).collect();
            ends.sort_unstable();
            let ended = *ends.get(more - 1)?;
            (tells && self.is_within(began, ended)).then(|| {
                let millis = ended - began;
                format!("evaluated {more} wrong guesses within {millis} ms{sessions}, {}", self.text())
            })
        });
        evaluated.or_else(|| {
            // A door that blocks without a word: the right credential was taken before and behind all of them, and a
            // block that began with any of them would still have held.
            let (opened, began) = (part.opened.filter(|_| part.follows_login)?, refused.first()?.began);
            let count = refused.len();
            (count >= more && self.is_within(began, opened.ended)).then(|| {
                let millis = opened.ended - began;
                format!(
                    "evaluated {count} wrong guesses{sessions} and then the right one within {millis} ms, {}",
                    self.text()
                )
            })
        })
    }

    /// Evaluating again before the declared time is over, counted from the earliest moment the block can have begun.
    fn too_short(self, part: &Part<'_>, side_by_side: bool) -> Option<String> {
        self.seconds?;
        part.blocks(side_by_side).find_map(|(at, since)| {
            // Side by side, a refusal may belong to a guess that was evaluated before the block.
            let tells = !side_by_side && part.tries[at].did == Did::Blocked;
            let next =
                part.after(at).find(|one| one.did == Did::LetIn || (tells && is_guess(one, Did::Refused)))?;
            self.is_within(since, next.ended).then(|| {
                format!("evaluates again at most {} ms after it blocked, {}", next.ended - since, self.text())
            })
        })
    }

    /// What a door says is left of a block is less than declared, although the rest had hardly begun.
    fn said_short(self, part: &Part<'_>, side_by_side: bool) -> Option<String> {
        self.seconds?;
        part.blocks(side_by_side).find_map(|(at, since)| {
            let block = part.tries[at];
            let says = block.blocked_millis?;
            // What is left is told in whole seconds, rounded to either side.
            let until = block.ended.saturating_add(says).saturating_add(1000);
            let is_refuted = part.after(at).any(|one| one.began >= until);
            (self.is_within(since, until) && !is_refuted)
                .then(|| format!("says that it blocks for {says} ms more, {}", self.text()))
        })
    }

    /// A connection that was refused is no block where the right credential was taken soon after it.
    fn has_only_closed(self, part: &Part<'_>) -> bool {
        let said = part.tries.iter().any(|one| one.did == Did::Blocked);
        let closed = part.tries.iter().find(|one| is_guess(one, Did::Closed));
        let opened = part.opened.zip(closed).is_some_and(|(opened, one)| self.is_within(one.began, opened.ended));
        !said && opened
    }
}

fn unsure_of(refused: u32, run: &Guessing, tells: bool, is_shut: bool) -> Shown {
    let (doubt, text) = if is_shut {
        (Doubt::Silent, format!("stopped evaluating without saying so, at one of {refused} guesses"))
    } else if !tells && !opened_after(run) {
        (Doubt::Unproven, format!("refused {refused} guesses; that it evaluated them was not shown"))
    } else {
        (
            Doubt::Elapsed,
            format!("evaluated {refused} guesses, but so slowly that a lockout can have ended meanwhile"),
        )
    };
    Shown::Unsure(doubt, text)
}

/// Whether a door was seen to say that it blocks.
pub(super) fn tells_blocks(run: &Guessing) -> bool {
    run.tries.iter().any(|one| is_guess(one, Did::Blocked))
}

/// Whether the right credential was taken after the last guess, so that what was refused had been evaluated.
pub(super) fn opened_after(run: &Guessing) -> bool {
    run.tries
        .iter()
        .rev()
        .filter(|one| !one.second_source)
        .take_while(|one| one.right)
        .any(|one| one.did == Did::LetIn)
}

fn is_guess(one: &Tried, did: Did) -> bool {
    !one.right && one.did == did
}

/// What lies between two logins with the right credential, which clear the count.
#[derive(Default)]
struct Part<'a> {
    tries: Vec<&'a Tried>,
    /// Whether a login begins it, so that nothing was blocked then.
    follows_login: bool,
    /// The login that ends it.
    opened: Option<&'a Tried>,
    /// Where the right credential was refused, although it had been taken before: a block without a word.
    shut: Option<usize>,
}

#[derive(Debug, Clone, Copy, Default)]
struct Stretch {
    refused: u32,
    unanswered: u32,
}

fn parts(tries: &[Tried]) -> Vec<Part<'_>> {
    // What was tried for another account is no guess at this one, and a claimed source is looked at for itself.
    let mut ordered: Vec<&Tried> = tries.iter().filter(|one| !one.other_account && !one.forwarded).collect();
    ordered.sort_by_key(|one| (one.began, one.ended));
    let mut parts = Vec::new();
    let mut part = Part::default();
    for one in ordered {
        if one.second_source {
            // A login from there may clear the count of this source too, and says nothing of whether it is blocked.
            if one.did == Did::LetIn {
                parts.push(std::mem::take(&mut part));
            }
            continue;
        }
        if one.did == Did::LetIn {
            part.opened = Some(one);
            parts.push(std::mem::take(&mut part));
            part.follows_login = true;
            continue;
        }
        if one.right && one.did == Did::Refused && part.follows_login && part.shut.is_none() {
            part.shut = Some(part.tries.len());
        }
        part.tries.push(one);
    }
    parts.push(part);
    parts
}

impl<'a> Part<'a> {
    fn wrong(&self) -> impl Iterator<Item = &'a Tried> + '_ {
        self.tries.iter().copied().filter(|one| !one.right)
    }

    /// What followed on this, the login at the end included.
    fn after(&self, at: usize) -> impl Iterator<Item = &'a Tried> + '_ {
        self.tries.iter().skip(at + 1).copied().chain(self.opened)
    }

    /// Where a block showed, and the earliest moment at which it can have begun: one after the other, that is with the
    /// last guess that was evaluated; side by side, or without a word, with any guess of the part.
    fn blocks(&self, side_by_side: bool) -> impl Iterator<Item = (usize, u64)> + '_ {
        let first = self.wrong().map(|one| one.began).min();
        let told = self.tries.iter().enumerate().filter(|(_, one)| one.did == Did::Blocked);
        let told = told.filter_map(move |(at, _)| {
            let before = || self.tries[..at].iter().rev().find(|one| is_guess(one, Did::Refused));
            let since = if side_by_side { first } else { before().map(|one| one.began) };
            Some((at, since?))
        });
        told.chain(self.shut.and_then(|at| Some((at, first?))))
    }

    /// Whether a block came while this was measured: one that was there before says nothing.
    fn came_to_a_block(&self, side_by_side: bool) -> bool {
        let stops = |one: &Tried| one.did == Did::Blocked || (one.did == Did::Closed && !side_by_side);
        let refused = self.tries.iter().position(|one| is_guess(one, Did::Refused));
        let from = if self.follows_login {
            Some(0)
        } else if side_by_side {
            refused.map(|_| 0)
        } else {
            refused
        };
        from.is_some_and(|from| self.tries[from..].iter().any(|one| stops(one)))
    }

    /// Guesses in a row that met no block. Side by side there is no row, so all of them count; and a connection that
    /// ends there is no block, as many at once may be more than the door can serve.
    fn stretches(&self, side_by_side: bool) -> Vec<Stretch> {
        let mut last = Stretch::default();
        let mut stretches = Vec::new();
        for one in self.wrong() {
            match one.did {
                Did::Refused => last.refused += 1,
                Did::Nothing => last.unanswered += 1,
                Did::Closed if side_by_side => last.unanswered += 1,
                Did::Blocked | Did::Closed if !side_by_side => stretches.push(std::mem::take(&mut last)),
                Did::Blocked | Did::Closed | Did::LetIn => {}
            }
        }
        stretches.push(last);
        stretches
    }
}

#[cfg(test)]
mod tests;
