//! `assay audit-passwords`: what in a manufacturing batch is no chance. Nothing of the values is printed or kept.

use app::audit::audit_passwords;

use crate::args::audit_passwords::AuditPasswords;
use crate::exit::Exit;
use crate::failure::Failure;
use crate::output::Output;

/// Audits the file.
pub(crate) fn run(out: &mut Output, args: &AuditPasswords) -> Result<Exit, Failure> {
    let (value, salts, mechanism) = (args.value.as_deref(), args.salts.as_deref(), args.mechanism.as_deref());
    let audited = audit_passwords(&args.file, value, salts, mechanism, app::now());
    let audited = audited.map_err(|error| Failure::new(error, "nothing was audited"))?;
    let audit = &audited.audit;
    let exit = if audit.findings.is_empty() { Exit::Ok } else { Exit::Findings };
    if args.json {
        let document = serde_json::to_value(&audited).map_err(|e| Failure::new(e, "nothing was printed"))?;
        out.json(&document);
        return Ok(exit);
    }
    let (shortest, longest) = audit.length;
    out.say(&format!(
        "{} units, values of {shortest} to {longest} characters, {} different ones, at most {} bits by their places",
        audit.rows, audit.alphabet, audit.bits_at_most
    ));
    for finding in &audit.findings {
        let rows: Vec<String> = finding.rows.iter().map(usize::to_string).collect();
        let more = if finding.count > finding.rows.len() { ", …" } else { "" };
        out.say(&format!("{}: {}: {} rows: {}{more}", finding.kind, finding.text, finding.count, rows.join(", ")));
    }
    match audit.findings.is_empty() {
        true => out
            .say("nothing was found that is no chance, which supports a random generation and does not prove it"),
        false => out.say("what is found can be computed or guessed by who knows the rule"),
    }
    for tried in &audit.tried {
        out.say(&format!("  tried: {tried}"));
    }
    Ok(exit)
}
