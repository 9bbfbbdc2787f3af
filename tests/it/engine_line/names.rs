//! Names of keys, templates, and paths: whatever they are, the line is short and ASCII.

use proptest::prelude::*;

use super::{ENGINES, line};
use crate::runner::{Folder, utf16};

/// Characters that a key, a section, or a folder can have on every system.
fn name(max: usize) -> impl Strategy<Value = String> {
    let character = prop_oneof![
        4 => prop::char::range('a', 'z'),
        1 => Just('.'),
        1 => Just('-'),
        1 => Just(' '),
        1 => Just('ü'),
        1 => Just('\u{1f4de}'),
        1 => Just('\u{202e}'),
        1 => Just('電'),
    ];
    prop::collection::vec(character, 0..max)
        .prop_map(|inner| format!("k{}z", inner.into_iter().collect::<String>()))
}

/// Returns a TOML string.
fn quoted(text: &str) -> String {
    format!("{text:?}").replace("\\u{", "\\U{").replace("\\U{202e}", "\\u202e")
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 24, ..ProptestConfig::default() })]

    #[test]
    fn line_is_short_and_ascii_for_any_names(
        keys in prop::collection::vec((name(40), name(200)), 1..120),
        template in name(30),
        dir in name(30),
        engine in 0..3_usize,
    ) {
        let folder = Folder::new();
        let dir = format!("{dir}-Mustermann");
        std::fs::create_dir(folder.file(&dir)).unwrap();
        let mut policy = String::new();
        for (number, (section, key)) in keys.iter().enumerate() {
            // Each section and key is unique, however similar the names are.
            policy += &format!("[{}]\n{} = {{ value = \"Tr0ub4dor\", force = true }}\n", quoted(&format!("{section}{number}")), quoted(key));
        }
        policy += &format!("[[hook]]\ntemplate = {}\non = [\"call-start\", \"call-end\"]\n", quoted(&template));
        folder.write(&format!("{dir}/p.toml"), policy);
        folder.write(&format!("{dir}/{template}.ini"), "[template]\nsummary=Test\nevents=call-start, call-end\n[Settings]\n{{ event.directive }}=Log,Tr0ub4dor.csv\n");
        folder.write(&format!("{dir}/MicroSIP.ini"), utf16("[Settings]\r\nAA=0\r\n"));
        let (policy, ini) = (format!("{dir}/p.toml"), format!("{dir}/MicroSIP.ini"));
        for command in ["audit", "apply", "audit"] {
            let args = [command, &policy, "-i", &ini, "--template-dir", &dir, "--engine", ENGINES[engine]];
            let run = folder.run(&args);
            let line = line(&run);
            prop_assert!(!line.contains("Tr0ub4dor") && !line.contains("Mustermann"), "{}", line);
            prop_assert!(line.contains("; "), "{}", line);
        }
    }
}
