//! `assay tasks`: what is to be done, by whom and by when.

use std::fmt::Write as _;

use app::tasks::{self, Listed, Own, TasksError, Told};
use model::Timestamp;
use serde_json::{Value, json};

use crate::args::tasks::{Tasks, TasksAdd, TasksCommand, TasksList};
use crate::exit::Exit;
use crate::failure::Failure;
use crate::output::Output;

/// Lines of a criterion that are told beside a task.
const CRITERIA: usize = 3;

/// Does what the subcommand says.
pub(crate) fn run(out: &mut Output, args: &Tasks) -> Result<Exit, Failure> {
    let now = app::now();
    let failed = |e: TasksError| Failure::new(e, "nothing was recorded");
    let (recorded, listed) = match &args.command {
        TasksCommand::List(list) => return show(out, list),
        TasksCommand::Record(record) => tasks::record(&record.folder, now).map_err(failed)?,
        TasksCommand::Add(add) => tasks::add(&add.folder, &own(add)?, now).map_err(failed)?,
        TasksCommand::Assign(to) => {
            let task = tasks::TaskId::from_text(&to.task);
            tasks::assign(&to.folder, &task, to.to.as_deref(), &to.by, now).map_err(failed)?
        }
        TasksCommand::Done(done) => {
            let task = tasks::TaskId::from_text(&done.task);
            tasks::done(&done.folder, &task, &done.because, &done.by, now).map_err(failed)?
        }
    };
    match recorded {
        Some(seq) => out.say(&format!("recorded as number {seq}: {}", counted(&listed))),
        None => out.say(&format!("nothing is new: {}", counted(&listed))),
    }
    Ok(Exit::Ok)
}

fn own(args: &TasksAdd) -> Result<Own, Failure> {
    let due = args.due.as_deref().map(Timestamp::parse).transpose();
    let due = due.map_err(|e| {
        Failure::new(std::io::Error::other(format!("read the date of `--due`: {e}")), "nothing was recorded")
    })?;
    Ok(Own { title: args.title.clone(), criterion: args.done_when.clone(), due, by: args.by.clone() })
}

fn counted(listed: &Listed) -> String {
    let open = listed.tasks.iter().filter(|told| told.task.is_open()).count();
    let overdue = listed.tasks.iter().filter(|told| told.task.is_overdue(listed.at)).count();
    let nobody = listed.tasks.iter().filter(|told| told.task.is_open() && owner(told).is_none()).count();
    format!("{open} open, {overdue} overdue, {nobody} without an owner, {} closed", listed.tasks.len() - open)
}

fn show(out: &mut Output, args: &TasksList) -> Result<Exit, Failure> {
    let listed = tasks::list(&args.folder, app::now()).map_err(|e| Failure::new(e, "nothing was listed"))?;
    if args.json {
        let all: Vec<Value> = listed.tasks.iter().map(|told| as_json(told, &listed)).collect();
        out.json(&json!({
            "version": 1, "release": listed.release, "at": listed.at, "not-recorded": listed.news.len(), "tasks": all,
        }));
        return Ok(Exit::Ok);
    }
    let chosen: Vec<&Told> = listed
        .tasks
        .iter()
        .filter(|told| args.closed || told.task.is_open())
        .filter(|told| args.of.as_deref().is_none_or(|name| is_of(told, name)))
        .filter(|told| args.only.as_deref().is_none_or(|id| waits_for(told, id)))
        .collect();
    let most = if args.most == 0 { chosen.len() } else { args.most };
    let mut text = format!("{}\n", counted(&listed));
    for told in chosen.iter().take(most) {
        tell(&mut text, told, &listed);
    }
    out.data(&text);
    if let Some(more) = chosen.len().checked_sub(most).filter(|more| *more > 0) {
        out.say(&format!("… and {more} more: `--most 0` tells all, `--of` and `--only` choose"));
    }
    if !listed.news.is_empty() {
        out.say(&format!(
            "{} events are not recorded yet. Next: assay tasks record {}",
            listed.news.len(),
            args.folder.display()
        ));
    }
    Ok(Exit::Ok)
}

/// The person who has it, else the role that answers for it.
fn owner(told: &Told) -> Option<String> {
    let role = told.wanted.as_ref().and_then(|wanted| wanted.owner.as_ref());
    let person = told.task.person.clone().or_else(|| role.and_then(|owner| owner.person.clone()));
    match (person, role) {
        (Some(person), Some(owner)) => Some(format!("{person}, {}", owner.role)),
        (Some(person), None) => Some(person),
        (None, Some(owner)) => Some(owner.role.clone()),
        (None, None) => None,
    }
}

fn is_of(told: &Told, name: &str) -> bool {
    let is = |other: &str| other.eq_ignore_ascii_case(name.trim());
    let role = told.wanted.as_ref().and_then(|wanted| wanted.owner.as_ref());
    match &told.task.person {
        Some(person) => is(person),
        None => role.is_some_and(|owner| is(&owner.role) || owner.person.as_deref().is_some_and(is)),
    }
}

fn waits_for(told: &Told, id: &str) -> bool {
    let provisions = told.wanted.iter().flat_map(|wanted| &wanted.provisions);
    provisions.into_iter().any(|provision| {
        let provision = provision.as_str();
        provision == id || provision.split('-').next() == Some(id)
    })
}

fn tell(text: &mut String, told: &Told, listed: &Listed) {
    let task = &told.task;
    let state = match task.turns.last().and_then(|turn| turn.closed.as_ref()) {
        Some(closed) => format!("closed {}", closed.at.date()),
        None if task.is_overdue(listed.at) => format!("OVERDUE {}", task.due.date()),
        None => format!("due {}", task.due.date()),
    };
    let weight = told.wanted.as_ref().map(|w| if w.need.mandatory { "mandatory" } else { "recommendation" });
    let owner = owner(told).unwrap_or_else(|| "nobody answers for it".to_owned());
    let parts = [Some(state.as_str()), Some(task.id.as_str()), weight, Some(owner.as_str())];
    let _ =
        writeln!(text, "\n{}", app::release::visible(&parts.into_iter().flatten().collect::<Vec<_>>().join("  ")));
    let mut line = |name: &str, what: &str| {
        let _ = writeln!(text, "  {name:<11}{}", app::release::visible(what));
    };
    match (&told.wanted, &task.own) {
        (Some(wanted), _) => {
            line("", &wanted.step.text);
            let waiting: Vec<&str> = wanted.provisions.iter().map(|id| id.as_str()).collect();
            let count = match wanted.instances.len() {
                0 => String::new(),
                1 => "; 1 unit instance".to_owned(),
                n => format!("; {n} unit instances"),
            };
            line("waits", &format!("{}{count}", waiting.join(", ")));
            for (at, criterion) in wanted.criterion.iter().take(CRITERIA).enumerate() {
                line(if at == 0 { "done when" } else { "" }, criterion);
            }
            if wanted.criterion.len() > CRITERIA {
                line("", &format!("… and {} units more", wanted.criterion.len() - CRITERIA));
            }
            for (at, evidence) in wanted.evidence.iter().enumerate() {
                line(if at == 0 { "closed by" } else { "" }, evidence);
            }
            if let Some(command) = &wanted.step.command {
                line("", &format!("$ {command}"));
            }
        }
        (None, Some((title, criterion))) => {
            line("", title);
            line("done when", criterion);
        }
        (None, None) => {}
    }
    for request in listed.requests.of_task(&task.id) {
        let told = format!("{} of {}: {}", request.id, request.ask.of, request.state().as_str());
        line("asked", &told);
    }
    let closed = task.turns.iter().filter_map(|turn| turn.closed.as_ref());
    for closed in closed {
        match (&closed.by, &closed.said) {
            (Some(seq), _) => line("history", &format!("closed {} by record {seq}", closed.at.date())),
            (None, Some((by, how))) => line("history", &format!("closed {} by {by}: {how}", closed.at.date())),
            (None, None) => line("history", &format!("closed {}", closed.at.date())),
        }
    }
}

fn as_json(told: &Told, listed: &Listed) -> Value {
    let task = &told.task;
    let turns: Vec<Value> = task
        .turns
        .iter()
        .map(|turn| {
            let closed = turn.closed.as_ref();
            json!({
                "opened": turn.opened,
                "closed": closed.map(|c| c.at),
                "record": closed.and_then(|c| c.by),
                "by": closed.and_then(|c| c.said.as_ref()).map(|(by, _)| by),
                "how": closed.and_then(|c| c.said.as_ref()).map(|(_, how)| how),
            })
        })
        .collect();
    let wanted = told.wanted.as_ref();
    json!({
        "id": task.id,
        "about": task.subject,
        "open": task.is_open(),
        "due": task.due,
        "overdue": task.is_overdue(listed.at),
        "person": task.person,
        "owner": wanted.and_then(|w| w.owner.as_ref()),
        "mandatory": wanted.map(|w| w.need.mandatory),
        "title": wanted.map(|w| &w.step.text).or(task.own.as_ref().map(|(title, _)| title)),
        "command": wanted.and_then(|w| w.step.command.as_ref()),
        "provisions": wanted.map(|w| &w.provisions),
        "instances": wanted.map(|w| w.instances.iter().map(ToString::to_string).collect::<Vec<_>>()),
        "missing": wanted.map(|w| &w.missing),
        "done-when": wanted.map(|w| w.criterion.clone()).or(task.own.as_ref().map(|(_, c)| vec![c.clone()])),
        "closed-by": wanted.map(|w| &w.evidence),
        "requests": listed.requests.of_task(&task.id).map(|request| &request.id).collect::<Vec<_>>(),
        "history": turns,
    })
}
