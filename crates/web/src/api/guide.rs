//! At the bench: what waits for a person, and a unit carried out step by step, to its verdict.
//!
//! Whoever may not see verdicts works on workings of their own, and is told what is declared alone.

mod told;

use axum::extract::{Path, State};
use axum::http::StatusCode;
use axum::response::Response;
use axum::routing::{delete, get, post, put};
use model::Verdict;
use report::presentation::told::Told;
use serde_json::json;
use workflow::people::Permission;

use app::guided::{
    Act, Clash, Desk, Guide, GuidedError, LARGEST, Part, Signed, Upload, Working, guide_in, waiting, waiting_blind,
};
use app::now;
use app::state::StateError;

use super::answer::{self, Limit};
use super::asked::{Asked as _, Line, Queried, Remark, Sent, Tag, Text, asked};
use super::files::Content;
use super::{Api, Tagged, row};
use crate::page;
use crate::site::Site;
use crate::table::{Access, Route, Verb};
use crate::trouble::Trouble;
use crate::visitor::Visitor;
use told::{Closed, Guided, Waiting};

const MAY: Access = Access::May(Permission::State);
/// A file in base64, and what stands beside it.
const BODY: usize = LARGEST.div_ceil(3) * 4 + 64 * 1024;

pub(crate) const ROUTES: &[Route] = &[
    Route::api(
        Verb::Get,
        "/api/v1/products/{product}/guide",
        MAY,
        Api::new("listWaiting", "Unit instances that wait for a person", row::page::<Waiting>).query(Parts::shape),
        || get(list),
    ),
    Route::api(
        Verb::Get,
        "/api/v1/products/{product}/guide/{instance}",
        MAY,
        Api::new("getGuided", "A unit's procedure, and how far the working at it is", Guided::shape)
            .tagged(Tagged::Tag),
        || get(one),
    ),
    Route::api(
        Verb::Put,
        "/api/v1/products/{product}/guide/{instance}/steps/{step}",
        MAY,
        changes("noteStep", "Note what was done and seen in a step; the first note begins a working")
            .asks(Noted::shape),
        || put(note),
    ),
    Route::api(
        Verb::Put,
        "/api/v1/products/{product}/guide/{instance}/steps/{step}/timer",
        MAY,
        changes("timeStep", "Start or stop the timer of a step").asks(Time::shape),
        || put(time),
    ),
    Route::api(
        Verb::Put,
        "/api/v1/products/{product}/guide/{instance}/verdict",
        MAY,
        changes("ruleCriterion", "Give a verdict on a criterion, with reasons").asks(Ruled::shape),
        || put(rule),
    ),
    Route::api(
        Verb::Put,
        "/api/v1/products/{product}/guide/{instance}/place",
        MAY,
        changes("placeWorking", "Say from where in the network one looks").asks(From::shape),
        || put(place),
    ),
    Route::api(
        Verb::Post,
        "/api/v1/products/{product}/guide/{instance}/files",
        MAY,
        changes("attachFile", "Keep a file with a working; its content has to be of its kind")
            .asks(File::shape)
            .makes(),
        || post(attach),
    )
    .up_to(BODY),
    Route::api(
        Verb::Get,
        "/api/v1/products/{product}/guide/{instance}/files/{digest}",
        MAY,
        Api::new("getFileOfWorking", "A file that is kept with a working", |_| json!({}))
            .gives("application/octet-stream"),
        || get(file),
    ),
    Route::api(
        Verb::Delete,
        "/api/v1/products/{product}/guide/{instance}/files/{digest}",
        MAY,
        changes("detachFile", "Take a file out of a working"),
        || delete(detach),
    ),
    Route::api(
        Verb::Post,
        "/api/v1/products/{product}/guide/{instance}/close",
        MAY,
        Api::new(
            "closeWorking",
            "Close a working: it becomes a signed statement in one's own name",
            Closed::shape,
        )
        .makes()
        .tagged(Tagged::Match)
        .refuses(&[409]),
        || post(close),
    ),
    Route::api(
        Verb::Delete,
        "/api/v1/products/{product}/guide/{instance}",
        MAY,
        changes("giveUpWorking", "Give a working up; nothing of it was recorded"),
        || delete(give_up),
    ),
];

const fn changes(id: &'static str, about: &'static str) -> Api {
    Api::new(id, about, Guided::shape).tagged(Tagged::Match).refuses(&[409])
}

asked! {
    /// Which part.
    struct Parts {
        /// Where to go on.
        cursor: Option<u64>,
        /// How many at most.
        limit: Option<Limit>,
    }

    /// What was done in a step, whole.
    struct Noted {
        /// Whether it is done.
        done: bool,
        /// What was seen.
        observation: Option<Remark>,
        /// A value that was read.
        value: Option<Text<0, 8000>>,
    }

    /// A timer.
    struct Time {
        /// Whether it is to run.
        runs: bool,
    }

    /// A verdict on a criterion, whole.
    struct Ruled {
        /// The criterion, in the catalogue's words.
        criterion: Text<1, 2000>,
        /// The verdict; none while it is thought about.
        verdict: Option<Verdict>,
        /// Why.
        reasoning: Option<Remark>,
    }

    /// From where in the network one looks.
    struct From {
        /// The place; empty where that does not matter.
        place: Text<0, 100>,
    }

    /// A file.
    struct File {
        /// Its kind: photo, screenshot, log, capture, document, value, report, sample.
        kind: Line,
        /// Its name; only what leads nowhere is kept of it.
        name: Text<0, 300>,
        /// Its bytes.
        content: Content,
        /// The step it belongs to, counted from 1.
        step: Option<u32>,
    }
}

/// A unit instance as an address names it: the unit, and the entry after an `@`.
fn guide(site: &Site, product: &str, instance: &str) -> Result<Guide, Trouble> {
    let folder = page::folder(site, product)?;
    let (unit, entry) = match instance.split_once('@') {
        Some((unit, entry)) => (unit.trim(), Some(entry.trim())),
        None => (instance.trim(), None),
    };
    let found = guide_in(&folder, unit, entry.filter(|entry| !entry.is_empty()));
    found.map(|(_, guide)| guide).map_err(|error| match error {
        GuidedError::State(StateError::Unit(_) | StateError::Entry { .. }) => {
            Trouble::from(error).with(StatusCode::NOT_FOUND)
        }
        other => other.into(),
    })
}

fn desk(site: &Site) -> Result<Desk, Trouble> {
    Ok(Desk::open(site.workspace().root())?)
}

/// What is another text once anything about a working has changed, and with a new working.
fn version(working: Option<&Working>) -> String {
    working.map_or_else(|| "0".to_owned(), |working| format!("{}.{}", working.began.millis(), working.turn))
}

fn shown(guide: &Guide, working: Option<&Working>) -> Result<Response, Trouble> {
    answer::tagged(&version(working), answer::told(&told::guided(guide, working, now()))?)
}

async fn list(
    State(site): State<Site>,
    visitor: Visitor,
    Path(product): Path<String>,
    Queried(parts): Queried<Parts>,
) -> Result<Response, Trouble> {
    let known = page::snapshot(&site, &product).await?;
    let waits = site.run(move |site| {
        let workings = desk(site)?.all(&visitor.desk(&known.product))?;
        Ok(match visitor.may(Permission::SeeVerdicts) {
            true => waiting(&known.dossier, &known.assessment, &workings),
            false => waiting_blind(&known.dossier, &workings, known.at),
        })
    });
    let all: Vec<Waiting> = waits.await?.iter().map(told::waiting).collect();
    answer::page(&all.iter().collect::<Vec<_>>(), parts.cursor, parts.limit)
}

async fn one(
    State(site): State<Site>,
    visitor: Visitor,
    Path((product, instance)): Path<(String, String)>,
) -> Result<Response, Trouble> {
    site.run(move |site| {
        let guide = guide(site, &product, &instance)?;
        let opened = desk(site)?.get(&visitor.desk(&product), &guide).map_err(trouble)?;
        shown(&guide, opened.map(|opened| opened.working).as_ref())
    })
    .await
}

/// A working as somebody looked at it: who, where, and the unit.
struct Looked {
    desk: Desk,
    at: String,
    guide: Guide,
    working: Option<Working>,
}

impl Looked {
    /// The working that a change was made from.
    ///
    /// # Errors
    /// [`Trouble`] with status 412 when it was changed meanwhile.
    fn at(site: &Site, visitor: &Visitor, product: &str, instance: &str, tag: &str) -> Result<Self, Trouble> {
        let guide = guide(site, product, instance)?;
        let (desk, at) = (desk(site)?, visitor.desk(product));
        let working = desk.get(&at, &guide).map_err(trouble)?.map(|opened| opened.working);
        answer::still(tag, &version(working.as_ref()))?;
        Ok(Self { desk, at, guide, working })
    }

    fn turn(&self) -> u64 {
        self.working.as_ref().map_or(0, |working| working.turn)
    }

    /// The step of an address.
    fn step(&self, step: usize) -> Result<usize, Trouble> {
        match (1..=self.guide.procedure.steps.len()).contains(&step) {
            true => Ok(step),
            false => Err(Trouble::nothing("The procedure has no such step.")),
        }
    }
}

/// Does something to a working.
async fn act(
    site: &Site,
    visitor: Visitor,
    (product, instance): (String, String),
    tag: String,
    wanted: impl FnOnce(&Looked) -> Result<Act, Trouble> + Send + 'static,
) -> Result<Response, Trouble> {
    site.run(move |site| {
        let looked = Looked::at(site, &visitor, &product, &instance, &tag)?;
        let wanted = wanted(&looked)?;
        let done = looked.desk.act(&looked.at, &looked.guide, &wanted, looked.turn(), &visitor.name, now());
        shown(&looked.guide, Some(&done.map_err(trouble)?))
    })
    .await
}

async fn note(
    State(site): State<Site>,
    visitor: Visitor,
    Path((product, instance, step)): Path<(String, String, usize)>,
    Tag(tag): Tag,
    Sent(noted): Sent<Noted>,
) -> Result<Response, Trouble> {
    act(&site, visitor, (product, instance), tag, move |looked| {
        Ok(Act::Step {
            step: looked.step(step)?,
            done: noted.done,
            observation: noted.observation.map(|text| text.0).unwrap_or_default(),
            value: noted.value.map(|text| text.0).unwrap_or_default(),
        })
    })
    .await
}

async fn time(
    State(site): State<Site>,
    visitor: Visitor,
    Path((product, instance, step)): Path<(String, String, usize)>,
    Tag(tag): Tag,
    Sent(time): Sent<Time>,
) -> Result<Response, Trouble> {
    act(&site, visitor, (product, instance), tag, move |looked| {
        let step = looked.step(step)?;
        Ok(if time.runs { Act::Start(step) } else { Act::Stop(step) })
    })
    .await
}

async fn rule(
    State(site): State<Site>,
    visitor: Visitor,
    Path(at): Path<(String, String)>,
    Tag(tag): Tag,
    Sent(ruled): Sent<Ruled>,
) -> Result<Response, Trouble> {
    act(&site, visitor, at, tag, move |_| {
        let reasoning = ruled.reasoning.map(|text| text.0).unwrap_or_default();
        Ok(Act::Rule { criterion: ruled.criterion.0, verdict: ruled.verdict, reasoning })
    })
    .await
}

async fn place(
    State(site): State<Site>,
    visitor: Visitor,
    Path(at): Path<(String, String)>,
    Tag(tag): Tag,
    Sent(from): Sent<From>,
) -> Result<Response, Trouble> {
    act(&site, visitor, at, tag, move |_| Ok(Act::Place(from.place.0))).await
}

async fn attach(
    State(site): State<Site>,
    visitor: Visitor,
    Path((product, instance)): Path<(String, String)>,
    Tag(tag): Tag,
    Sent(file): Sent<File>,
) -> Result<Response, Trouble> {
    site.run(move |site| {
        let looked = Looked::at(site, &visitor, &product, &instance, &tag)?;
        let step = file.step.map(|step| looked.step(step as usize)).transpose();
        let step = step.map_err(|said| said.with(StatusCode::UNPROCESSABLE_ENTITY).at("#/step"))?;
        let upload = Upload { kind: file.kind.0, name: file.name.0, bytes: file.content.0, step };
        let folder = page::folder(site, &product)?;
        let kept = looked.desk.attach(&looked.at, &folder, &looked.guide, upload, &visitor.name, now());
        let mut response = shown(&looked.guide, Some(&kept.map_err(trouble)?))?;
        *response.status_mut() = StatusCode::CREATED;
        Ok(response)
    })
    .await
}

async fn file(
    State(site): State<Site>,
    visitor: Visitor,
    Path((product, instance, digest)): Path<(String, String, String)>,
) -> Result<Response, Trouble> {
    site.run(move |site| {
        let guide = guide(site, &product, &instance)?;
        let folder = page::folder(site, &product)?;
        let found = desk(site)?.file(&visitor.desk(&product), &folder, &guide, &digest).map_err(trouble)?;
        let found = found.ok_or_else(|| Trouble::nothing("The working has no such file."))?;
        // Never of a type that a browser would show: it may be anything.
        Ok(answer::file("application/octet-stream", &found.artefact.name, found.bytes))
    })
    .await
}

async fn detach(
    State(site): State<Site>,
    visitor: Visitor,
    Path((product, instance, digest)): Path<(String, String, String)>,
    Tag(tag): Tag,
) -> Result<Response, Trouble> {
    act(&site, visitor, (product, instance), tag, move |looked| {
        let has = |working: &Working| working.files.iter().any(|file| file.artefact.digest.to_string() == digest);
        match looked.working.as_ref().is_some_and(has) {
            true => Ok(Act::Detach(digest)),
            false => Err(Trouble::nothing("The working has no such file.")),
        }
    })
    .await
}

async fn close(
    State(site): State<Site>,
    visitor: Visitor,
    Path((product, instance)): Path<(String, String)>,
    Tag(tag): Tag,
) -> Result<Response, Trouble> {
    site.run(move |site| {
        let looked = Looked::at(site, &visitor, &product, &instance, &tag)?;
        let folder = page::folder(site, &product)?;
        let key = visitor.key(site.team(), &product, &folder)?;
        let signed = Signed { person: visitor.name.clone(), role: visitor.role().to_owned(), key };
        let closed = looked.desk.close(&looked.at, &folder, &looked.guide, looked.turn(), &signed, now());
        let stated = closed.map_err(trouble)?.stated;
        let made = answer::made(&Closed { record: stated.seq, needs_second: stated.needs_second })?;
        answer::tagged(&version(None), made)
    })
    .await
}

async fn give_up(
    State(site): State<Site>,
    visitor: Visitor,
    Path((product, instance)): Path<(String, String)>,
    Tag(tag): Tag,
) -> Result<Response, Trouble> {
    site.run(move |site| {
        let looked = Looked::at(site, &visitor, &product, &instance, &tag)?;
        if looked.working.is_none() {
            return Err(trouble(GuidedError::Nothing(looked.guide.about())));
        }
        looked.desk.give_up(&looked.at, &looked.guide, looked.turn()).map_err(trouble)?;
        shown(&looked.guide, None)
    })
    .await
}

/// What somebody else did meanwhile fails the tag; what is not as far yet is a conflict.
fn trouble(error: GuidedError) -> Trouble {
    let status = match &error {
        GuidedError::Clash { clash, .. } => return clashed(clash),
        GuidedError::Moved(_) => {
            return Trouble::from(error).with(StatusCode::PRECONDITION_FAILED).at("If-Match");
        }
        GuidedError::Closing { .. }
        | GuidedError::Recorded { .. }
        | GuidedError::Outgrown { .. }
        | GuidedError::Nothing(_)
        | GuidedError::Missing { .. } => StatusCode::CONFLICT,
        _ => StatusCode::UNPROCESSABLE_ENTITY,
    };
    Trouble::from(error).with(status)
}

/// Both texts of a part that two people changed between the look and the change.
fn clashed(clash: &Clash) -> Trouble {
    let part = match &clash.part {
        Part::Step(number) => format!("step {number}"),
        Part::Ruling(criterion) => format!("the verdict on `{criterion}`"),
    };
    let what = format!("Somebody changed {part} meanwhile; it says: {}.", clash.theirs.join("; "));
    let hint = "Read it again, bring both together, and send it with the new `ETag`.";
    Trouble::new(StatusCode::PRECONDITION_FAILED, page::visible(&what), hint).at("If-Match")
}
