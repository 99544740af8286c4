//! `assay observe`: shows what will be sent, asks, sends it, records it.

use std::io::{BufRead, IsTerminal};
use std::time::{Duration, Instant};

use app::capture::Captured;
use app::measure::{Due, Event, PlannedStep, Selection, Standpoint};
use app::observe;

use crate::args::Observe;
use crate::exit::Exit;
use crate::failure::Failure;
use crate::output::Output;

/// Measures.
pub(crate) fn run(out: &mut Output, args: &Observe) -> Result<Exit, Failure> {
    const NOTHING: &str = "nothing was sent and nothing was recorded";
    if args.background {
        return background(out, args);
    }
    let at = Standpoint {
        place: args.place.clone().map(model::Place),
        state: args.state.as_deref().and_then(model::ProductState::named),
    };
    let ready = observe::ready_at(&args.folder, at).map_err(|e| Failure::new(e, NOTHING))?;
    if let Some(seconds) = args.capture {
        return capture(out, args, &ready, seconds);
    }
    if args.outages {
        return outages(out, args, &ready);
    }
    let due = if args.stale { Some(ready.due().map_err(|e| Failure::new(e, NOTHING))?) } else { None };
    if due.as_ref().is_some_and(Due::is_empty) {
        out.say("Nothing that a probe could renew is stale or open; `assay release status` shows what else is. Nothing was sent.");
        return Ok(Exit::Ok);
    }
    let only = Selection { probe: args.probe.clone(), target: args.target.clone(), due };
    let mut steps = ready.steps(&only);
    let found = ready.unfinished(&only).map_err(|e| Failure::new(e, NOTHING))?;
    match (found, args.resume) {
        (Ok(run), true) => {
            steps = (1..).zip(steps).filter(|(number, step)| run.takes(*number, step)).map(|(_, s)| s).collect();
            let place = &run.place;
            out.say(&format!("Going on with the run of {}: {} of {} steps stand.", place.began, run.done.len(), place.of));
        }
        (Err(why), true) => return Err(Failure::new(why, NOTHING)),
        (Ok(run), false) => out.say(&format!(
            "The run of {} was interrupted after {} of {} steps; `--resume` goes on with it. This begins another run.",
            run.place.began,
            run.done.len(),
            run.place.of,
        )),
        (Err(_), false) => {}
    }
    show(out, &format!("{}. Limits: {}.", ready.consent(), ready.limits()), &ready.targets(), &steps);
    if args.place.is_some() || args.state.is_some() {
        out.say(&format!("Measured {}.", ready.standpoint()));
    }
    if let Some(due) = &only.due {
        renews(out, due, &steps);
    }
    if args.dry_run {
        return Ok(Exit::Ok);
    }
    if only.due.as_ref().is_some_and(|due| due.here.is_empty()) {
        out.say("Nothing is due from here; nothing was sent.");
        return Ok(Exit::Ok);
    }
    if steps.iter().all(|s| s.probe == "dut.identity") && args.probe.as_deref() != Some("dut.identity") {
        out.error("no probe and target of the plan match", Some("`assay observe --dry-run` lists them"));
        return Ok(Exit::Usage);
    }
    ready.complete().map_err(|e| Failure::new(e, NOTHING))?;
    if !args.yes && !agreed(out) {
        out.error("not confirmed", Some("add --yes to measure without being asked"));
        return Ok(Exit::CouldNotRun);
    }
    let mut watch = Watch::new(out);
    let done = match args.resume {
        true => ready.resume(&only, &mut |event| watch.tell(event)),
        false => ready.run(&only, &mut |event| watch.tell(event)),
    };
    watch.done();
    let outcome = done.map_err(|e| Failure::new(e, "what was recorded before stays recorded"))?;
    let stood = match outcome.stood {
        0 => String::new(),
        stood => format!(", and {stood} of the run from before it was interrupted"),
    };
    out.say(&format!("{} records{stood}. Next: assay judge {}", outcome.records.len(), args.folder.display()));
    if let Some(captured) = &outcome.captured {
        tell_captured(out, captured);
    }
    out.clock_behind(outcome.clock_behind);
    if outcome.not_restored.is_empty() {
        return Ok(Exit::Ok);
    }
    for line in &outcome.not_restored {
        out.error(&format!("not shown to be restored: {line}"), None);
    }
    Ok(Exit::CouldNotRun)
}

/// Listens for a while and sends nothing.
fn capture(out: &mut Output, args: &Observe, ready: &observe::Ready, seconds: u32) -> Result<Exit, Failure> {
    out.say(&format!("{}. Capturing for {seconds} s; nothing is sent.", ready.consent()));
    let done = ready.listen(Duration::from_secs(seconds.into()));
    let Some(captured) = done.map_err(|e| Failure::new(e, "nothing was recorded"))? else {
        let hint = "add `[capture]` with `interface = \"eth0\"`, or with a `command`";
        out.error("bench.toml does not say how traffic is captured", Some(hint));
        return Ok(Exit::CouldNotRun);
    };
    tell_captured(out, &captured);
    if captured.why_not.is_some() {
        return Ok(Exit::CouldNotRun);
    }
    out.say(&format!("Next: assay judge {}", args.folder.display()));
    Ok(Exit::Ok)
}

/// Takes something away from the product and gives it back, by the operator's commands.
fn outages(out: &mut Output, args: &Observe, ready: &observe::Ready) -> Result<Exit, Failure> {
    const NOTHING: &str = "nothing was taken away";
    let outages = match ready.outages() {
        Ok(outages) => outages,
        Err(why) => {
            out.error(&why, Some("the guide to the product's own traffic says how an outage is made"));
            return Ok(Exit::CouldNotRun);
        }
    };
    out.say(&format!("{}. Outages, while traffic is captured:", ready.consent()));
    for line in outages.lines() {
        out.say(&format!("  {line}"));
    }
    if args.dry_run {
        return Ok(Exit::Ok);
    }
    ready.complete().map_err(|e| Failure::new(e, NOTHING))?;
    if !args.yes && !agreed(out) {
        out.error("not confirmed", Some("add --yes to go on without being asked"));
        return Ok(Exit::CouldNotRun);
    }
    let done = ready.take_away(&outages, &mut |line| out.say(line));
    let taken = done.map_err(|e| Failure::new(e, "what was recorded before stays recorded"))?;
    if let Some(captured) = &taken.captured {
        tell_captured(out, captured);
    }
    for line in &taken.not_restored {
        out.error(&format!("not shown to be restored: {line}"), None);
    }
    if let Some(why) = &taken.why_not {
        out.error(why, None);
    }
    let captured = taken.captured.is_some_and(|captured| captured.why_not.is_none());
    if !taken.not_restored.is_empty() || taken.why_not.is_some() || !captured {
        return Ok(Exit::CouldNotRun);
    }
    out.say(&format!("Next: assay judge {}", args.folder.display()));
    Ok(Exit::Ok)
}

/// What a capture came to, in a line.
pub(crate) fn tell_captured(out: &mut Output, captured: &Captured) {
    let records: Vec<String> = captured.records.iter().map(u64::to_string).collect();
    let records = records.join(", ");
    match &captured.why_not {
        None => out.say(&format!("traffic.capture    dut      traffic captured and read  (record {records})")),
        Some(why) => out.say(&format!("traffic.capture    dut      nothing captured: {why}  (record {records})")),
    }
}

/// What answers at the addresses while the product is off.
fn background(out: &mut Output, args: &Observe) -> Result<Exit, Failure> {
    const NOTHING: &str = "no background was kept";
    let failed = |e| Failure::new(e, NOTHING);
    let ready = app::background::background(&args.folder).map_err(failed)?;
    out.say("The product has to be switched off for this.");
    show(out, &format!("{}. Limits: {}.", ready.consent(), ready.limits()), &ready.targets(), ready.steps());
    if args.dry_run {
        return Ok(Exit::Ok);
    }
    ready.agreed().map_err(|e| Failure::new(e, "nothing was sent"))?;
    if !args.yes && !agreed(out) {
        out.error("not confirmed", Some("add --yes to measure without being asked"));
        return Ok(Exit::CouldNotRun);
    }
    for (target, ports) in ready.run().map_err(failed)? {
        out.say(&format!("{target}: {} ports answer while the product is off", ports.len()));
    }
    Ok(Exit::Ok)
}

/// What will be sent: agreement and limits, addresses, steps.
fn show(out: &mut Output, terms: &str, targets: &[String], steps: &[PlannedStep]) {
    out.say(terms);
    for target in targets {
        out.say(&format!("  target {target}"));
    }
    for step in steps {
        let skipped = step.not_taken.as_deref().map_or(String::new(), |why| format!("  (not taken: {why})"));
        out.data(&format!(
            "{:<18} {:<10} {:<10} {}{skipped}\n",
            step.probe,
            step.named(),
            step.touches,
            step.asks
        ));
    }
}

/// What each step renews and why.
fn renews(out: &mut Output, due: &Due, steps: &[PlannedStep]) {
    const SHOWN: usize = 3;
    let planned = |name: &(String, String)| steps.iter().any(|s| s.probe == name.0 && s.target == name.1);
    for ((probe, target), lines) in due.here.iter().filter(|(name, _)| planned(name)) {
        out.say(&format!("{probe} on {target} renews:"));
        for line in lines.iter().take(SHOWN) {
            out.say(&format!("  {}", app::release::visible(line)));
        }
        if lines.len() > SHOWN {
            out.say(&format!("  and {} more", lines.len() - SHOWN));
        }
    }
    for one in &due.elsewhere {
        let ((probe, target), place, state) = (&one.step, &one.place, one.state);
        let why = match one.stale_since {
            Some(since) => format!("stale since {}", since.date()),
            None => "measured of an earlier release alone".to_owned(),
        };
        let renew = format!("assay observe --stale --place {place} --state {state}");
        let line = format!("Not from here: {probe} on {target} from {place} in {state}, {why}: {renew}");
        out.say(&app::release::visible(&line));
    }
}

fn agreed(out: &mut Output) -> bool {
    if !std::io::stdin().is_terminal() {
        return false;
    }
    out.say("Send this now? [y/N]");
    let mut line = String::new();
    std::io::stdin().lock().read_line(&mut line).is_ok() && matches!(line.trim(), "y" | "Y" | "yes")
}

/// Shows how a run goes on: a line that moves on a terminal, a line per step elsewhere.
pub(crate) struct Watch<'a> {
    out: &'a mut Output,
    now: String,
    began: Instant,
}

impl<'a> Watch<'a> {
    /// Watches, writing to these streams.
    pub(crate) fn new(out: &'a mut Output) -> Self {
        Self { out, now: String::new(), began: Instant::now() }
    }

    /// Takes one event.
    pub(crate) fn tell(&mut self, event: Event) {
        match event {
            Event::Stands(place, state) => self.out.say(&format!("From {place}, the product {state}:")),
            Event::Begins(number, of, step) => {
                self.now = format!("[{number}/{of}] {} on {}", step.probe, step.named());
                self.began = Instant::now();
                self.out.progress(&self.now);
            }
            Event::Progress(done, of) => {
                let left = match done {
                    0 => String::new(),
                    _ => {
                        let each = self.began.elapsed() / u32::try_from(done).unwrap_or(u32::MAX);
                        let left = each * u32::try_from(of.saturating_sub(done)).unwrap_or(u32::MAX);
                        format!(", about {} left", seconds(left))
                    }
                };
                self.out.progress(&format!("{} {done}/{of}{left}", self.now));
            }
            Event::Ended { step, facts, shortfalls, millis, record } => {
                self.out.progress_done();
                let missed = if shortfalls == 0 { String::new() } else { format!(", {shortfalls} not looked at") };
                self.out.say(&format!(
                    "{:<18} {:<8} {:>7}  {facts} facts{missed}  (record {record})",
                    step.probe,
                    step.named(),
                    seconds(Duration::from_millis(millis)),
                ));
            }
        }
    }

    /// Ends the line that moves.
    pub(crate) fn done(&mut self) {
        self.out.progress_done();
    }
}

fn seconds(time: Duration) -> String {
    format!("{:.1} s", time.as_secs_f64())
}
