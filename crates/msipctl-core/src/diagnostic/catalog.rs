//! All codes, one row each.

use std::fmt;
use std::str::FromStr;

use super::classification::{Group, Scope, Severity};

/// What the catalog says of a code.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Descriptor {
    /// The code.
    pub code: Code,
    /// Its name in kebab case, after the problem that it stands for.
    pub name: &'static str,
    /// The problem, in a line.
    pub summary: &'static str,
    /// Where it can be found.
    pub scope: Scope,
    /// How bad the problem is, as a rule.
    pub severity: Severity,
    /// What the problem is about.
    pub group: Group,
    /// The msipctl version that brought it.
    pub since: &'static str,
}

/// Declares the codes and their catalog, in order of name.
macro_rules! catalog {
    ($($code:ident: $name:literal, $scope:ident, $severity:ident, $group:ident, $since:literal, $summary:literal;)+) => {
        /// A kind of problem that msipctl can report.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub enum Code {
            $(#[doc = concat!("`", $name, "`: ", $summary, ".")] $code,)+
        }

        /// What is known of each code, in order of name.
        pub static CATALOG: [Descriptor; [$(Code::$code),+].len()] = [
            $(Descriptor {
                code: Code::$code,
                name: $name,
                summary: $summary,
                scope: Scope::$scope,
                severity: Severity::$severity,
                group: Group::$group,
                since: $since,
            },)+
        ];
    };
}

catalog! {
    AccountGap: "account-gap", File, Warning, Accounts, "0.1.0", "account that is not seen behind a gap";
    AccountIdMissing: "account-id-missing", File, Error, Accounts, "0.1.0", "accounts without an accountId that names one";
    AccountIdToNowhere: "account-id-to-nowhere", File, Error, Accounts, "0.1.0", "accountId that names no account";
    AccountIdZero: "account-id-zero", File, Warning, Accounts, "0.1.0", "accountId 0 beside accounts";
    AccountOverwrittenAtStart: "account-overwritten-at-start", File, Error, Accounts, "0.1.0", "account that MicroSIP overwrites at its next start";
    AccountWithoutDomain: "account-without-domain", File, Error, Accounts, "0.1.0", "account without a domain";
    AccountWithoutUsername: "account-without-username", File, Warning, Accounts, "0.1.0", "account without a user name";
    AnsiLetters: "ansi-letters", File, Info, Encoding, "0.1.0", "letters that depend on the code page of the computer";
    ArgumentsInPath: "arguments-in-path", Hook, Error, Hooks, "0.1.0", "arguments where MicroSIP takes all for a path";
    BlanksDropped: "blanks-dropped", File, Info, Structure, "0.1.0", "blank at an end of a text, which is not read";
    BlocksRinging: "blocks-ringing", Hook, Info, Hooks, "0.1.0", "command before whose end the phone does not ring";
    BridgeOfOtherEvent: "bridge-of-other-event", Hook, Error, Hooks, "0.1.0", "bridge that runs the directives of another event";
    BridgeOfOtherFile: "bridge-of-other-file", Hook, Error, Hooks, "0.1.0", "bridge that names another file";
    BridgeWithoutDirective: "bridge-without-directive", Hook, Warning, Hooks, "0.1.0", "bridge that has nothing to run";
    ButtonWithoutEffect: "button-without-effect", File, Info, Schema, "0.1.0", "button that is pressed and does nothing";
    CallerAsOption: "caller-as-option", Call, Warning, Hooks, "0.1.0", "caller's text that looks like an option to the program";
    CallerNotPassed: "caller-not-passed", Hook, Warning, Hooks, "0.1.0", "address to which the caller is not added";
    CallerSplits: "caller-splits", Call, Warning, Hooks, "0.1.0", "caller's text that becomes several arguments";
    CommentBehindValue: "comment-behind-value", File, Error, Structure, "0.1.0", "comment that is part of the value for Windows";
    ConflictMarker: "conflict-marker", File, Error, Structure, "0.1.0", "mark of a merge that was never finished";
    CutOff: "cut-off", Hook, Error, Hooks, "0.1.0", "command that MicroSIP cuts off";
    CutWhenSaved: "cut-when-saved", Hook, Warning, Hooks, "0.1.0", "command too long for the quotes it is saved in";
    DeviceNames: "device-names", File, Info, Hygiene, "0.1.0", "devices of one computer in a template";
    DirectiveInWrongSection: "directive-in-wrong-section", File, Error, Hooks, "0.1.0", "directive where msipctl does not look for it";
    DirectiveInvalid: "directive-invalid", Hook, Error, Hooks, "0.1.0", "directive that cannot be read";
    DirectiveWithoutBridge: "directive-without-bridge", Hook, Error, Hooks, "0.1.0", "directive whose event does not start msipctl";
    DnsSrvWithoutServer: "dns-srv-without-server", File, Warning, Schema, "0.1.0", "dnsSrv without a name server";
    DoubleByteAnsi: "double-byte-ansi", File, Error, Encoding, "0.1.0", "code page of two bytes a letter, behind which MicroSIP puts junk";
    DoubledCarriageReturn: "doubled-carriage-return", File, Warning, Encoding, "0.1.0", "line ending with a doubled carriage return";
    DuplicateAccount: "duplicate-account", File, Warning, Accounts, "0.1.0", "two accounts of one user";
    DuplicateCodec: "duplicate-codec", File, Info, Schema, "0.1.0", "audio codec that stands twice";
    DuplicateDirective: "duplicate-directive", File, Error, Hooks, "0.1.0", "second directive of one number, which never runs";
    DuplicateKey: "duplicate-key", File, Warning, Structure, "0.1.0", "second key of one name, which is never read";
    DuplicateSection: "duplicate-section", File, Warning, Structure, "0.1.0", "second section of one name, which is never read";
    EscapedLetters: "escaped-letters", File, Warning, Structure, "0.1.0", "escapes of another kind of file, which are part of the value";
    EventTooNew: "event-too-new", Hook, Error, Hooks, "0.1.0", "event that the version does not know";
    ForkKey: "fork-key", File, Info, Schema, "0.1.0", "key that only a fork reads";
    ForwardingWithoutNumber: "forwarding-without-number", File, Warning, Schema, "0.1.0", "forwarding without a number";
    HashComment: "hash-comment", File, Info, Structure, "0.1.0", "comment that is none for Windows";
    HeaderBehindValue: "header-behind-value", File, Error, Structure, "0.1.0", "header in the line of the key above";
    HeaderWithoutBracket: "header-without-bracket", File, Error, Structure, "0.1.0", "header that lacks a bracket";
    HexPasswordMisread: "hex-password-misread", File, Warning, Accounts, "0.1.0", "plain password that looks encrypted";
    HistoryInTemplate: "history-in-template", File, Info, Hygiene, "0.1.0", "list of calls in a template";
    InvalidPublicAddress: "invalid-public-address", File, Warning, Accounts, "0.1.0", "publicAddr that is no address";
    InvalidValue: "invalid-value", File, Warning, Schema, "0.1.0", "word that MicroSIP does not know";
    JunkBeforeSection: "junk-before-section", File, Error, Encoding, "0.1.0", "letters in front of a header, which hide it";
    KeyGone: "key-gone", File, Warning, Schema, "0.1.0", "key that newer versions do not read any more";
    KeyInWrongSection: "key-in-wrong-section", File, Warning, Structure, "0.1.0", "key in a section where MicroSIP does not look for it";
    KeyRenamed: "key-renamed", File, Warning, Schema, "0.1.0", "key that goes by another name now";
    KeyTooNew: "key-too-new", File, Warning, Schema, "0.1.0", "key that the version aimed at does not read yet";
    LineWithoutEquals: "line-without-equals", File, Error, Structure, "0.1.0", "line that is no key, as it has no `=`";
    LostLetters: "lost-letters", File, Warning, Encoding, "0.1.0", "mark that stands where a letter was lost";
    LostQuotes: "lost-quotes", Hook, Error, Hooks, "0.1.0", "quotes that are dropped as a pair, and are none";
    LostWhenSaved: "lost-when-saved", Hook, Error, Hooks, "0.1.0", "command that works until MicroSIP saves it";
    MachineState: "machine-state", File, Info, Hygiene, "0.1.0", "state of one computer in a template";
    MisnamedSection: "misnamed-section", File, Error, Structure, "0.1.0", "section with nearly the name of one that MicroSIP reads";
    MixedEncoding: "mixed-encoding", File, Error, Encoding, "0.1.0", "lines in another encoding than the rest of the file";
    Mojibake: "mojibake", File, Warning, Encoding, "0.1.0", "UTF-8 that was read in a code page and saved so";
    NoProgram: "no-program", Hook, Error, Hooks, "0.1.0", "command whose first word is empty";
    NulInText: "nul-in-text", File, Error, Encoding, "0.1.0", "zero in the text, where it ends for Windows or MicroSIP";
    NumberOutOfRange: "number-out-of-range", File, Warning, Schema, "0.1.0", "number that the key cannot have";
    NumberWithTail: "number-with-tail", File, Warning, Schema, "0.1.0", "number whose tail is ignored";
    OddBlank: "odd-blank", File, Error, Structure, "0.1.0", "letter that cannot be seen, in a key, value or header";
    OemLetters: "oem-letters", File, Warning, Encoding, "0.1.0", "letters of the console's code page, read as those of Windows";
    OldValue: "old-value", File, Warning, Schema, "0.1.0", "word that only older versions know";
    PasswordInQuotes: "password-in-quotes", File, Info, Accounts, "0.1.0", "password whose quotes are not read";
    PasswordOnCommandLine: "password-on-command-line", Hook, Warning, Security, "0.1.0", "placeholder that shows the account's password";
    PasswordWithBlanks: "password-with-blanks", File, Warning, Accounts, "0.1.0", "password with a blank at its end";
    PasswordWithoutUsername: "password-without-username", File, Error, Accounts, "0.1.0", "password that is lost at the next save";
    PersonalData: "personal-data", File, Info, Hygiene, "0.1.0", "data about a person in a template";
    PlaceholderUnknown: "placeholder-unknown", Hook, Error, Hooks, "0.1.0", "placeholder that stays as it is";
    PlainHttpHook: "plain-http-hook", File, Info, Security, "0.1.0", "hook that sends calls without encryption";
    PlainPassword: "plain-password", File, Info, Accounts, "0.1.0", "password that MicroSIP has not encrypted yet";
    PortConflict: "port-conflict", File, Warning, Schema, "0.1.0", "SIP port within the range for sound";
    PortSkipped: "port-skipped", File, Warning, Schema, "0.1.0", "port to knock at that is skipped";
    QuotedKey: "quoted-key", File, Error, Structure, "0.1.0", "key in quotes, which Windows takes for part of its name";
    QuotedLines: "quoted-lines", File, Error, Structure, "0.1.0", "mark in front of every line, as in a mail";
    QuotesDropped: "quotes-dropped", File, Warning, Structure, "0.1.0", "outer quotes of two quoted pieces, dropped as a pair";
    ReadOnlyFile: "read-only-file", File, Error, Structure, "0.1.0", "read-only file, with which MicroSIP doesn't start";
    RecordBehindGap: "record-behind-gap", File, Error, Structure, "0.1.0", "numbered line behind a number that is missing";
    RedirectedToRegistry: "redirected-to-registry", File, Error, Structure, "0.1.0", "file name that Windows redirects to the registry";
    RelativeProgram: "relative-program", Hook, Warning, Hooks, "0.1.0", "program that is looked for, as its path is not full";
    RtpMaxWithoutMin: "rtp-max-without-min", File, Warning, Schema, "0.1.0", "rtpPortMax that is not looked at";
    RtpRangeReversed: "rtp-range-reversed", File, Error, Schema, "0.1.0", "rtpPortMin above rtpPortMax";
    SchemeNotPermitted: "scheme-not-permitted", Hook, Error, Hooks, "0.1.0", "address whose scheme is not permitted";
    ScriptInEditor: "script-in-editor", Hook, Error, Hooks, "0.1.0", "PowerShell script that is shown and not run";
    SecretInTemplate: "secret-in-template", File, Warning, Hygiene, "0.1.0", "secret in a template";
    SecretsReadableByOthers: "secrets-readable-by-others", File, Warning, Security, "0.1.0", "password in a file that others may read";
    ServerWithScheme: "server-with-scheme", File, Error, Accounts, "0.1.0", "address where a host is expected";
    ShellLetterInPath: "shell-letter-in-path", Hook, Info, Hooks, "0.1.0", "letter in a batch file's path on which cmd.exe acts";
    ShellReached: "shell-reached", Hook, Warning, Security, "0.1.0", "shell that acts on the caller's text";
    SmartPunctuation: "smart-punctuation", File, Error, Structure, "0.1.0", "quotes and dashes of a word processor";
    SrtpWithoutTls: "srtp-without-tls", File, Warning, Accounts, "0.1.0", "encrypted sound whose keys are sent in the clear";
    StartsItself: "starts-itself", Hook, Error, Hooks, "0.1.0", "command of blanks only, which makes MicroSIP dial the caller";
    StunInAccount: "stun-in-account", File, Warning, Schema, "0.1.0", "STUN server in an account, which is not read any more";
    StunNotEnabled: "stun-not-enabled", File, Warning, Schema, "0.1.0", "STUN servers without enableSTUN";
    StunWithoutServer: "stun-without-server", File, Warning, Schema, "0.1.0", "enableSTUN without a server";
    SuppressionOfUnknownRule: "suppression-of-unknown-rule", File, Warning, Structure, "0.1.0", "suppression that names no rule";
    SuppressionWithoutReason: "suppression-without-reason", File, Warning, Structure, "0.1.0", "suppression that does not say why";
    SwitchInWords: "switch-in-words", File, Warning, Schema, "0.1.0", "switch that is set by a word";
    SwitchNot0Or1: "switch-not-0-or-1", File, Warning, Schema, "0.1.0", "switch that is neither 0 nor 1";
    SystemMessage: "system-message", Hook, Warning, Hooks, "0.1.0", "message on which any window acts";
    TargetIsFolder: "target-is-folder", Hook, Error, Hooks, "0.1.0", "folder where a program belongs";
    TargetMissing: "target-missing", Hook, Error, Hooks, "0.1.0", "program that is not there";
    TargetWritable: "target-writable", Hook, Warning, Security, "0.1.0", "program that others may change";
    TemplateBadName: "template-bad-name", Template, Warning, Hooks, "0.1.0", "name of a template that means something else";
    TemplateBrokenDirective: "template-broken-directive", Template, Error, Hooks, "0.1.0", "directive that cannot be read";
    TemplateMalformed: "template-malformed", Template, Error, Hooks, "0.1.0", "file that is no template";
    TemplateNoSample: "template-no-sample", Template, Warning, Hooks, "0.1.0", "parameter for which no value is known to try";
    TemplateStrayLine: "template-stray-line", Template, Error, Hooks, "0.1.0", "line that belongs to no event";
    TemplateSystemMessage: "template-system-message", Template, Warning, Hooks, "0.1.0", "message that belongs to Windows";
    TemplateTornCommand: "template-torn-command", Template, Error, Hooks, "0.1.0", "command that does not start what it names";
    TemplateUncheckedParameter: "template-unchecked-parameter", Template, Warning, Hooks, "0.1.0", "parameter that can tear a command";
    TemplateUndescribedParameter: "template-undescribed-parameter", Template, Warning, Hooks, "0.1.0", "parameter without a summary";
    TemplateUnescapedPercent: "template-unescaped-percent", Template, Warning, Hooks, "0.1.0", "path whose % begins a placeholder";
    TemplateUnescapedXml: "template-unescaped-xml", Template, Warning, Hooks, "0.1.0", "caller ID in XML without escaping";
    TemplateUnknownPlaceholder: "template-unknown-placeholder", Template, Error, Hooks, "0.1.0", "placeholder that MicroSIP doesn't know";
    TemplateUnmatchedValue: "template-unmatched-value", Template, Error, Hooks, "0.1.0", "value that does not match its own pattern";
    TemplateUnquotedField: "template-unquoted-field", Template, Warning, Hooks, "0.1.0", "value that can become several fields";
    TemplateUnrenderable: "template-unrenderable", Template, Error, Hooks, "0.1.0", "line that cannot be rendered";
    TemplateUnusedParameter: "template-unused-parameter", Template, Warning, Hooks, "0.1.0", "parameter that nothing uses";
    TextAboveFirstSection: "text-above-first-section", File, Warning, Structure, "0.1.0", "text above the first section, which is never read";
    TextBehindHeader: "text-behind-header", File, Warning, Structure, "0.1.0", "text behind a header, which is never read";
    TooManyServers: "too-many-servers", File, Warning, Schema, "0.1.0", "more servers than are asked";
    TornArgument: "torn-argument", Hook, Error, Hooks, "0.1.0", "argument that is split at a space";
    TornProgram: "torn-program", Hook, Error, Hooks, "0.1.0", "program whose path is torn at its blank";
    TransportMismatch: "transport-mismatch", File, Warning, Accounts, "0.1.0", "port that belongs to another transport";
    TypeUnknown: "type-unknown", Hook, Info, Hooks, "0.1.0", "file that each machine opens as it likes";
    UnescapedXml: "unescaped-xml", Hook, Warning, Hooks, "0.1.0", "caller ID in XML without escaping";
    UnfilledPlaceholder: "unfilled-placeholder", File, Error, Schema, "0.1.0", "placeholder that was never filled in";
    UnknownCodec: "unknown-codec", File, Warning, Schema, "0.1.0", "audio codec that MicroSIP cannot find";
    UnknownHook: "unknown-hook", File, Error, Hooks, "0.1.0", "hook of no event";
    UnknownKey: "unknown-key", File, Warning, Schema, "0.1.0", "key that MicroSIP does not read";
    UnusedSuppression: "unused-suppression", File, Info, Structure, "0.1.0", "suppression of what is not there";
    UsersDirectorySendsPassword: "users-directory-sends-password", File, Warning, Security, "0.1.0", "directory address that carries the account's password";
    Utf16OddByte: "utf16-odd-byte", File, Warning, Encoding, "0.1.0", "half a letter at the end of UTF-16";
    Utf16TornLineEnds: "utf16-torn-line-ends", File, Error, Encoding, "0.1.0", "UTF-16 whose line ends were converted as bytes";
    Utf16WithoutBom: "utf16-without-bom", File, Error, Encoding, "0.1.0", "UTF-16 without byte order mark, which MicroSIP destroys";
    Utf16be: "utf16be", File, Error, Encoding, "0.1.0", "UTF-16 with the high byte first, which MicroSIP destroys";
    Utf32: "utf32", File, Error, Encoding, "0.1.0", "UTF-32, of which Windows reads nothing";
    Utf7: "utf7", File, Error, Encoding, "0.1.0", "UTF-7, in which Windows finds no key";
    Utf8Bom: "utf8-bom", File, Error, Encoding, "0.1.0", "UTF-8 byte order mark that hides the first section";
    Utf8WithoutBom: "utf8-without-bom", File, Error, Encoding, "0.1.0", "UTF-8 letters that MicroSIP reads as the ANSI code page";
    ValueCut: "value-cut", File, Error, Schema, "0.1.0", "value that MicroSIP cuts off";
    ValueTooNew: "value-too-new", File, Warning, Schema, "0.1.0", "word that the version aimed at does not know yet";
    VariableNotExpanded: "variable-not-expanded", File, Warning, Schema, "0.1.0", "variable that MicroSIP does not expand";
    WordForNumber: "word-for-number", File, Warning, Schema, "0.1.0", "word where a number is read";
    WrongCase: "wrong-case", File, Error, Schema, "0.1.0", "word in other letters than MicroSIP's";
}

impl Code {
    /// Returns what the catalog says of it.
    pub const fn descriptor(self) -> &'static Descriptor {
        &CATALOG[self as usize]
    }

    /// Returns its name in kebab case.
    pub const fn name(self) -> &'static str {
        self.descriptor().name
    }
}

impl fmt::Display for Code {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

/// A name that no code has.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("unknown code `{0}`")]
pub struct UnknownCode(String);

/// Reads a name, in any case.
impl FromStr for Code {
    type Err = UnknownCode;

    fn from_str(name: &str) -> Result<Self, UnknownCode> {
        let found = CATALOG.iter().find(|row| row.name.eq_ignore_ascii_case(name));
        found.map(|row| row.code).ok_or_else(|| UnknownCode(name.to_owned()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn catalog_is_in_order_and_well_formed() {
        assert!(CATALOG.is_sorted_by(|one, other| one.name < other.name));
        for (index, row) in CATALOG.iter().enumerate() {
            assert_eq!(row.code as usize, index, "{}", row.name);
            let is_name =
                |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-';
            assert!(row.name.bytes().all(is_name), "{}", row.name);
            let is_of_template = row.name.starts_with("template-");
            assert_eq!(is_of_template, row.scope == Scope::Template, "{}", row.name);
            assert!(!row.summary.is_empty() && !row.summary.ends_with('.'), "{}", row.name);
        }
    }

    #[test]
    fn names_of_codes_are_read_back() {
        for row in &CATALOG {
            assert_eq!(row.name.parse(), Ok(row.code));
            assert_eq!(row.name.to_ascii_uppercase().parse(), Ok(row.code));
            // The variant is the name in camel case.
            let plain = row.name.replace('-', "");
            assert_eq!(format!("{:?}", row.code).to_ascii_lowercase(), plain);
            assert_eq!(row.code.to_string(), row.name);
        }
        let error = "torn".parse::<Code>().unwrap_err();
        assert_eq!(error.to_string(), "unknown code `torn`");
    }
}
