use std::collections::BTreeMap;
use std::sync::atomic::{AtomicUsize, Ordering};
use app::demo::trial;
use model::Outcome;
fn one(fault: &str, network: &str) -> (BTreeMap<String, (Outcome, String)>, Vec<String>) {
    let at = tempfile::tempdir().unwrap();
    let done = trial(&at.path().join("d"), fault, network, &mut |_| ()).unwrap();
    let all = done.assessed.assessment.instances.iter().map(|i| (i.id.to_string(), (i.judgement.outcome, i.judgement.because.clone()))).collect();
    let mut short = Vec::new();
    for o in &done.assessed.evidence.observations { for s in &o.body.reading.shortfalls { short.push(format!("{} {}: {:?} {}", o.body.run.probe, o.body.run.target, s.kind, s.text)); } }
    (all, short)
}
fn main() {
    let mut names: Vec<String> = std::env::args().skip(1).collect();
    if names.is_empty() { names = app::demo::faults().map(|f| f.0).collect(); }
    let (good, goodshort) = one("", "127.0.30");
    let norm = |s: &str, n: &str| s.replace(n, "127.0.30");
    println!("GOOD shortfalls {goodshort:#?}");
    for (id, (o, b)) in &good { println!("GOOD {o} {id}: {b}"); }
    let next = AtomicUsize::new(0);
    std::thread::scope(|s| { for _ in 0..5 { s.spawn(|| loop {
        let n = next.fetch_add(1, Ordering::SeqCst);
        let Some(name) = names.get(n) else { break };
        let net = format!("127.0.{}", 31 + n);
        let (all, short) = one(name, &net);
        let mut text = format!("=== {name}\n");
        for (id, (o, b)) in &all {
            let g = good.get(id);
            if g.map(|g| g.0) != Some(*o) || g.map(|g| g.1.as_str()) != Some(norm(b, &net).as_str()) {
                text += &format!("  {:?} -> {o} {id}: {b}\n", g.map(|g| g.0));
            }
        }
        for l in &short { let l = norm(l, &net); if !goodshort.contains(&l) { text += &format!("  short {l}\n"); } }
        print!("{text}");
    }); } });
}
