//! Output that other programs read stays valid, and what reaches them stays text, whatever files and callers hold.

use msipctl_core::event::Directive;
use msipctl_core::hook::{Catalogue, Integration};
use quick_xml::events::Event as Xml;

use crate::runner::{Folder, utf16};

/// What XML 1.0 can't hold, and what means something in it.
const HOSTILE: &str =
    "\u{fffe}\u{ffff}\u{1}\u{b}\u{1f}\u{7f}\u{85}<a b=\"c\" d='e'>&amp;]]>\u{2028}\u{10ffff}";

/// Reads XML, and returns all its texts and values of attributes.
#[track_caller]
pub(crate) fn read_xml(xml: &str) -> Vec<String> {
    // The parser doesn't look at that.
    let is_char = |character: char| matches!(character, '\t' | '\n' | '\r' | '\u{20}'..='\u{d7ff}' | '\u{e000}'..='\u{fffd}' | '\u{10000}'..);
    assert_eq!(xml.chars().find(|character| !is_char(*character)), None, "{xml:?}");
    assert!(xml.starts_with('<'), "{xml}");
    let mut reader = quick_xml::Reader::from_str(xml);
    let (mut texts, mut depth) = (Vec::new(), 0);
    loop {
        match reader.read_event().unwrap_or_else(|error| panic!("{error}: {xml}")) {
            Xml::Eof => break,
            event @ (Xml::Start(_) | Xml::Empty(_)) => {
                depth += i32::from(matches!(event, Xml::Start(_)));
                let (Xml::Start(tag) | Xml::Empty(tag)) = event else { unreachable!() };
                for attribute in tag.attributes() {
                    let value = attribute.unwrap_or_else(|error| panic!("{error}: {xml}")).value;
                    let value = str::from_utf8(&value).unwrap().to_owned();
                    texts.push(quick_xml::escape::unescape(&value).unwrap().into_owned());
                }
            }
            Xml::End(_) => depth -= 1,
            Xml::Text(text) => texts.push(str::from_utf8(&text).unwrap().to_owned()),
            Xml::CData(text) => texts.push(str::from_utf8(&text).unwrap().to_owned()),
            Xml::GeneralRef(name) => {
                let name = str::from_utf8(&name).unwrap().to_owned();
                texts.push(quick_xml::escape::unescape(&format!("&{name};")).unwrap().into_owned());
            }
            _ => {}
        }
    }
    assert_eq!(depth, 0, "{xml}");
    texts
}

fn hostile_file() -> Folder {
    Folder::with(utf16(&format!(
        "[Settings]\r\nAA={HOSTILE}\r\nDND=yes{HOSTILE}\r\nnosuch{HOSTILE}=1\r\nautoAnswer={HOSTILE}\r\n\
         ; msipctl: ignore port-conflict {HOSTILE}\r\n[Account1]\r\nlabel={HOSTILE}\r\ndomain={HOSTILE}\r\n"
    )))
}

#[test]
fn junit_is_valid_xml_when_a_file_has_invalid_xml_characters() {
    let folder = hostile_file();
    let run = folder.run(&["check", "--select", "all", "--format", "junit", "-i", "MicroSIP.ini"]);
    let texts = read_xml(&String::from_utf8(run.everything()).unwrap());
    assert!(texts.iter().any(|text| text.contains(r"\u{fffe}\u{ffff}\u{1}")), "{texts:?}");

    let policy = "[Account1]\nlabel = \"a\\uFFFE\\uFFFF<&\"\n\"k\\uFFFF\" = { value = \"1\", force = true }\n";
    folder.write("policy.toml", policy);
    let run = folder.run(&["audit", "policy.toml", "--format", "junit", "-i", "MicroSIP.ini"]);
    let texts = read_xml(&String::from_utf8(run.everything()).unwrap());
    assert!(texts.iter().any(|text| text.contains(r"\u{fffe}\u{ffff}")), "{texts:?}");
}

#[cfg(unix)]
#[test]
fn junit_is_valid_xml_when_a_path_has_invalid_xml_characters() {
    let folder = Folder::new();
    let name = HOSTILE.replace('\u{10ffff}', "\n");
    folder.write(&name, "[Settings]\nAA=x\n");
    let missing = format!("{name}.none");
    let args = ["check", "--format", "junit", "-i", &name, "-i", &missing];
    let output = crate::runner::started(|| folder.command(&args).output());
    let texts = read_xml(&String::from_utf8(output.stdout).unwrap());
    assert!(texts.iter().any(|text| text.contains(r"\u{fffe}\u{ffff}\u{1}")), "{texts:?}");
}

#[test]
fn github_annotations_remain_single_lines_when_a_file_is_hostile() {
    let folder = hostile_file();
    let run = folder.run(&["check", "--select", "all", "--format", "github", "-i", "MicroSIP.ini"]);
    let out = String::from_utf8(run.everything()).unwrap();
    assert!(out.lines().count() > 3, "{out}");
    for line in out.lines() {
        let is_command =
            ["::error ", "::warning ", "::notice "].iter().any(|start| line.starts_with(start));
        assert!(is_command && !line.contains('\u{2028}'), "{line:?}");
    }
}

#[test]
fn placeholder_in_xml_markup_is_rejected() {
    for body in
        ["<call %number%/>", "<call n=%number%/>", "<!-- %number% --><a/>", "<a><%number%/></a>"]
    {
        let error =
            Directive::parse(&format!("Http,POST,http://h/,{body}")).unwrap_err().to_string();
        assert!(error.contains("invalid placeholder in XML markup"), "{body}: {error}");
        let folder = Folder::with(format!(
            "[Settings]\nOnCallEnd=Http,POST,http://h/,{body}\ncmdCallEnd=\"C:\\m.exe\" hook run call-end\n"
        ));
        let out = folder.on_ini(&["check", "--select", "invalid-directive"]).code(1).out();
        assert!(out.contains("invalid placeholder in XML markup"), "{out}");
    }
}

#[test]
fn unescaped_caller_id_in_xml_is_reported() {
    let folder = Folder::with(
        "[Settings]\nOnCallEnd=CopyData,W,1,<n>%number%</n>\ncmdCallEnd=\"C:\\m.exe\" hook run call-end\n",
    );
    let out = folder.on_ini(&["check", "--select", "unescaped-xml"]).code(1).out();
    assert!(out.contains("the caller ID isn't escaped in the XML"), "{out}");
    let out = folder.on_ini(&["hook", "explain", "--check", "--caller", "<b>"]).code(1).out();
    assert!(out.contains("warning[unescaped-xml]"), "{out}");
}

#[test]
fn built_in_templates_do_not_insert_the_caller_id_into_xml() {
    let catalogue = Catalogue::shipped();
    let mut directives = 0;
    for (name, _) in catalogue.names() {
        let template = catalogue.template(name).unwrap().unwrap();
        let values = template
            .parameters()
            .iter()
            .filter(|it| it.required)
            .map(|it| (it.name.clone(), sample(name, &it.name).to_owned()))
            .collect();
        for event in template.events() {
            for (_, line) in template.render(&[*event], &values).unwrap().lines() {
                if line.key == event.directive() {
                    let directive = Directive::parse(&line.value).unwrap();
                    assert!(!directive.has_unescaped_xml(), "{}", line.value);
                    directives += 1;
                }
            }
        }
    }
    assert!(directives > 8 * 10, "{directives}");
}

/// Returns a value for a parameter that has to be given.
fn sample(template: &str, name: &str) -> &'static str {
    match name {
        "file" => r"C:\a.csv",
        "script" if template == "autohotkey" => r"C:\a.ahk",
        "script" if template == "python-script" => r"C:\a.py",
        "script" => r"C:\a.ps1",
        "program" => r"C:\a.exe",
        "url" => "https://crm.example.com/",
        "address" => "localhost:514",
        _ => "W",
    }
}

/// Files that put a caller into XML let an XML library do it, and files that print one escape it.
#[test]
fn integration_files_escape_the_caller_id() {
    let mut xml = 0;
    for name in Integration::names() {
        for file in Integration::find(name).unwrap().unwrap().files() {
            let text = &file.text;
            let writes_xml =
                ["LoadXml", "<toast", "<?xml", "text/xml"].iter().any(|mark| text.contains(mark));
            if writes_xml {
                xml += 1;
                assert!(text.contains("CreateTextNode"), "{}", file.name);
                for line in text.lines().filter(|line| line.contains("LoadXml(")) {
                    assert!(line.contains("LoadXml('<") || line.contains("OuterXml"), "{line}");
                    assert!(!line.contains("$Caller") && !line.contains("$number"), "{line}");
                }
            }
            for print in ["print(f\"{kind}", "Console.WriteLine(\"{0}: {1}\""] {
                for line in text.lines().filter(|line| line.contains(print)) {
                    assert!(line.contains("hown(text)"), "{}: {line}", file.name);
                }
            }
        }
    }
    assert_eq!(xml, 1, "toast.ps1 alone writes XML; a new file needs its check here");
}

#[test]
fn python_receiver_escapes_a_hostile_caller_id() {
    let folder = Folder::new();
    folder.run(&["template", "copy", "python-receiver", "."]).code(0);
    let code = "import receiver; receiver.on_call('message', '\\x1b[31m\\x9b\\u202e\\u2028a\\xe4')";
    let mut command = std::process::Command::new("python3");
    command.args(["-c", code]).current_dir(folder.path()).env("PYTHONIOENCODING", "utf-8");
    match command.output() {
        Err(_) => {
            crate::runner::say("not run: the Python receiver shows a hostile caller (no python3)");
        }
        Ok(output) => {
            let out = String::from_utf8(output.stdout).unwrap();
            assert_eq!(
                out.trim_end(),
                "message: <U+001B>[31m<U+009B><U+202E><U+2028>a\u{e4}",
                "{}",
                String::from_utf8_lossy(&output.stderr)
            );
        }
    }
}
