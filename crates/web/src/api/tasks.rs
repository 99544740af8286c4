//! Tasks: what is to be done, by whom and by when.

use axum::extract::{Path, State};
use axum::http::StatusCode;
use axum::response::Response;
use axum::routing::{get, patch, post};
use model::Timestamp;
use report::presentation::told::{Prose, Told, told};
use workflow::people::Permission;

use app::tasks::{self, Listed, Own, TaskId, TasksError, Told as Listing};

use super::answer::{self, Limit};
use super::asked::{Asked, Line, Queried, Sent, Tag, Words, asked};
use super::{Api, Tagged, row};
use crate::page;
use crate::site::Site;
use crate::table::{Access, Route, Verb};
use crate::trouble::Trouble;
use crate::visitor::Visitor;

const CHANGES: Access = Access::May(Permission::ManageTasks);

pub(crate) const ROUTES: &[Route] = &[
    Route::api(
        Verb::Get,
        "/api/v1/products/{product}/tasks",
        Access::May(Permission::SeeVerdicts),
        Api::new("listTasks", "Tasks: open ones by date, then closed ones", row::page::<Task>).query(Which::shape),
        || get(list),
    ),
    Route::api(
        Verb::Post,
        "/api/v1/products/{product}/tasks",
        CHANGES,
        Api::new("addTask", "Add a task of one's own, and record it", Task::shape).asks(New::shape).makes(),
        || post(add),
    ),
    Route::api(
        Verb::Post,
        "/api/v1/products/{product}/tasks/record",
        CHANGES,
        Api::new("recordTasks", "Record which tasks opened and closed since the last time", Followed::shape),
        || post(record),
    ),
    Route::api(
        Verb::Get,
        "/api/v1/products/{product}/tasks/{task}",
        Access::May(Permission::SeeVerdicts),
        Api::new("getTask", "A task", Task::shape).tagged(Tagged::Tag),
        || get(one),
    ),
    Route::api(
        Verb::Patch,
        "/api/v1/products/{product}/tasks/{task}",
        CHANGES,
        Api::new("assignTask", "Give a task to a person, or back to its role", Task::shape)
            .asks(To::shape)
            .tagged(Tagged::Match),
        || patch(assign),
    ),
    Route::api(
        Verb::Post,
        "/api/v1/products/{product}/tasks/{task}/done",
        CHANGES,
        Api::new("endTask", "End a task that a person added; others end with their gap", Task::shape)
            .asks(Done::shape)
            .refuses(&[409]),
        || post(done),
    ),
];

told! {
    /// Something to be done.
    pub struct Task {
        /// Its name: `T-384acf40ab`.
        pub id: String,
        /// What is to be done.
        pub title: Prose,
        /// Whether it is open.
        pub open: bool,
        /// By when it has to be done.
        pub due: Timestamp,
        /// Whether it is open and should have been done.
        pub overdue: bool,
        /// The person who has it; null while it is with the role.
        pub person: Option<String>,
        /// The role that answers for it; null where none does.
        pub role: Option<String>,
        /// The person who has that role.
        pub role_of: Option<String>,
        /// Whether a mandatory provision waits for it; null of one that is closed or that a person added.
        pub mandatory: Option<bool>,
        /// The command that does it, where one does.
        pub command: Option<String>,
        /// Provisions that wait for it, mandatory ones first.
        pub provisions: Vec<String>,
        /// Unit instances that wait for it.
        pub instances: Vec<String>,
        /// What is missing, one line each.
        pub missing: Vec<String>,
        /// When it counts as done, in the units' own terms.
        pub done_when: Vec<Prose>,
        /// What closes it.
        pub closed_by: Vec<String>,
        /// When it opened, closed and opened again.
        pub history: Vec<Turn>,
    }

    /// A time for which a task was open.
    pub struct Turn {
        /// When it opened.
        pub opened: Timestamp,
        /// When it closed; null while it is open.
        pub closed: Option<Timestamp>,
        /// Position of the record that closed it.
        pub record: Option<u64>,
        /// Who ended it.
        pub by: Option<String>,
        /// How.
        pub how: Option<Prose>,
    }

    /// What came of recording.
    pub struct Followed {
        /// Position of the record; null where nothing was new.
        pub record: Option<u64>,
        /// Open tasks.
        pub open: u64,
        /// Closed tasks.
        pub closed: u64,
    }
}

asked! {
    /// Which tasks.
    struct Which {
        /// Open ones, or closed ones; all when left out.
        open: Option<bool>,
        /// Those that this person has, or the role of which they have.
        person: Option<Line>,
        /// Those that this provision waits for.
        provision: Option<Line>,
        /// Where to go on.
        cursor: Option<u64>,
        /// How many at most.
        limit: Option<Limit>,
    }

    /// A task of one's own.
    struct New {
        /// What is to be done.
        title: Line,
        /// When it counts as done.
        criterion: Words,
        /// By when; the date of a mandatory gap's task when left out.
        due: Option<Timestamp>,
    }

    /// To whom.
    struct To {
        /// The person's name; back to the role when left out.
        person: Option<Line>,
    }

    /// How it ended.
    struct Done {
        /// How it was done.
        how: Words,
    }
}

async fn list(
    State(site): State<Site>,
    Path(product): Path<String>,
    Queried(which): Queried<Which>,
) -> Result<Response, Trouble> {
    let snapshot = page::snapshot(&site, &product).await?;
    let all: Vec<Task> = snapshot
        .tasks
        .tasks
        .iter()
        .map(|listing| told(listing, &snapshot.tasks))
        .filter(|task| which.open.is_none_or(|open| task.open == open))
        .filter(|task| which.provision.as_ref().is_none_or(|id| task.provisions.contains(&id.0)))
        .filter(|task| which.person.as_ref().is_none_or(|name| has(task, &name.0)))
        .collect();
    answer::page(&all.iter().collect::<Vec<_>>(), which.cursor, which.limit)
}

fn has(task: &Task, name: &str) -> bool {
    let person = task.person.as_ref().or(task.role_of.as_ref());
    person.is_some_and(|person| person.eq_ignore_ascii_case(name.trim()))
}

async fn one(
    State(site): State<Site>,
    Path((product, task)): Path<(String, String)>,
) -> Result<Response, Trouble> {
    let snapshot = page::snapshot(&site, &product).await?;
    shown(&snapshot.tasks, &TaskId::from_text(&task))
}

async fn add(
    State(site): State<Site>,
    visitor: Visitor,
    Path(product): Path<String>,
    Sent(new): Sent<New>,
) -> Result<Response, Trouble> {
    let folder = page::folder(&site, &product)?;
    let own = Own { title: new.title.0, criterion: new.criterion.0, due: new.due, by: visitor.name };
    let (_, listed) = site.run(move |_| Ok(tasks::add(&folder, &own, app::now())?)).await?;
    let own = listed.tasks.iter().filter(|listing| listing.task.own.is_some());
    let newest = own.max_by_key(|listing| match listing.task.subject {
        workflow::Subject::Own { number } => number,
        _ => 0,
    });
    let newest = newest.ok_or_else(|| Trouble::ours("the task is not there yet"))?;
    answer::made(&told(newest, &listed))
}

async fn record(State(site): State<Site>, Path(product): Path<String>) -> Result<Response, Trouble> {
    let folder = page::folder(&site, &product)?;
    let (record, listed) = site.run(move |_| Ok(tasks::record(&folder, app::now())?)).await?;
    let open = listed.tasks.iter().filter(|listing| listing.task.is_open()).count() as u64;
    answer::told(&Followed { record, open, closed: listed.tasks.len() as u64 - open })
}

async fn assign(
    State(site): State<Site>,
    visitor: Visitor,
    Path((product, task)): Path<(String, String)>,
    Tag(tag): Tag,
    Sent(to): Sent<To>,
) -> Result<Response, Trouble> {
    let folder = page::folder(&site, &product)?;
    let id = TaskId::from_text(&task);
    let snapshot = page::snapshot(&site, &product).await?;
    let seen = tasks::version(&find(&snapshot.tasks, &id)?.task);
    answer::still(&tag, &seen)?;
    let given = id.clone();
    let done = site.run(move |_| {
        let person = to.person.as_ref().map(|name| name.0.as_str());
        Ok(tasks::assign_seen(&folder, (&given, &seen), person, &visitor.name, app::now()))
    });
    match done.await? {
        Ok((_, listed)) => shown(&listed, &id),
        // Between the look and the record.
        Err(TasksError::Changed(_)) => answer::still("", &tag).and_then(|()| shown(&snapshot.tasks, &id)),
        Err(error) => Err(error.into()),
    }
}

async fn done(
    State(site): State<Site>,
    visitor: Visitor,
    Path((product, task)): Path<(String, String)>,
    Sent(done): Sent<Done>,
) -> Result<Response, Trouble> {
    let folder = page::folder(&site, &product)?;
    let id = TaskId::from_text(&task);
    find(&page::snapshot(&site, &product).await?.tasks, &id)?;
    let ended = id.clone();
    let ended = site.run(move |_| Ok(tasks::done(&folder, &ended, &done.how.0, &visitor.name, app::now())));
    match ended.await? {
        Ok((_, listed)) => answer::told(&told(find(&listed, &id)?, &listed)),
        Err(error @ TasksError::Refused(_)) => Err(Trouble::from(error).with(StatusCode::CONFLICT)),
        Err(error) => Err(error.into()),
    }
}

fn find<'l>(listed: &'l Listed, id: &TaskId) -> Result<&'l Listing, Trouble> {
    let found = listed.tasks.iter().find(|listing| listing.task.id == *id);
    found.ok_or_else(|| Trouble::nothing("There is no such task."))
}

fn shown(listed: &Listed, id: &TaskId) -> Result<Response, Trouble> {
    let found = find(listed, id)?;
    answer::tagged(&tasks::version(&found.task), answer::told(&told(found, listed))?)
}

fn told(listing: &Listing, listed: &Listed) -> Task {
    let (task, wanted) = (&listing.task, listing.wanted.as_ref());
    let own = task.own.as_ref();
    let owner = wanted.and_then(|wanted| wanted.owner.as_ref());
    let title = wanted.map(|w| w.step.text.clone()).or(own.map(|(title, _)| title.clone()));
    let done_when = wanted.map(|w| w.criterion.clone()).or(own.map(|(_, criterion)| vec![criterion.clone()]));
    Task {
        id: task.id.to_string(),
        title: title.unwrap_or_default().into(),
        open: task.is_open(),
        due: task.due,
        overdue: task.is_overdue(listed.at),
        person: task.person.clone(),
        role: owner.map(|owner| owner.role.clone()),
        role_of: owner.and_then(|owner| owner.person.clone()),
        mandatory: wanted.map(|w| w.need.mandatory),
        command: wanted.and_then(|w| w.step.command.clone()),
        provisions: wanted.map(|w| w.provisions.iter().map(ToString::to_string).collect()).unwrap_or_default(),
        instances: wanted.map(|w| w.instances.iter().map(ToString::to_string).collect()).unwrap_or_default(),
        missing: wanted.map(|w| w.missing.clone()).unwrap_or_default(),
        done_when: done_when.unwrap_or_default().into_iter().map(Prose).collect(),
        closed_by: wanted.map(|w| w.evidence.clone()).unwrap_or_default(),
        history: task.turns.iter().map(turn).collect(),
    }
}

fn turn(turn: &workflow::Turn) -> Turn {
    let closed = turn.closed.as_ref();
    let said = closed.and_then(|closed| closed.said.as_ref());
    Turn {
        opened: turn.opened,
        closed: closed.map(|closed| closed.at),
        record: closed.and_then(|closed| closed.by),
        by: said.map(|(by, _)| by.clone()),
        how: said.map(|(_, how)| how.clone().into()),
    }
}
