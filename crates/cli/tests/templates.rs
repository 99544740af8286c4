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

#[test]
fn what_was_asked_for_is_asked_of_the_next_product_once_and_without_answers_or_links() {
    let bench = Bench::new();
    let ask = |scope: &str, of: &str, more: &[&str]| {
        let args = ["requests", "ask", scope, "--of", of, "--by", "E. Ngineer", "--folder", "plug"];
        bench.done(&[&args[..], more].concat())
    };
    let person = std::fs::read_to_string(bench.path("plug/assay.toml")).unwrap();
    let people = "[[person]]\nname = \"S. Upplier\"\nrole = \"chip supplier\"\n";
    std::fs::write(bench.path("plug/assay.toml"), format!("{person}\n{people}")).unwrap();
    let link =
        ask("the errata", "S. Upplier", &["--about", "5.2-1", "--accept-when", "it names the chip", "--link"]);
    ask("the login", "L. Ab", &["--about", "5.1-1-1a@AuthMech-Web", "--kind", "photo"]);
    ask("not needed", "L. Ab", &[]);
    let done = |args: &[&str]| bench.done(&[&["requests"], args, &["--folder", "plug"]].concat());
    done(&["withdraw", "R-3", "--because", "no", "--by", "E. Ngineer"]);
    done(&["answer", "R-1", "--reference", "ERR-4711", "--by", "S. Upplier"]);
    let template = bench.done(&["template", "save", "plug"]);
    let secret = link.rsplit('/').next().unwrap().trim();
    for kept_back in ["ERR-4711", secret, "not needed"] {
        assert!(!template.contains(kept_back), "{kept_back}: {template}");
    }
    assert!(template.contains("role = \"chip supplier\"") && template.contains("of = \"L. Ab\""), "{template}");
    assert!(template.contains("days = 14"), "as long as it had: {template}");
    // Another person has the role, and nothing of the name that the second one is about.
    bench.done(&["new", "lamp", "--product", "Lamp"]);
    let lamp = std::fs::read_to_string(bench.path("lamp/assay.toml")).unwrap();
    let people = people.replace("S. Upplier", "N. Ew");
    std::fs::write(bench.path("lamp/assay.toml"), format!("{lamp}\n{people}")).unwrap();
    std::fs::write(bench.path("template.toml"), &template).unwrap();
    let apply = ["template", "apply", "template.toml", "lamp"];
    let told = bench.run(&apply).data;
    assert!(told.contains("+ request the errata: document, of N. Ew, about 5.2-1"), "{told}");
    assert!(
        told.contains("! request the login 5.1-1-1a@AuthMech-Web: left out: this dossier has nothing"),
        "{told}"
    );
    let list = || bench.done(&["requests", "list", "lamp", "--json"]);
    assert!(!list().contains("the errata"), "it is only told");
    let said = bench.refused(1, &[&apply[..], &["--write"]].concat());
    assert!(said.contains("`--by` says who you are") && said.ends_with("nothing was written\n"), "{said}");
    let write = [&apply[..], &["--write", "--by", "E. Ngineer", "--links"]].concat();
    let wrote = bench.run(&write);
    assert_eq!(wrote.exit, 0, "{}", wrote.said);
    assert!(wrote.data.contains("/answer/lamp/"), "{}", wrote.data);
    let asked: serde_json::Value = serde_json::from_str(&list()).unwrap();
    let [one] = asked["requests"].as_array().unwrap().as_slice() else { panic!("{asked}") };
    assert_eq!((&one["ask"]["of"], &one["state"]), (&"N. Ew".into(), &"asked".into()));
    assert_eq!(one["ask"]["criterion"][0], "it names the chip");
    // Applied again, nothing doubles; what is said otherwise is told, and the request stays what it is.
    bench.done(&write);
    let again: serde_json::Value = serde_json::from_str(&list()).unwrap();
    assert_eq!(again["requests"], asked["requests"]);
    std::fs::write(bench.path("template.toml"), template.replace("names the chip", "names its revision")).unwrap();
    let told = bench.run(&apply);
    assert!(told.data.contains("~ request the errata accept-when: it names the chip here"), "{}", told.data);
    assert!(told.said.contains("has all of it"), "{}", told.said);
    std::fs::write(bench.path("template.toml"), template.replace("scope = \"the errata\"", "what = 1")).unwrap();
    let said = bench.refused(1, &write);
    assert!(said.contains("`[[request]]` 1: nothing reads its key `what`"), "{said}");
}
