//! What `set` does not write.

use super::INI;
use microsip_schema::Version;

use crate::runner::Folder;

#[track_caller]
fn refused(args: &[&str]) -> String {
    let folder = Folder::with(INI);
    let before = folder.state();
    let run = folder.on_ini(&[&["set"], args].concat()).code(2);
    assert_eq!(run.out(), "");
    assert_eq!(folder.state(), before);
    run.err()
}

#[test]
fn set_rejects_line_breaks_even_with_force() {
    insta::assert_snapshot!(refused(&["Account1.label=a\nAA=1"]), @"error: MicroSIP.ini: `label` in `[Account1]`: invalid value: a line break would end the line");
    insta::assert_snapshot!(refused(&["Account1.label=a\rAA=1", "--force"]), @"error: MicroSIP.ini: `label` in `[Account1]`: invalid value: a line break would end the line");
    insta::assert_snapshot!(refused(&["Account1.la\nbel=a", "--force"]), @r"error: MicroSIP.ini: `la\u{a}bel` in `[Account1]`: invalid key: a line break would end the line");
    insta::assert_snapshot!(refused(&["Sec]tion.label=a", "--force"]), @"error: MicroSIP.ini: `label` in `[Sec]tion]`: invalid section name: because of `]`, Windows would read a different name");
    insta::assert_snapshot!(refused(&["Settings.;key=a", "--force"]), @"error: MicroSIP.ini: `;key` in `[Settings]`: invalid key: because of `;`, Windows would read a different name");
}

#[test]
fn set_rejects_unknown_names_and_suggests_similar_ones() {
    insta::assert_snapshot!(refused(&["Settings.singlMode=1"]), @"
    error: unknown key `singlMode` in `[Settings]`
    hint: did you mean `singleMode`?
    ");
    insta::assert_snapshot!(refused(&["Settings.nothingLikeIt=1"]), @"
    error: unknown key `nothingLikeIt` in `[Settings]`
    hint: to write it anyway, pass `--force`
    ");
    insta::assert_snapshot!(refused(&["Setings.AA=1"]), @"
    error: unknown section `[Setings]`: expected `[Settings]`, `[Account1]`, `[Account2]`, …, or `[Shortcuts]`
    hint: did you mean `Settings`?
    ");
    insta::assert_snapshot!(refused(&["Account1.AA=1"]), @"
    error: unknown key `AA` in `[Account1]`
    hint: it belongs in `[Settings]`
    ");
}

#[test]
fn set_rejects_invalid_values() {
    insta::assert_snapshot!(refused(&["Settings.AA=yes"]), @"
    error: invalid value `yes` for `Settings.AA`: expected `0` or `1`
    hint: to write it anyway, pass `--force`
    ");
    insta::assert_snapshot!(refused(&["Account1.transport=smoke"]), @r#"
    error: invalid value `smoke` for `Account1.transport`: expected `""` (empty), `udp`, `tcp`, or `tls`
    hint: to write it anyway, pass `--force`
    "#);
    insta::assert_snapshot!(refused(&["Settings.rtpPortMin=many"]), @"
    error: invalid value `many` for `Settings.rtpPortMin`: expected an integer from 0 to 65535
    hint: to write it anyway, pass `--force`
    ");
}

#[test]
fn set_rejects_values_that_microsip_truncates() {
    let long = "x".repeat(300);
    let error = refused(&[&format!("Settings.cmdCallEnd=C:\\{long}")]);
    let error = error.replace(&long, "x...").replace(&Version::NEWEST.to_string(), "(newest)");
    insta::assert_snapshot!(error, @"
    error: MicroSIP.ini: the value of `Settings.cmdCallEnd` is too long: it has 303 UTF-16 code units, and MicroSIP (newest) truncates it to 255
    hint: to write it anyway, pass `--force`
    ");
}

#[test]
fn set_rejects_keys_newer_than_the_target_version() {
    insta::assert_snapshot!(refused(&["Settings.cmdCallBusy=x.exe", "--microsip", "3.19.0"]), @"
    error: `Settings.cmdCallBusy` requires MicroSIP 3.19.10 or later; the target version is 3.19.0
    hint: to write it anyway, pass `--force`
    ");
}

#[test]
fn set_writes_nothing_when_one_value_is_invalid() {
    insta::assert_snapshot!(refused(&["Settings.DND=1", "Settings.AA=2"]), @"
    error: invalid value `2` for `Settings.AA`: expected `0` or `1`
    hint: to write it anyway, pass `--force`
    ");
}

#[test]
fn set_with_force_writes_unknown_keys_and_invalid_values() {
    let folder = Folder::with("[Settings]\r\nAA=0\r\n");
    let args = ["set", "Settings.AA=yes", "Settings.mine=1", "Own.key=v", "--force"];
    folder.on_ini(&args).code(0);
    let expected = "[Settings]\r\nAA=yes\r\nmine=1\r\n[Own]\r\nkey=v\r\n";
    assert_eq!(folder.ini(), expected.as_bytes());
}
