use crate::event::Directive;

#[track_caller]
fn check(text: &str, expected: &str) {
    let found = match Directive::parse(text) {
        Ok(directive) => directive.to_string(),
        Err(error) => error.to_string(),
    };
    assert_eq!(found, expected);
}

#[test]
fn send_message_directive_is_printed_unchanged() {
    let line = "SendMessage,MyAppWindow,WM_USER+100,%number%";
    check(line, line);
}

#[test]
fn directive_errors_name_the_expected_syntax() {
    check(
        "SendMessage,x",
        "column 1: invalid number of fields for `SendMessage`: found 1, expected window, message, payload[, timeout_ms]",
    );
    check(
        "SendMessage,,WM_USER+1,x",
        "column 13: missing window: expected a title or `class:NAME`",
    );
    check(
        "SendMessage,x,y,z",
        "column 15: invalid window message `y`: expected WM_USER+n, WM_APP+n, a number up to 65535, or a name such as WM_CLOSE",
    );
    check(
        "SendMessage,x,WM_USER+1,%callerid%",
        "column 25: unknown placeholder `%callerid%`: expected %number%, %event%, %time%, %user%, %host%, %ini%, or %% for `%`",
    );
    check(
        "SendMessage,x,WM_USER+1,y,20000",
        "column 27: invalid timeout `20000`: expected a whole number up to 10000",
    );
    check(
        "Run,%number%",
        "column 5: invalid program: expected a path that isn't empty and has no placeholder",
    );
    check(
        "Http,get,http://x/",
        "column 6: unknown method `get`: expected one of GET, POST, PUT, PATCH, DELETE, HEAD",
    );
    check(
        "Http,GET,ftp://x/",
        "column 10: invalid URL `ftp://x/`: expected http:// or https:// and a host",
    );
    check(
        "Http,GET,http://%number%/",
        "column 10: invalid URL `http://%number%/`: expected http:// or https:// and a host",
    );
    check(
        "Http,GET,http://a%number%/",
        "column 10: invalid URL `http://a%number%/`: expected http:// or https:// and a host without placeholders",
    );
    check(
        "Log,C:\\%number%.csv",
        "column 5: invalid placeholder in a file name: expected only %event%, %user%, or %host%",
    );
    check(
        "Log,C:\\a.txt",
        "column 5: unknown file type `C:\\a.txt`: expected the extension .csv, .ndjson, or .jsonl",
    );
    check("Udp,host,x", "column 5: invalid address `host`: expected host:port");
    check("Udp,host:0,x", "column 5: invalid address `host:0`: expected host:port");
    check("Open,page", "column 6: missing scheme in `page`: expected a URL such as https://...");
    check(
        "",
        "column 1: missing action: expected one of SendMessage, PostMessage, CopyData, Run, Open, Http, Log, Udp",
    );
}

#[test]
fn system_messages_and_url_schemes_require_permission() {
    let parse = |text: &str| Directive::parse(text).unwrap();
    assert!(parse("SendMessage,x,WM_CLOSE,y").system_message().is_some());
    assert_eq!(parse("SendMessage,x,WM_USER+1,y").system_message(), None);
    assert_eq!(parse("Open,CRM:%number%").scheme_to_permit().as_deref(), Some("crm"));
    assert_eq!(parse("Open,HTTPS://x/%number%").scheme_to_permit(), None);
    assert!(Directive::parse(r"Open,File:///C:/a.exe").is_err());
}
