//! Public pages of the maker: disclosure policy, support period, sensors, secure set-up, privacy.

use crate::fault_set::FaultSet;
use crate::faults::Fault;
use crate::http::Response;

struct Page {
    path: &'static str,
    title: &'static str,
    body: &'static str,
    /// The fault without which the page is there.
    missing: Option<Fault>,
    /// The fault without which no login is needed.
    hidden: Option<Fault>,
    /// The fault that replaces the text.
    other: Option<(Fault, &'static str)>,
}

const POLICY: &str = "<p>Report vulnerabilities to <a href=\"mailto:security@lumen.invalid\">security@lumen.invalid</a>.</p>\
    <p>We acknowledge a report within 3 working days and send a status update at least every 14 days until it is \
    resolved. We aim to publish a fix within 90 days and name the reporter on request.</p>";
const POLICY_WITHOUT_TIMES: &str = "<p>Report vulnerabilities to <a href=\"mailto:security@lumen.invalid\">security@lumen.invalid</a>.</p>\
     <p>We look at every report.</p>";
const SUPPORT: &str = "<p>Lumen Plug Cam (model LPC-1) receives security updates until <time datetime=\"2031-12-31\">\
    31 December 2031</time>. This date will not be brought forward.</p>";
const SUPPORT_UNDATED: &str =
    "<p>Lumen Plug Cam (model LPC-1) receives security updates during its life time.</p>";
const SENSORS: &str = "<ul><li>Camera: takes pictures of the room while the stream is open or motion is seen.</li>\
    <li>Power meter: measures current and voltage of the connected appliance.</li>\
    <li>Temperature sensor: protects the plug from overheating.</li></ul><p>There is no microphone.</p>";
const SETUP: &str = "<ol><li>Log in with the password on the label of your own plug.</li><li>Choose a new password.</li>\
    <li>Leave remote access off unless you need it.</li><li>Keep automatic updates on.</li></ol>\
    <p>To check the set-up, open the start page: it shows whether the password on the label is still in use and whether remote access is on.</p>";
const PRIVACY: &str = "<p>The plug sends relay state, power and temperature to our service to show them in your account; \
    Lumen Demonstration processes them and keeps them for 30 days. Pictures stay on the plug. No third party receives \
    data. You can erase everything on the plug and in your account at any time.</p>";
const SECURITY_TXT: &str = "Contact: mailto:security@lumen.invalid\nExpires: 2031-12-31T00:00:00Z\n\
    Policy: /security/disclosure-policy\nPreferred-Languages: en\n";

const PAGES: &[Page] = &[
    Page {
        path: "/security/disclosure-policy",
        title: "Vulnerability disclosure policy",
        body: POLICY,
        missing: Some(Fault::PolicyMissing),
        hidden: Some(Fault::PolicyBehindLogin),
        other: Some((Fault::PolicyWithoutTimelines, POLICY_WITHOUT_TIMES)),
    },
    Page {
        path: "/support-period",
        title: "Support period",
        body: SUPPORT,
        missing: None,
        hidden: Some(Fault::SupportPeriodBehindLogin),
        other: Some((Fault::SupportPeriodUndated, SUPPORT_UNDATED)),
    },
    plain("/docs/sensors", "Sensors of the plug", SENSORS, Some(Fault::SensorsDocMissing)),
    plain("/docs/secure-setup", "Secure set-up", SETUP, Some(Fault::SecureSetupMissing)),
    plain("/privacy", "Privacy", PRIVACY, Some(Fault::PrivacyMissing)),
    plain("/", "Lumen Plug Cam", "<p>Support, security and privacy of the plug.</p>", None),
    plain(
        "/login",
        "Log in",
        "<form method=\"post\"><input name=\"user\"><input name=\"password\" type=\"password\"></form>",
        None,
    ),
];

const fn plain(path: &'static str, title: &'static str, body: &'static str, missing: Option<Fault>) -> Page {
    Page { path, title, body, missing, hidden: None, other: None }
}

/// The page of a path.
pub(super) fn get(path: &str, faults: &FaultSet) -> Response {
    if matches!(path, "/security.txt" | "/.well-known/security.txt") {
        return Response::text(200, SECURITY_TXT);
    }
    let has = |fault: Option<Fault>| fault.is_some_and(|fault| faults.has(fault));
    let Some(page) = PAGES.iter().find(|page| page.path == path && !has(page.missing)) else {
        return Response::html(404, "<!doctype html><title>Not found</title><p>Not found.</p>");
    };
    if has(page.hidden) {
        return Response::redirect(302, "/login");
    }
    let body = match page.other {
        Some((fault, text)) if faults.has(fault) => text,
        _ => page.body,
    };
    let title = page.title;
    Response::html(
        200,
        format!(
            "<!doctype html><html lang=\"en\"><head><meta charset=\"utf-8\"><title>{title}</title></head>\
             <body><h1>{title}</h1>{body}</body></html>"
        ),
    )
}
