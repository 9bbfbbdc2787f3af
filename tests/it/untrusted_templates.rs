//! Templates and policies of strangers: each that could exhaust the machine ends as an error, within limits.
//!
//! Each run is a process of its own with 64 MiB of memory and a limited CPU time, neither of which depends on how busy
//! the machine is.

use std::process::Output;
use std::time::Duration;

use crate::runner::Folder;

/// The memory that a run can have, in bytes.
const MEMORY: u64 = 64 * 1024 * 1024;

/// The CPU time that a run can take: far more than it does, as a build for tests isn't optimized.
const CPU: Duration = Duration::from_secs(if cfg!(debug_assertions) { 20 } else { 2 });

const HEAD: &str = "[template]\nsummary=s\nevents=call-end call-start incoming-call call-ring\n";
const SETTINGS: &str = "[Settings]\n";

/// Runs msipctl within the limits.
fn limited(folder: &Folder, memory: u64, args: &[&str]) -> Output {
    let memory = format!("--data={memory}");
    let cpu = format!("--cpu={}", CPU.as_secs());
    let limits = [memory.as_str(), cpu.as_str(), env!("CARGO_BIN_EXE_msipctl")];
    let all = [&limits[..], args].concat();
    folder.program_command("prlimit", &all).output().unwrap()
}

/// Checks the exit code of a run: anything else than these is a crash or a limit that was reached.
#[track_caller]
fn check_code(name: &str, run: &Output, codes: &[i32]) {
    let code = run.status.code();
    let said: String = errors(run).chars().take(400).collect();
    assert!(code.is_some_and(|code| codes.contains(&code)), "{name}: {:?}: {said}", run.status);
}

fn errors(run: &Output) -> String {
    String::from_utf8_lossy(&run.stderr).into_owned()
}

/// Checks a template within the limits; it has to end with one of these exit codes.
#[track_caller]
fn check_template(name: &str, text: &str, codes: &[i32]) {
    let folder = Folder::new();
    folder.write("t.ini", text);
    let run = limited(&folder, MEMORY, &["template", "check", "t.ini"]);
    check_code(name, &run, codes);
}

/// A template whose directive logs what a text becomes.
fn logging(text: &str) -> String {
    format!("{HEAD}{SETTINGS}{{{{ event.directive }}}}=Udp,h:1,{text}\n")
}

fn nested_loops() -> String {
    let (mut open, mut close) = (String::new(), String::new());
    for name in ["a", "b", "c", "d", "e", "f"] {
        open.push_str(&format!("{{% for {name} in '{}' %}}", "x".repeat(100)));
        close.push_str("{% endfor %}");
    }
    format!("{open}x{close}")
}

/// Texts that are made to exhaust time, memory or the stack of whoever renders them.
fn hostile_texts() -> Vec<(String, String)> {
    let mut texts = Vec::new();
    for count in [200, 400, 4_000, 35_000, 400_000] {
        for link in
            ["+a", ".a", "|upper", "()", "[0]", " and a", "~a", " if a else a", "**a", " is a"]
        {
            texts.push((
                format!("{count} links {link}"),
                format!("{{{{ event.name{} }}}}", link.repeat(count)),
            ));
        }
        for before in ["-", "not ", "(", "[", "{'a':", "("] {
            texts.push((
                format!("{count} times {before}"),
                format!("{{{{ {}1 }}}}", before.repeat(count)),
            ));
        }
        for tag in [
            "{% if 1 %}",
            "{% for a in [1] %}",
            "{% set a %}",
            "{% with a = 1 %}",
            "{% filter upper %}",
        ] {
            texts.push((format!("{count} tags {tag}"), tag.repeat(count)));
        }
        texts.push((
            format!("{count} elif"),
            format!("{{% if 0 %}}{}{{% endif %}}", "{% elif 0 %}".repeat(count)),
        ));
    }
    for (name, text) in [
        ("slice", "{{ [1]|slice(100000000)|list|length }}"),
        ("batch", "{{ [1]|batch(100000000, 0)|list|length }}"),
        ("indent", "{{ 'a'|indent(1000000000, true) }}"),
        ("range", "{{ range(100000000)|list|length }}"),
        (
            "nested range",
            "{% for a in range(99999) %}{% for b in range(99999) %}{% endfor %}{% endfor %}",
        ),
        ("repeated string", "{{ 'a' * 100000000 }}"),
        ("repeated list", "{{ [1] * 100000000 }}"),
        ("repeated in steps", "{{ (('a' * 999) * 999) * 99 }}"),
        ("power", "{{ 9 ** 9 ** 9 ** 9 }}"),
        ("format", "{{ '%999999999d'|format(1) }}"),
        ("join", "{{ ('a' * 9999)|join('b' * 99999) }}"),
        ("replace", "{{ ('a' * 9999)|replace('a', 'b' * 99999) }}"),
        ("replace nothing", "{{ ('a' * 9999)|replace('', 'b' * 99999) }}"),
        ("macro", "{% macro m() %}{{ m() }}{{ m() }}{% endmacro %}{{ m() }}"),
        ("call", "{% macro m() %}{{ caller() }}{% endmacro %}{% call m() %}{% endcall %}"),
        ("include", "{% include 't.ini' %}"),
        ("import", "{% import 't.ini' as t %}"),
        ("extends", "{% extends 't.ini' %}"),
        ("recursive loop", "{% for a in 'ab' recursive %}{{ loop('ab') }}{% endfor %}"),
        ("debug", "{{ debug() }}"),
        ("pprint", "{{ [[[[1]]]]|pprint }}"),
        ("pad", "{{ 'a'|center(999999999) }}"),
        ("sort", "{{ ('ba' * 99999)|sort|unique|length }}"),
        ("split", "{{ ('a ' * 99999)|split(' ')|length }}"),
    ] {
        texts.push((name.to_owned(), text.to_owned()));
    }
    let doubled = "{% set s = s ~ s %}".repeat(40);
    texts.push(("doubled".into(), format!("{{% set s = 'abcdefgh' %}}{doubled}{{{{ s }}}}")));
    let captured = "{% set s %}{{ s }}{{ s }}{% endset %}".repeat(20);
    texts.push((
        "doubled by capture".into(),
        format!("{{% set s = 'abcdefgh' %}}{captured}{{{{ s }}}}"),
    ));
    texts.push(("nested loops".into(), nested_loops()));
    texts.push(("long text".into(), "x".repeat(900_000)));
    texts.push(("long string".into(), format!("{{{{ '{}' }}}}", "x".repeat(30_000))));
    texts
}

#[test]
fn template_check_reports_hostile_texts_within_limits() {
    for (name, text) in hostile_texts() {
        check_template(&name, &logging(&text), &[0, 1, 2]);
        let default = format!(
            "{HEAD}[parameter.p]\nsummary=s\ndefault={text}\n{SETTINGS}{{{{ event.directive }}}}=Udp,h:1,{{{{ p }}}}\n"
        );
        if name.contains("35000") || !name.starts_with(|first: char| first.is_ascii_digit()) {
            check_template(&format!("default: {name}"), &default, &[0, 1, 2]);
        }
    }
}

/// Templates that are made to exhaust whoever reads or tries them.
fn hostile_templates() -> Vec<(&'static str, String)> {
    let line = "{{ event.directive }}=Udp,h:1,x\n";
    let parameter = |index: usize, rest: &str| format!("[parameter.p{index}]\nsummary=s\n{rest}\n");
    let all = |count: usize, rest: &str| {
        (0..count).map(|index| parameter(index, rest)).collect::<String>()
    };
    let used = |count: usize| {
        let fields: String = (0..count).map(|index| format!(" {{{{ p{index} }}}}")).collect();
        format!("{{{{ event.directive }}}}=Udp,h:1,{fields}\n")
    };
    let burning = "{% for a in 'xxxxxxxxxxxxxxxx' %}{% for b in 'xxxxxxxxxxxxxxxx' %}{{ a|upper }}{% endfor %}{% endfor %}";
    vec![
        ("a million parameters", format!("{HEAD}{}{SETTINGS}{line}", all(20_000, "default=x"))),
        (
            "32 heavy patterns",
            format!(
                "{HEAD}{}{SETTINGS}{}",
                all(
                    32,
                    &format!(
                        "required=yes\nexample={}\npattern=(.{{0,9}}){{40}}x",
                        "a".repeat(900)
                    )
                ),
                used(32)
            ),
        ),
        (
            "32 heavy defaults",
            format!(
                "{HEAD}{}{SETTINGS}{}",
                all(32, &format!("default={burning}\npattern=(.{{0,9}}){{40}}")),
                used(32)
            ),
        ),
        (
            "large pattern",
            format!(
                "{HEAD}{}{SETTINGS}{line}",
                parameter(0, "required=yes\npattern=((a{100}){100}){100}")
            ),
        ),
        (
            "nested pattern",
            format!(
                "{HEAD}{}{SETTINGS}{line}",
                parameter(0, &format!("required=yes\npattern={}", "(".repeat(9_000)))
            ),
        ),
        (
            "nested stars",
            format!(
                "{HEAD}{}{SETTINGS}{line}",
                parameter(
                    0,
                    "required=yes\nexample=aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa!\npattern=^((((a*)*)*)*)*$"
                )
            ),
        ),
        (
            "long pattern",
            format!(
                "{HEAD}{}{SETTINGS}{line}",
                parameter(0, &format!("required=yes\npattern={}", "a|".repeat(9_000)))
            ),
        ),
        (
            "long example",
            format!(
                "{HEAD}{}{SETTINGS}{}",
                parameter(0, &format!("required=yes\nexample={}", "%a".repeat(14_000))),
                used(1)
            ),
        ),
        (
            "many events",
            format!(
                "[template]\nsummary=s\nevents={}\n{}{SETTINGS}{}",
                "call-end ".repeat(3_000),
                all(20, "default=x"),
                used(20)
            ),
        ),
        (
            "many sections",
            format!(
                "{HEAD}{}",
                (0..200_000).map(|index| format!("[s{index}]\n")).collect::<String>()
            ),
        ),
        ("long header", format!("[{}", "[".repeat(900_000))),
        ("many lines", format!("{HEAD}{SETTINGS}{}", "a=b\n".repeat(200_000))),
        (
            "many fields",
            format!(
                "{HEAD}{SETTINGS}{{{{ event.directive }}}}=Run,C:\\a.exe{}\n",
                ",x".repeat(14_000)
            ),
        ),
        (
            "many placeholders",
            format!(
                "{HEAD}{SETTINGS}{{{{ event.directive }}}}=Udp,h:1,{}\n",
                "%event%".repeat(4_000)
            ),
        ),
        (
            "long command",
            format!("{HEAD}{SETTINGS}{{{{ event.key }}}}=C:\\a.exe {}\n", "\"x \\".repeat(7_000)),
        ),
        ("NUL characters", "\0".repeat(30_000)),
    ]
}

#[test]
fn template_check_reports_hostile_templates_within_limits() {
    for (name, text) in hostile_templates() {
        check_template(name, &text, &[0, 1, 2]);
    }
}

#[test]
fn template_check_says_which_limit_a_text_exceeds() {
    let folder = Folder::new();
    for (text, expected) in [
        (
            format!("{{{{ 1{} }}}}", "+1".repeat(400)),
            "its tags have more than 256 words and operators",
        ),
        (format!("{{{{ {}1 }}}}", "(".repeat(20)), "brackets are nested more deeply than 16"),
        (
            format!("{{% set s = 'abcdefgh' %}}{}", "{% set s = s ~ s %}".repeat(30)),
            "rendering takes more than",
        ),
        ("{{ [1]|slice(9) }}".to_owned(), "unknown filter"),
    ] {
        folder.write("t.ini", logging(&text));
        let run = folder.run(&["template", "check", "t.ini"]).code(1);
        assert!(run.out().contains(expected), "{expected}: {}", run.out());
    }
    folder.write("t.ini", logging(&"x".repeat(40_000)));
    let run = folder.run(&["template", "check", "t.ini"]).code(2);
    assert!(run.err().contains("expected at most 32768"), "{}", run.err());
    assert!(run.err().contains("hint: check that this is a template"), "{}", run.err());
}

/// Policies that are made to exhaust whoever loads one.
fn hostile_policies() -> Vec<(String, String)> {
    let mut policies = Vec::new();
    for (name, text) in hostile_texts() {
        let text = text.replace("event.name", "host").replace('\\', "\\\\").replace('"', "\\\"");
        if name.contains("400 ")
            || name.contains("35000")
            || !name.starts_with(|first: char| first.is_ascii_digit())
        {
            policies.push((name, format!("[Account1]\nlabel = \"{text}\"\n")));
        }
    }
    for (name, text) in [
        ("nested arrays", format!("a = {}", "[".repeat(200_000))),
        ("nested tables", format!("a = {}", "{a=".repeat(200_000))),
        ("dotted key", format!("{}a = 1", "a.".repeat(200_000))),
        ("dotted header", format!("[{}a]\n", "a.".repeat(200_000))),
        (
            "large pattern",
            "[Settings]\nuserAgent = { matches = \"((a{100}){100}){100}\" }\n".to_owned(),
        ),
        (
            "nested pattern",
            format!("[Settings]\nuserAgent = {{ matches = \"{}\" }}\n", "(".repeat(100_000)),
        ),
        (
            "many stars",
            format!("[match]\nhost = \"{}b\"\n[Settings]\nAA = true\n", "*a".repeat(100_000)),
        ),
        (
            "itself in many spellings",
            format!(
                "extends = [{}]\n",
                (0..20_000)
                    .map(|index| format!("\"{}p.toml\"", "x/../".repeat(index % 40 + 1)))
                    .collect::<Vec<_>>()
                    .join(",")
            ),
        ),
        (
            "many missing files",
            format!(
                "extends = [{}]\n",
                (0..100_000).map(|index| format!("\"{index}.toml\"")).collect::<Vec<_>>().join(",")
            ),
        ),
        (
            "unknown template",
            format!("[[hook]]\ntemplate = \"{}\"\non = [\"call-end\"]\n", "a".repeat(3_000_000)),
        ),
        ("more than a policy can have", "# x\n".repeat(2_000_000)),
    ] {
        policies.push((name.to_owned(), text));
    }
    policies
}

#[test]
fn hostile_policies_fail_within_limits() {
    for (name, text) in hostile_policies() {
        let folder = Folder::with("[Settings]\nAA=0\nuserAgent=aaaaaaaaaaaaaaaaaaaaaaaaaaaaaa\n");
        folder.write("p.toml", &text);
        let run = limited(&folder, 2 * MEMORY, &["plan", "p.toml", "-i", "MicroSIP.ini"]);
        check_code(&name, &run, &[0, 1, 2]);
    }
}

#[test]
fn policies_that_extend_each_other_through_links_fail() {
    let folder = Folder::with("[Settings]\nAA=0\n");
    folder.write("p.toml", "extends = [\"a/p.toml\", \"b/p.toml\"]\n[Settings]\nAA = true\n");
    for name in ["a", "b"] {
        std::os::unix::fs::symlink(".", folder.file(name)).unwrap();
    }
    let run = limited(&folder, MEMORY, &["plan", "p.toml", "-i", "MicroSIP.ini"]);
    check_code("links", &run, &[2]);
    // The system follows 40 links at most; hard links and folders would reach the limits of policies.
    let said = errors(&run);
    assert!(said.starts_with("error: can't read a/") && said.contains("p.toml"), "{said}");
}

#[test]
fn inputs_that_are_not_files_are_rejected_immediately() {
    let folder = Folder::with("[Settings]\nAA=0\n");
    folder.write("p.toml", "[Settings]\nAA = true\n");
    let pipe = folder.file("pipe.toml");
    rustix::fs::mknodat(rustix::fs::CWD, &pipe, rustix::fs::FileType::Fifo, 0o600.into(), 0)
        .unwrap();
    std::os::unix::fs::symlink("pipe.toml", folder.file("pipe.ini")).unwrap();
    for device in ["pipe.toml", "pipe.ini", "/dev/zero", "/dev/stdin", "."] {
        for args in [
            &["check", "-i", "MicroSIP.ini", "--baseline", device][..],
            &["check", "-i", "MicroSIP.ini", "--config", device],
            &["audit", "p.toml", "-i", "MicroSIP.ini", "--compare-to", device],
            &["audit", device, "-i", "MicroSIP.ini"],
            &["plan", device, "-i", "MicroSIP.ini"],
            &["plan", "p.toml", "--inventory", device],
            &["apply", device, "-i", "MicroSIP.ini"],
            &["template", "check", "./pipe.ini"],
        ] {
            let run = limited(&folder, MEMORY, args);
            check_code(&format!("{args:?}"), &run, &[2]);
        }
    }
}
