//! The pages, a file each: its routes, what it asks of `app`, and how it looks.

mod account;
mod answer;
mod checkpoints;
mod diff;
mod door;
mod dossier;
mod elsewhere;
mod evidence;
mod findings;
mod guide;
mod my_day;
mod people;
mod portfolio;
mod product;
mod provision;
mod reports;
mod requests;
mod reviews;
mod run;
mod settings;
mod sheets;
mod tasks;
mod template;
mod trend;

use workflow::people::Permission;

use crate::assets;
use crate::page::Tab;
use crate::table::Route;

/// The routes of every page.
#[rustfmt::skip]
pub(crate) const ROUTES: &[&[Route]] = &[
    assets::ROUTES,
    door::ROUTES,
    elsewhere::ROUTES,
    portfolio::ROUTES,
    product::ROUTES,
    dossier::ROUTES,
    tasks::ROUTES,
    requests::ROUTES,
    answer::ROUTES,
    my_day::ROUTES,
    findings::ROUTES,
    provision::ROUTES,
    sheets::ROUTES,
    evidence::ROUTES,
    guide::ROUTES,
    reports::ROUTES,
    checkpoints::ROUTES,
    reviews::ROUTES,
    diff::ROUTES,
    template::ROUTES,
    run::ROUTES,
    people::ROUTES,
    account::ROUTES,
    settings::ROUTES,
];

/// The way around the workspace.
#[rustfmt::skip]
pub(crate) const TABS: &[Tab] = &[
    Tab { path: "/", name: "Portfolio", needs: Permission::OwnAccount },
    Tab { path: "/my-day", name: "My day", needs: Permission::OwnAccount },
    Tab { path: "/people", name: "People", needs: Permission::SeePeople },
    Tab { path: "/settings", name: "Settings", needs: Permission::ManageSettings },
];

/// The way around a product.
#[rustfmt::skip]
pub(crate) const PRODUCT_TABS: &[Tab] = &[
    Tab { path: "", name: "Overview", needs: Permission::SeeDeclared },
    Tab { path: "/dossier", name: "Dossier", needs: Permission::SeeDeclared },
    Tab { path: "/tasks", name: "Tasks", needs: Permission::SeeVerdicts },
    Tab { path: "/requests", name: "Requests", needs: Permission::SeeEvidence },
    Tab { path: "/findings", name: "Findings", needs: Permission::SeeVerdicts },
    Tab { path: "/controls", name: "Controls", needs: Permission::SeeVerdicts },
    Tab { path: "/answers", name: "Answers", needs: Permission::SeeVerdicts },
    Tab { path: "/run", name: "Measure", needs: Permission::Measure },
    Tab { path: "/guide", name: "At the bench", needs: Permission::State },
    Tab { path: "/records", name: "Evidence", needs: Permission::SeeEvidence },
    Tab { path: "/checkpoints", name: "Checkpoints", needs: Permission::SeeVerdicts },
    Tab { path: "/reviews", name: "Reviews", needs: Permission::SeeVerdicts },
    Tab { path: "/diff", name: "Releases compared", needs: Permission::SeeVerdicts },
    Tab { path: "/reports", name: "Reports", needs: Permission::SeeVerdicts },
    Tab { path: "/template", name: "Templates", needs: Permission::EditDossier },
];
