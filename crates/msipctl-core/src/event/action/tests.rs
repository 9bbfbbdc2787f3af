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
        "column 1: `SendMessage` has 1 fields, expected window, message, payload[, timeout_ms]",
    );
    check(
        "SendMessage,,WM_USER+1,x",
        "column 13: an empty window, expected its title or class:NAME",
    );
    check(
        "SendMessage,x,y,z",
        "column 15: `y` is no message, expected WM_USER+n, WM_APP+n, a number up to 65535 or a name such as WM_CLOSE",
    );
    check(
        "SendMessage,x,WM_USER+1,%callerid%",
        "column 25: `%callerid%` is no placeholder, expected %number%, %event%, %time%, %user%, %host%, %ini% or %% for `%`",
    );
    check(
        "SendMessage,x,WM_USER+1,y,20000",
        "column 27: `20000` is no timeout, expected a number up to 10000",
    );
    check(
        "Run,%number%",
        "column 5: a program that is empty or has a placeholder, expected a path",
    );
    check(
        "Http,get,http://x/",
        "column 6: `get` is no method, expected GET, POST, PUT, PATCH, DELETE, HEAD",
    );
    check(
        "Http,GET,ftp://x/",
        "column 10: `ftp://x/` is no address, expected http:// or https:// and a host",
    );
    check(
        "Http,GET,http://%number%/",
        "column 10: `http://%number%/` is no address, expected http:// or https:// and a host",
    );
    check(
        "Http,GET,http://a%number%/",
        "column 10: `http://a%number%/` has no fixed host, expected http:// or https:// and a host",
    );
    check(
        "Log,C:\\%number%.csv",
        "column 5: a placeholder in a file's name, expected %event%, %user% or %host% only",
    );
    check(
        "Log,C:\\a.txt",
        "column 5: `C:\\a.txt` has no known ending, expected .csv, .ndjson or .jsonl",
    );
    check("Udp,host,x", "column 5: `host` is no address, expected host:port");
    check("Udp,host:0,x", "column 5: `host:0` is no address, expected host:port");
    check("Open,page", "column 6: `page` has no scheme, expected an address such as https://...");
    check(
        "",
        "column 1: `` is no action, expected SendMessage, PostMessage, CopyData, Run, Open, Http, Log, Udp",
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
