//! The catalog of all codes, with one row for each.

use std::fmt;
use std::str::FromStr;

use super::classification::{Group, Scope, Severity};

/// The catalog entry of a code.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Descriptor {
    /// The code.
    pub code: Code,
    /// Its name in kebab case, which describes the problem.
    pub name: &'static str,
    /// The problem, in one line.
    pub summary: &'static str,
    /// Where the problem can occur.
    pub scope: Scope,
    /// The default severity of the problem.
    pub severity: Severity,
    /// The topic of the problem.
    pub group: Group,
    /// The msipctl version that introduced it.
    pub since: &'static str,
}

/// Declares the codes and their catalog, sorted by name.
macro_rules! catalog {
    ($($code:ident: $name:literal, $scope:ident, $severity:ident, $group:ident, $since:literal, $summary:literal;)+) => {
        /// A kind of problem that msipctl can report.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub enum Code {
            $(#[doc = concat!("`", $name, "`: ", $summary, ".")] $code,)+
        }

        /// The catalog entries of all codes, sorted by name.
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
    AccountGap: "account-gap", File, Warning, Accounts, "0.1.0", "account that MicroSIP doesn't load because of a gap";
    AccountIdZero: "account-id-zero", File, Warning, Accounts, "0.1.0", "accountId 0 although accounts exist";
    AccountOverwrittenAtStart: "account-overwritten-at-start", File, Error, Accounts, "0.1.0", "account that MicroSIP overwrites when it starts";
    AccountWithoutDomain: "account-without-domain", File, Error, Accounts, "0.1.0", "account without a domain";
    AccountWithoutUsername: "account-without-username", File, Warning, Accounts, "0.1.0", "account without a user name";
    AnsiCodePage: "ansi-code-page", File, Info, Encoding, "0.1.0", "characters that depend on the PC's ANSI code page";
    ArgumentsInPath: "arguments-in-path", Hook, Error, Hooks, "0.1.0", "arguments that MicroSIP treats as part of the path";
    BlocksRinging: "blocks-ringing", Hook, Info, Hooks, "0.1.0", "command that delays ringing until it exits";
    BreaksWhenSaved: "breaks-when-saved", Hook, Error, Hooks, "0.1.0", "command that works until MicroSIP saves the file";
    ButtonWithoutEffect: "button-without-effect", File, Info, Schema, "0.1.0", "auto answer button setting that has no effect";
    CallerIdAsOption: "caller-id-as-option", Call, Warning, Hooks, "0.1.0", "caller ID that looks like an option to the program";
    CallerNotPassed: "caller-not-passed", Hook, Warning, Hooks, "0.1.0", "address to which MicroSIP doesn't add the caller";
    CommandQuotesStripped: "command-quotes-stripped", Hook, Error, Hooks, "0.1.0", "command whose outer quotes are stripped as a pair";
    CommandTooLong: "command-too-long", Hook, Error, Hooks, "0.1.0", "command that MicroSIP truncates";
    CommandTooLongWhenSaved: "command-too-long-when-saved", Hook, Warning, Hooks, "0.1.0", "command too long for the quotes that MicroSIP adds";
    ConflictMarker: "conflict-marker", File, Error, Structure, "0.1.0", "merge conflict marker";
    DeviceNames: "device-names", File, Info, Hygiene, "0.1.0", "machine-specific device names in a template";
    DirectiveInWrongSection: "directive-in-wrong-section", File, Error, Hooks, "0.1.0", "directive in a section that msipctl doesn't read";
    DirectiveWithoutLauncher: "directive-without-launcher", Hook, Error, Hooks, "0.1.0", "directive whose event doesn't start msipctl";
    DnsSrvWithoutServer: "dns-srv-without-server", File, Warning, Schema, "0.1.0", "dnsSrv without a name server";
    DoubleByteAnsi: "double-byte-ansi", File, Error, Encoding, "0.1.0", "double-byte code page in which MicroSIP adds stray text";
    DoubledCarriageReturn: "doubled-carriage-return", File, Warning, Encoding, "0.1.0", "line ending with two carriage returns";
    DuplicateAccount: "duplicate-account", File, Warning, Accounts, "0.1.0", "two accounts of one user";
    DuplicateCodec: "duplicate-codec", File, Info, Schema, "0.1.0", "audio codec that is listed twice";
    DuplicateDirective: "duplicate-directive", File, Error, Hooks, "0.1.0", "second directive with the same number";
    DuplicateKey: "duplicate-key", File, Warning, Structure, "0.1.0", "second key with the same name";
    DuplicateSection: "duplicate-section", File, Warning, Structure, "0.1.0", "second section with the same name";
    EventTooNew: "event-too-new", Hook, Error, Hooks, "0.1.0", "event that the target version doesn't have";
    ForkKey: "fork-key", File, Info, Schema, "0.1.0", "key that only a fork reads";
    ForwardingWithoutNumber: "forwarding-without-number", File, Warning, Schema, "0.1.0", "forwarding without a number";
    HashComment: "hash-comment", File, Info, Structure, "0.1.0", "`#` comment, which Windows doesn't support";
    HeaderAfterValue: "header-after-value", File, Error, Structure, "0.1.0", "section header at the end of a key's line";
    HeaderWithoutBracket: "header-without-bracket", File, Error, Structure, "0.1.0", "section header with a missing bracket";
    HexPasswordMisread: "hex-password-misread", File, Warning, Accounts, "0.1.0", "plain password that looks encrypted";
    HistoryInTemplate: "history-in-template", File, Info, Hygiene, "0.1.0", "call history in a template";
    InlineComment: "inline-comment", File, Error, Structure, "0.1.0", "comment that Windows reads as part of the value";
    InvalidDirective: "invalid-directive", Hook, Error, Hooks, "0.1.0", "directive with invalid syntax";
    InvalidKnockPort: "invalid-knock-port", File, Warning, Schema, "0.1.0", "port knocking entry that MicroSIP skips";
    InvalidPublicAddress: "invalid-public-address", File, Warning, Accounts, "0.1.0", "publicAddr that isn't an address";
    InvalidSwitch: "invalid-switch", File, Warning, Schema, "0.1.0", "on/off setting that is neither 0 nor 1";
    InvalidValue: "invalid-value", File, Warning, Schema, "0.1.0", "value that MicroSIP doesn't know";
    InvisibleCharacter: "invisible-character", File, Error, Structure, "0.1.0", "invisible character in a key, value, or header";
    JunkBeforeSection: "junk-before-section", File, Error, Encoding, "0.1.0", "stray text that hides a section header";
    KeyInWrongSection: "key-in-wrong-section", File, Warning, Structure, "0.1.0", "key in a section where MicroSIP doesn't read it";
    KeyTooNew: "key-too-new", File, Warning, Schema, "0.1.0", "key that the target version doesn't read yet";
    LauncherForWrongEvent: "launcher-for-wrong-event", Hook, Error, Hooks, "0.1.0", "launcher that runs the directives of another event";
    LauncherForWrongFile: "launcher-for-wrong-file", Hook, Error, Hooks, "0.1.0", "launcher that reads another file";
    LauncherWithoutDirective: "launcher-without-directive", Hook, Warning, Hooks, "0.1.0", "launcher without a directive to run";
    LineWithoutEquals: "line-without-equals", File, Error, Structure, "0.1.0", "line without `=` that isn't a key";
    LostCharacters: "lost-characters", File, Warning, Encoding, "0.1.0", "replacement character for text that was lost";
    MachineState: "machine-state", File, Info, Hygiene, "0.1.0", "machine-specific state in a template";
    MissingAccountId: "missing-account-id", File, Error, Accounts, "0.1.0", "accounts without a valid accountId";
    MissingProgram: "missing-program", Hook, Error, Hooks, "0.1.0", "program that doesn't exist";
    MisspelledSection: "misspelled-section", File, Error, Structure, "0.1.0", "misspelled section name";
    MixedEncoding: "mixed-encoding", File, Error, Encoding, "0.1.0", "lines in a different encoding from the rest";
    Mojibake: "mojibake", File, Warning, Encoding, "0.1.0", "UTF-8 text that was saved in another code page";
    NoProgram: "no-program", Hook, Error, Hooks, "0.1.0", "command that names no program";
    NonNumericSwitch: "non-numeric-switch", File, Warning, Schema, "0.1.0", "on/off setting that isn't a number";
    NonNumericValue: "non-numeric-value", File, Warning, Schema, "0.1.0", "text where MicroSIP reads a number";
    NulInText: "nul-in-text", File, Error, Encoding, "0.1.0", "NUL character that ends the text early";
    NumberOutOfRange: "number-out-of-range", File, Warning, Schema, "0.1.0", "number outside of the key's range";
    NumberWithSuffix: "number-with-suffix", File, Warning, Schema, "0.1.0", "number with trailing text that MicroSIP ignores";
    NumberingGap: "numbering-gap", File, Error, Structure, "0.1.0", "numbered line after a missing number";
    ObsoleteValue: "obsolete-value", File, Warning, Schema, "0.1.0", "value that only older versions support";
    OemCodePage: "oem-code-page", File, Warning, Encoding, "0.1.0", "text in the OEM code page, read as ANSI";
    PasswordInQuotes: "password-in-quotes", File, Info, Accounts, "0.1.0", "password with quotes that Windows strips";
    PasswordOnCommandLine: "password-on-command-line", Hook, Warning, Security, "0.1.0", "placeholder that reveals the account's password";
    PasswordWithOuterWhitespace: "password-with-outer-whitespace", File, Warning, Accounts, "0.1.0", "password that starts or ends with whitespace";
    PasswordWithoutUsername: "password-without-username", File, Error, Accounts, "0.1.0", "password that MicroSIP deletes at the next save";
    PersonalData: "personal-data", File, Info, Hygiene, "0.1.0", "personal data in a template";
    PlainHttpHook: "plain-http-hook", File, Info, Security, "0.1.0", "hook that sends call data without encryption";
    PlainPassword: "plain-password", File, Info, Accounts, "0.1.0", "password that MicroSIP hasn't encrypted yet";
    PortConflict: "port-conflict", File, Warning, Schema, "0.1.0", "SIP port inside the RTP port range";
    PrefixedLines: "prefixed-lines", File, Error, Structure, "0.1.0", "prefix on every line, as in a quoted email";
    ProgramWritableByOthers: "program-writable-by-others", Hook, Warning, Security, "0.1.0", "program that other users can change";
    QuotedKey: "quoted-key", File, Error, Structure, "0.1.0", "quotes that Windows reads as part of the key";
    ReadOnlyFile: "read-only-file", File, Error, Structure, "0.1.0", "read-only file that keeps MicroSIP from starting";
    RedirectedToRegistry: "redirected-to-registry", File, Error, Structure, "0.1.0", "file name that Windows redirects to the registry";
    RelativeProgram: "relative-program", Hook, Warning, Hooks, "0.1.0", "program without a full path";
    RemovedKey: "removed-key", File, Warning, Schema, "0.1.0", "key that newer versions no longer read";
    RenamedKey: "renamed-key", File, Warning, Schema, "0.1.0", "key that was renamed";
    RtpMaxWithoutMin: "rtp-max-without-min", File, Warning, Schema, "0.1.0", "rtpPortMax that MicroSIP ignores";
    RtpRangeReversed: "rtp-range-reversed", File, Error, Schema, "0.1.0", "rtpPortMin greater than rtpPortMax";
    SchemeNotPermitted: "scheme-not-permitted", Hook, Error, Hooks, "0.1.0", "address with a scheme that isn't allowed";
    ScriptInEditor: "script-in-editor", Hook, Error, Hooks, "0.1.0", "PowerShell script that opens in an editor";
    SecretInTemplate: "secret-in-template", File, Warning, Hygiene, "0.1.0", "secret in a template";
    SecretsReadableByOthers: "secrets-readable-by-others", File, Warning, Security, "0.1.0", "password in a file that other users can read";
    ServerWithScheme: "server-with-scheme", File, Error, Accounts, "0.1.0", "URL where a host name is expected";
    ShellCharacterInPath: "shell-character-in-path", Hook, Info, Hooks, "0.1.0", "character in a batch file's path that cmd.exe interprets";
    ShellInjection: "shell-injection", Hook, Warning, Security, "0.1.0", "shell that interprets the caller ID";
    SmartPunctuation: "smart-punctuation", File, Error, Structure, "0.1.0", "typographic quotes or dashes";
    SplitArgument: "split-argument", Hook, Error, Hooks, "0.1.0", "argument that is split at a space";
    SplitCallerId: "split-caller-id", Call, Warning, Hooks, "0.1.0", "caller ID that becomes several arguments";
    SplitProgramPath: "split-program-path", Hook, Error, Hooks, "0.1.0", "program path that is split at a space";
    SrtpWithoutTls: "srtp-without-tls", File, Warning, Accounts, "0.1.0", "encrypted audio whose keys are sent unencrypted";
    StartsItself: "starts-itself", Hook, Error, Hooks, "0.1.0", "command of spaces that makes MicroSIP dial the caller";
    StunInAccount: "stun-in-account", File, Warning, Schema, "0.1.0", "obsolete STUN server in an account";
    StunNotEnabled: "stun-not-enabled", File, Warning, Schema, "0.1.0", "STUN servers without enableSTUN";
    StunWithoutServer: "stun-without-server", File, Warning, Schema, "0.1.0", "enableSTUN without a server";
    SuppressionOfUnknownRule: "suppression-of-unknown-rule", File, Warning, Structure, "0.1.0", "suppression of an unknown rule";
    SuppressionWithoutReason: "suppression-without-reason", File, Warning, Structure, "0.1.0", "suppression without a reason";
    SystemMessage: "system-message", Hook, Warning, Hooks, "0.1.0", "window message that any window acts on";
    TargetIsFolder: "target-is-folder", Hook, Error, Hooks, "0.1.0", "folder instead of a program";
    TemplateBadName: "template-bad-name", Template, Warning, Hooks, "0.1.0", "template name with a special meaning";
    TemplateBrokenDirective: "template-broken-directive", Template, Error, Hooks, "0.1.0", "directive with invalid syntax in a template";
    TemplateMalformed: "template-malformed", Template, Error, Hooks, "0.1.0", "file that isn't a valid template";
    TemplateMissingExample: "template-missing-example", Template, Warning, Hooks, "0.1.0", "parameter without an example to test with";
    TemplateSplitCommand: "template-split-command", Template, Error, Hooks, "0.1.0", "command that doesn't start the program it names";
    TemplateStrayLine: "template-stray-line", Template, Error, Hooks, "0.1.0", "line that belongs to no event";
    TemplateSystemMessage: "template-system-message", Template, Warning, Hooks, "0.1.0", "message ID that is reserved for Windows";
    TemplateUncheckedParameter: "template-unchecked-parameter", Template, Warning, Hooks, "0.1.0", "parameter that can split a command";
    TemplateUndescribedParameter: "template-undescribed-parameter", Template, Warning, Hooks, "0.1.0", "parameter without a summary";
    TemplateUnescapedPercent: "template-unescaped-percent", Template, Warning, Hooks, "0.1.0", "path in which % starts a placeholder";
    TemplateUnescapedXml: "template-unescaped-xml", Template, Warning, Hooks, "0.1.0", "caller ID that isn't escaped in XML";
    TemplateUnknownPlaceholder: "template-unknown-placeholder", Template, Error, Hooks, "0.1.0", "placeholder that MicroSIP doesn't support";
    TemplateUnquotedField: "template-unquoted-field", Template, Warning, Hooks, "0.1.0", "value that can become several fields";
    TemplateUnrenderable: "template-unrenderable", Template, Error, Hooks, "0.1.0", "line that can't be rendered";
    TemplateUnusedParameter: "template-unused-parameter", Template, Warning, Hooks, "0.1.0", "parameter that isn't used";
    TemplateValueMismatch: "template-value-mismatch", Template, Error, Hooks, "0.1.0", "value that doesn't match its own pattern";
    TextAfterHeader: "text-after-header", File, Warning, Structure, "0.1.0", "unread text after a section header";
    TextBeforeFirstSection: "text-before-first-section", File, Warning, Structure, "0.1.0", "unread text before the first section";
    TooManyServers: "too-many-servers", File, Warning, Schema, "0.1.0", "more servers than MicroSIP queries";
    TransportMismatch: "transport-mismatch", File, Warning, Accounts, "0.1.0", "port that belongs to another transport";
    UnescapedXml: "unescaped-xml", Hook, Warning, Hooks, "0.1.0", "caller ID that isn't escaped in XML";
    UnfilledPlaceholder: "unfilled-placeholder", File, Error, Schema, "0.1.0", "template placeholder that was never replaced";
    UnknownAccountId: "unknown-account-id", File, Error, Accounts, "0.1.0", "accountId of an account that doesn't exist";
    UnknownCodec: "unknown-codec", File, Warning, Schema, "0.1.0", "unknown audio codec";
    UnknownFileType: "unknown-file-type", Hook, Info, Hooks, "0.1.0", "file type whose program depends on the PC";
    UnknownHook: "unknown-hook", File, Error, Hooks, "0.1.0", "hook for an unknown event";
    UnknownKey: "unknown-key", File, Warning, Schema, "0.1.0", "key that MicroSIP doesn't read";
    UnknownPlaceholder: "unknown-placeholder", Hook, Error, Hooks, "0.1.0", "placeholder that MicroSIP doesn't replace";
    UnsupportedEscape: "unsupported-escape", File, Warning, Structure, "0.1.0", "escape sequence that Windows doesn't support";
    UnusedSuppression: "unused-suppression", File, Info, Structure, "0.1.0", "suppression that matches no finding";
    UsersDirectorySendsPassword: "users-directory-sends-password", File, Warning, Security, "0.1.0", "directory URL that contains the account's password";
    Utf16CorruptLineEndings: "utf16-corrupt-line-endings", File, Error, Encoding, "0.1.0", "UTF-16 with line endings that were converted as bytes";
    Utf16OddByte: "utf16-odd-byte", File, Warning, Encoding, "0.1.0", "incomplete UTF-16 character at the end of the file";
    Utf16WithoutBom: "utf16-without-bom", File, Error, Encoding, "0.1.0", "UTF-16 without a BOM, which MicroSIP corrupts";
    Utf16be: "utf16be", File, Error, Encoding, "0.1.0", "UTF-16BE, which MicroSIP corrupts";
    Utf32: "utf32", File, Error, Encoding, "0.1.0", "UTF-32, which Windows can't read";
    Utf7: "utf7", File, Error, Encoding, "0.1.0", "UTF-7, in which Windows finds no keys";
    Utf8Bom: "utf8-bom", File, Error, Encoding, "0.1.0", "UTF-8 BOM that hides the first section";
    Utf8WithoutBom: "utf8-without-bom", File, Error, Encoding, "0.1.0", "UTF-8 text that MicroSIP reads as ANSI";
    ValueQuotesStripped: "value-quotes-stripped", File, Warning, Structure, "0.1.0", "value whose outer quotes are stripped as a pair";
    ValueTooLong: "value-too-long", File, Error, Schema, "0.1.0", "value that MicroSIP truncates";
    ValueTooNew: "value-too-new", File, Warning, Schema, "0.1.0", "value that the target version doesn't support yet";
    VariableNotExpanded: "variable-not-expanded", File, Warning, Schema, "0.1.0", "variable that MicroSIP doesn't expand";
    WhitespaceStripped: "whitespace-stripped", File, Info, Structure, "0.1.0", "outer whitespace that isn't read";
    WrongCase: "wrong-case", File, Error, Schema, "0.1.0", "value with the wrong capitalization";
}

impl Code {
    /// Returns its catalog entry.
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

/// A name that isn't the name of a code.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("unknown code `{0}`")]
pub struct UnknownCode(String);

/// Parses a name, ignoring case.
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
    fn catalog_is_sorted_and_well_formed() {
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
    fn code_names_parse_back_to_their_codes() {
        for row in &CATALOG {
            assert_eq!(row.name.parse(), Ok(row.code));
            assert_eq!(row.name.to_ascii_uppercase().parse(), Ok(row.code));
            // The variant is the name in camel case.
            let plain = row.name.replace('-', "");
            assert_eq!(format!("{:?}", row.code).to_ascii_lowercase(), plain);
            assert_eq!(row.code.to_string(), row.name);
        }
        let error = "split".parse::<Code>().unwrap_err();
        assert_eq!(error.to_string(), "unknown code `split`");
    }
}
