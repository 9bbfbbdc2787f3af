//! Files that are found, and what is special about them on disk: links, several names, read-only, another code page.

use std::fs;

use crate::runner::Folder;

const INI: &str = "[Settings]\r\nAA=0\r\n";
const CHANGED: &[u8] = b"[Settings]\r\nAA=1\r\n";

#[cfg(unix)]
fn inode(path: &std::path::Path) -> u64 {
    std::os::unix::fs::MetadataExt::ino(&fs::metadata(path).unwrap())
}

#[test]
fn hard_links_in_the_folder_are_updated_together() {
    let folder = Folder::with(INI);
    for name in ["b.ini", "c.ini"] {
        fs::hard_link(folder.file("MicroSIP.ini"), folder.file(name)).unwrap();
    }
    let dry = folder.on_ini(&["set", "Settings.AA=1", "--dry-run"]).code(0);
    assert!(dry.err().contains("has 3 names (hard links)"), "{}", dry.err());
    assert_eq!(folder.ini(), INI.as_bytes());
    for value in ["1", "0", "1"] {
        folder.on_ini(&["set", &format!("Settings.AA={value}")]).code(0);
    }
    for name in ["MicroSIP.ini", "b.ini", "c.ini"] {
        assert_eq!(fs::read(folder.file(name)).unwrap(), CHANGED, "{name}");
    }
    #[cfg(unix)]
    assert_eq!(inode(&folder.file("b.ini")), inode(&folder.file("MicroSIP.ini")));
    folder.on_ini(&["backup", "restore"]).code(0);
    for name in ["MicroSIP.ini", "b.ini", "c.ini"] {
        assert_eq!(fs::read(folder.file(name)).unwrap(), INI.as_bytes(), "{name}");
    }
    let left = folder.names().into_iter().filter(|name| name.contains(".msipctl-")).count();
    assert_eq!(left, 0, "{:?}", folder.names());
}

#[cfg(unix)]
#[test]
fn file_with_a_hard_link_in_another_folder_is_not_written() {
    let folder = Folder::with(INI);
    fs::create_dir(folder.file("persist")).unwrap();
    fs::hard_link(folder.file("MicroSIP.ini"), folder.file("persist/MicroSIP.ini")).unwrap();
    for extra in [&["--dry-run"][..], &[]] {
        let run = folder.on_ini(&[&["set", "Settings.AA=1"], extra].concat()).code(3);
        assert!(run.err().contains("has 2 names (hard links), and 1 of them can't be found"));
        assert!(run.err().contains("nothing was written"), "{}", run.err());
    }
    folder.on_ini(&["set", "Settings.AA=0"]).code(0);
    for name in ["MicroSIP.ini", "persist/MicroSIP.ini"] {
        assert_eq!(fs::read(folder.file(name)).unwrap(), INI.as_bytes(), "{name}");
    }
    assert!(!folder.file(".msipctl").exists());
}

#[cfg(unix)]
#[test]
fn hard_links_are_reunited_after_a_killed_write() {
    // As a killed run leaves it: one name has the new file, which waits under temporary names for the others.
    for other_wrote in [false, true] {
        for next in ["MicroSIP.ini", "b.ini"] {
            let folder = Folder::with(INI);
            let ini = folder.file("MicroSIP.ini");
            fs::hard_link(&ini, folder.file("c.ini")).unwrap();
            std::thread::sleep(std::time::Duration::from_millis(20));
            fs::write(folder.file("b.ini"), CHANGED).unwrap();
            for name in ["MicroSIP.ini", "c.ini"] {
                let temporary = folder.file(&format!(".{name}.msipctl-aB3dE6"));
                fs::hard_link(folder.file("b.ini"), temporary).unwrap();
                fs::write(folder.file(&format!(".{name}.msipctl-lock")), "").unwrap();
            }
            let theirs = b"[Settings]\r\nAA=0\r\nDND=1\r\n";
            if other_wrote {
                std::thread::sleep(std::time::Duration::from_millis(20));
                fs::write(&ini, theirs).unwrap();
            }
            folder.run(&["set", "Settings.singleMode=1", "-i", next]).code(0);
            folder.run(&["unset", "Settings.singleMode", "-i", next]).code(0);
            let expected: &[u8] = if other_wrote { theirs } else { CHANGED };
            for name in ["MicroSIP.ini", "b.ini", "c.ini"] {
                let path = folder.file(name);
                assert_eq!(fs::read(&path).unwrap(), expected, "{name} {next} {other_wrote}");
                assert_eq!(inode(&path), inode(&ini), "{name} {next} {other_wrote}");
            }
            let names = folder.names();
            assert!(names.iter().all(|name| !name.contains(".msipctl-")), "{names:?}");
        }
    }
}

#[test]
fn second_hard_link_of_a_file_is_written_only_once() {
    let folder = Folder::with(INI);
    fs::hard_link(folder.file("MicroSIP.ini"), folder.file("b.ini")).unwrap();
    folder.run(&["set", "Settings.AA=1", "-i", "MicroSIP.ini", "-i", "b.ini"]).code(0);
    for name in ["MicroSIP.ini", "b.ini"] {
        assert_eq!(fs::read(folder.file(name)).unwrap(), CHANGED, "{name}");
    }
}

#[test]
fn read_only_file_is_reported_by_check_and_locate() {
    let folder = Folder::with(INI);
    let path = folder.file("MicroSIP.ini");
    let mut permissions = fs::metadata(&path).unwrap().permissions();
    permissions.set_readonly(true);
    fs::set_permissions(&path, permissions.clone()).unwrap();
    let run = folder.on_ini(&["check", "--microsip", "3.22.16"]).code(1);
    assert!(run.out().contains("error[read-only-file]"), "{}", run.out());
    let run = folder.on_ini(&["check", "--microsip", "3.22.3"]).code(1);
    assert!(run.out().contains("warning[read-only-file]"), "{}", run.out());
    let run = folder.run(&["locate", "--root", "."]).code(0);
    assert!(run.out().contains("MicroSIP 3.22.16 and newer don't start"), "{}", run.out());
    let json = folder.run(&["locate", "--root", ".", "--format", "json"]).code(0).json();
    assert_eq!(json["files"][0]["read_only"], true);
    #[cfg(windows)]
    #[expect(clippy::permissions_set_readonly_false, reason = "the attribute of Windows")]
    permissions.set_readonly(false);
    fs::set_permissions(&path, permissions).unwrap();
}

#[test]
fn utf8_as_ansi_code_page_is_read_and_converted() {
    let folder = Folder::with("[Account1]\r\nlabel=B\u{fc}ro\r\ndomain=x\r\n");
    let page = &["--ansi-code-page", "65001"];
    let get = folder.on_ini(&[&["get", "Account1.label"], &page[..]].concat()).code(0);
    assert_eq!(get.out(), "B\u{fc}ro\n");
    assert!(get.err().contains("MicroSIP adds stray text to the end"), "{}", get.err());
    let check = folder.on_ini(&[&["check"], &page[..]].concat()).code(1);
    assert!(check.out().contains("error[double-byte-ansi]"), "{}", check.out());
    assert!(check.out().contains("code page 65001"), "{}", check.out());
    assert!(!check.out().contains("utf8-without-bom"), "{}", check.out());
    assert!(!check.out().contains("mojibake"), "{}", check.out());
    folder.on_ini(&[&["check", "--fix"], &page[..]].concat());
    assert!(folder.ini().starts_with(b"\xff\xfe"));
    let get = folder.on_ini(&[&["get", "Account1.label"], &page[..]].concat()).code(0);
    assert_eq!((get.out(), get.err()), ("B\u{fc}ro\n".to_owned(), String::new()));
    folder.on_ini(&["check", "--ansi-code-page", "850"]).code(2);
}

#[test]
fn portable_copies_are_found_and_edited_at_any_depth() {
    let folder = Folder::new();
    let deep = "1/2/3/4/5/6/7/8/9/Phone";
    fs::create_dir_all(folder.file(deep)).unwrap();
    let text = "[Settings]\r\nAA=0\r\nDND=0\r\nsingleMode=1\r\n";
    folder.write(&format!("{deep}/Reception.ini"), text);
    folder.write(&format!("{deep}/Reception.exe"), "");
    folder.write("1/other.ini", "[Settings]\r\ntheme=dark\r\n");
    folder.write("1/other.exe", "");
    folder.run(&["set", "Settings.AA=1", "--root", "."]).code(0);
    let expected = text.replace("AA=0", "AA=1");
    let bytes = fs::read(folder.file(&format!("{deep}/Reception.ini"))).unwrap();
    assert_eq!(bytes, expected.as_bytes());
    let run = folder.run(&["locate", "--root", "."]).code(0);
    assert!(run.out().contains("next to Reception.exe"), "{}", run.out());
    assert_eq!(run.err(), "");
    let run = folder.run(&["locate", "--root", ".", "--max-entries", "4"]);
    assert!(run.err().contains("the search stopped after 4 files and folders"), "{}", run.err());
    let args = ["get", "Settings.AA", "--root", ".", "--max-entries", "4"];
    let run = folder.run(&args).failed();
    assert!(run.err().contains("--max-entries"), "{}", run.err());
}

#[cfg(unix)]
#[test]
fn folder_search_lists_skipped_links() {
    let folder = Folder::new();
    fs::create_dir_all(folder.file("a/b")).unwrap();
    folder.write("a/MicroSIP.ini", INI);
    std::os::unix::fs::symlink("..", folder.file("a/up")).unwrap();
    let run = folder.run(&["locate", "--root", "."]).code(0);
    assert!(run.err().contains("skipped ./a/up: link to a folder"), "{}", run.err());
    let json = folder.run(&["locate", "--root", ".", "--format", "json"]).code(0).json();
    assert_eq!(json["summary"]["skipped"][0]["path"], "./a/up");
    assert_eq!(json["summary"]["limit_reached"], false);
    assert_eq!(json["summary"]["files"], 1);
}

#[cfg(unix)]
#[test]
fn links_owned_by_the_user_are_followed_by_patterns() {
    let folder = Folder::new();
    fs::create_dir_all(folder.file("real/x")).unwrap();
    folder.write("real/x/MicroSIP.ini", INI);
    fs::create_dir(folder.file("sites")).unwrap();
    std::os::unix::fs::symlink("../real/x", folder.file("sites/x")).unwrap();
    folder.run(&["set", "Settings.AA=1", "-i", "sites/*/MicroSIP.ini"]).code(0);
    assert_eq!(fs::read(folder.file("real/x/MicroSIP.ini")).unwrap(), CHANGED);
}

#[cfg(windows)]
#[test]
fn links_found_by_a_pattern_are_not_followed_on_windows() {
    let folder = Folder::new();
    fs::create_dir_all(folder.file("real")).unwrap();
    folder.write("real/MicroSIP.ini", INI);
    fs::create_dir(folder.file("sites")).unwrap();
    let link = folder.file("sites/x");
    let linked = std::os::windows::fs::symlink_dir(folder.file("real"), &link);
    // Wine 8 says that it made a link, and makes none.
    let is_link = || fs::symlink_metadata(&link).is_ok_and(|found| found.is_symlink());
    if linked.is_err() || !is_link() {
        crate::runner::say("not run: links on Windows (this system makes none)");
        return;
    }
    let run = folder.run(&["set", "Settings.AA=1", "-i", "sites/*/MicroSIP.ini"]).failed();
    assert!(run.err().contains("planted"), "{}", run.err());
    assert_eq!(fs::read(folder.file("real/MicroSIP.ini")).unwrap(), INI.as_bytes());
}
