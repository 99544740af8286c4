//! A capture file, read whole as an import reads it, with a pattern and a canary. Read twice it says the same.
#![no_main]

use libfuzzer_sys::fuzz_target;
use probes::traffic::capture::{Canary, Parameters, Pattern, read};

fuzz_target!(|bytes: &[u8]| {
    let parameters = Parameters {
        address: Some([192, 0, 2, 7].into()),
        macs: vec!["02:00:5e:00:00:07".to_owned()],
        patterns: vec![Pattern { name: "p".into(), regex: "[a-z]+@[a-z]+".into(), kind: "k".into() }],
        canaries: vec![Canary { name: "c".into(), value: "canary".into(), kind: "canary".into() }],
        ..Parameters::default()
    };
    let once = read(&parameters, &mut &*bytes);
    if let (Ok(once), Ok(again)) = (once, read(&parameters, &mut &*bytes)) {
        assert_eq!(once, again);
    }
});
