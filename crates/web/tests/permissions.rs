//! Every role, and nobody, at every route of the table, through the real router: exactly what the table of permissions
//! says. A route that is new is tried the moment it is in the table.
#![allow(clippy::unwrap_used)]

mod support;

use app::people::{Permission, Role};
use axum::body::Body;
use axum::http::{Request, StatusCode, header};
use support::{Crew, HOST, Open, dossier};
use web::{Access, Route, Verb, routes};

fn crew() -> (tempfile::TempDir, Crew) {
    let folder = tempfile::tempdir().unwrap();
    dossier(&folder.path().join("lamp"), "Lamp");
    let crew = Crew::of(folder.path());
    (folder, crew)
}

/// The path with something in the place of its parts.
fn filled(route: &Route) -> String {
    let parts = route.path.split('/').map(|part| match part {
        "{product}" => "lamp",
        _ if part.starts_with('{') => "0",
        _ => part,
    });
    parts.collect::<Vec<_>>().join("/")
}

async fn ask(open: &Open, route: &Route, mark: &str) -> StatusCode {
    match route.verb {
        Verb::Get => open.head(&filled(route)).await,
        _ => open.post_bare(&filled(route), &[("csrf", mark)]).await.status,
    }
}

/// Whether a role may use a route, by the table of permissions alone.
fn may(route: &Route, role: Role) -> bool {
    match route.access {
        Access::Anybody | Access::SignedIn => true,
        Access::May(permission) | Access::Somewhere(permission) => permission.is_of(role),
    }
}

#[tokio::test]
async fn every_role_at_every_route_is_let_in_exactly_where_the_table_says() {
    let (_folder, crew) = crew();
    for role in Role::ALL {
        let name = format!("the-{role}");
        let mut open = crew.joins(&name, role);
        let mut mark = open.own_mark().await;
        for route in routes().filter(|route| !route.is_for_programs()) {
            let status = ask(&open, route, &mark).await;
            let (verb, path) = (route.verb, route.path);
            if may(route, role) {
                assert!(status != StatusCode::FORBIDDEN, "{role} {verb:?} {path} {status}");
                if !matches!(route.access, Access::Anybody) {
                    assert!(status != StatusCode::UNAUTHORIZED, "{role} {verb:?} {path} {status}");
                }
            } else {
                assert_eq!(status, StatusCode::FORBIDDEN, "{role} {verb:?} {path}");
            }
            if path == "/sign-out" {
                open = crew.signs_in(&name);
                mark = open.own_mark().await;
            }
        }
    }
}

#[tokio::test]
async fn nobody_is_let_in_only_where_anybody_is() {
    let (_folder, crew) = crew();
    let nobody = crew.nobody();
    for route in routes() {
        let status = match route.is_for_programs() {
            true => nobody.bearer(route, &filled(route), "").await,
            false => ask(&nobody, route, "").await,
        };
        let (verb, path) = (route.verb, route.path);
        match (route.access, route.verb, route.is_for_programs()) {
            (Access::Anybody, ..) => assert!(status != StatusCode::FORBIDDEN, "{verb:?} {path} {status}"),
            (_, Verb::Get, false) => assert_eq!(status, StatusCode::SEE_OTHER, "{verb:?} {path}"),
            _ => assert_eq!(status, StatusCode::UNAUTHORIZED, "{verb:?} {path}"),
        }
    }
}

#[tokio::test]
async fn an_owners_form_without_the_mark_of_the_session_changes_nothing_anywhere() {
    let (_folder, crew) = crew();
    let owner = crew.joins("olga", Role::Owner);
    let other = crew.joins("oleg", Role::Owner).own_mark().await;
    let posts = || routes().filter(|route| route.verb == Verb::Post && !route.is_for_programs());
    assert!(posts().count() > 5);
    for route in posts() {
        for mark in ["", "0", &other] {
            let status = ask(&owner, route, mark).await;
            assert_eq!(status, StatusCode::FORBIDDEN, "{} with the mark `{mark}`", route.path);
        }
        // A mark in the address is none.
        let request = Request::post(format!("{}?csrf={}", filled(route), owner.own_mark().await))
            .header(header::HOST, HOST)
            .header(header::COOKIE, format!("assay-session={}", owner.session));
        let status = owner.send(request.body(Body::empty()).unwrap()).await.status;
        assert_eq!(status, StatusCode::FORBIDDEN, "{}", route.path);
    }
    assert_eq!(owner.get("/account").await.status, StatusCode::OK);
}

#[tokio::test]
async fn every_scope_at_every_route_for_programs_lets_in_exactly_where_the_table_says() {
    let (_folder, crew) = crew();
    let owner = "owner".parse().unwrap();
    for scope in Permission::all().filter(|scope| *scope != Permission::OwnAccount) {
        let token = crew.team.make_token(&owner, "test", &[scope], 1, app::now()).unwrap();
        for route in routes().filter(|route| route.is_for_programs()) {
            let status = crew.nobody().bearer(route, &filled(route), &token).await;
            let right = match route.access {
                Access::Anybody | Access::SignedIn => true,
                Access::May(permission) | Access::Somewhere(permission) => permission == scope,
            };
            let (verb, path) = (route.verb, route.path);
            if right {
                let refused = [StatusCode::FORBIDDEN, StatusCode::UNAUTHORIZED];
                assert!(!refused.contains(&status), "{scope} {verb:?} {path} {status}");
            } else {
                assert_eq!(status, StatusCode::FORBIDDEN, "{scope} {verb:?} {path}");
            }
        }
        // A token opens no page.
        for route in routes().filter(|r| !r.is_for_programs() && !matches!(r.access, Access::Anybody)) {
            let status = crew.nobody().bearer(route, &filled(route), &token).await;
            let refused = [StatusCode::SEE_OTHER, StatusCode::UNAUTHORIZED];
            assert!(refused.contains(&status), "{scope} {:?} {} {status}", route.verb, route.path);
        }
    }
}

#[tokio::test]
async fn a_product_that_is_not_theirs_is_refused_at_every_route_of_it() {
    let (folder, _) = crew();
    dossier(&folder.path().join("lock"), "Lock");
    let crew = Crew::of_joined(folder.path());
    let guest = crew.joins_for("guest", Role::Owner, "lock");
    let mark = guest.own_mark().await;
    let of_product = || routes().filter(|route| route.path.contains("{product}") && !route.is_for_programs());
    assert!(of_product().count() > 0);
    for route in of_product().filter(|route| !matches!(route.access, Access::Anybody | Access::SignedIn)) {
        assert_eq!(ask(&guest, route, &mark).await, StatusCode::FORBIDDEN, "{:?} {}", route.verb, route.path);
    }
}
