//! Templates as a user carries them from one product to the next.
#![allow(clippy::unwrap_used)]

mod program;

use program::Bench;

#[test]
fn a_template_tells_what_differs_writes_only_when_told_and_then_has_nothing_to_add() {
    let bench = Bench::new();
    let template = bench.done(&["template", "save", "plug"]);
    std::fs::write(bench.path("template.toml"), &template).unwrap();
    bench.done(&["new", "lamp", "--product", "Lamp"]);
    let files = || {
        ["assay.toml", "controls.toml"].map(|file| std::fs::read_to_string(bench.path("lamp").join(file)).unwrap())
    };
    let before = files();
    let apply = ["template", "apply", "template.toml", "lamp"];
    let told = bench.run(&apply);
    assert_eq!(told.exit, 0, "{}", told.said);
    assert!(told.said.contains("Nothing was written"), "{}", told.said);
    assert!(told.data.contains("+ responsible 5.3") && told.data.contains("+ control 5.1-1"), "{}", told.data);
    assert_eq!(before, files());
    let done = bench.run(&[&apply[..], &["--write"]].concat());
    assert_eq!(done.exit, 0, "{}", done.said);
    let [assay, _] = files();
    assert!(assay.contains("Lamp") && !assay.contains("Lumen Plug"), "the product stays what it is: {assay}");
    assert!(assay.contains("# Releases of the software"), "remarks stay: {assay}");
    assert_eq!(bench.run(&["check", "lamp", "--quiet"]).exit, 0);
    let again = bench.run(&apply);
    assert!(again.said.contains("has all of it"), "{}{}", again.data, again.said);
    // What the next product says otherwise is its own.
    std::fs::write(
        bench.path("lamp/assay.toml"),
        assay.replacen("statement-days = 365", "statement-days = 180", 1),
    )
    .unwrap();
    let kept = bench.run(&[&apply[..], &["--write"]].concat());
    assert!(kept.data.contains("~ policy statement-days: 180 here, 365 in the template; kept"), "{}", kept.data);
    assert!(files()[0].contains("statement-days = 180"));
    bench.done(&[&apply[..], &["--write", "--overwrite"]].concat());
    assert!(files()[0].contains("statement-days = 365"));
}

#[test]
fn what_is_no_template_is_refused() {
    let bench = Bench::new();
    std::fs::write(bench.path("no.toml"), "[policy]\n").unwrap();
    let said = bench.refused(1, &["template", "apply", "no.toml", "plug", "--write"]);
    assert!(said.contains("assay template save") && said.ends_with("nothing was written\n"), "{said}");
    let said = bench.refused(1, &["template", "apply", "nothing.toml", "plug"]);
    assert!(said.contains("nothing.toml"), "{said}");
}
