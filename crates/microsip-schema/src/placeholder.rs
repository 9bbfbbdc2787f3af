//! Finds text that looks like an unfilled placeholder of a template.

/// The syntax of a placeholder.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum PlaceholderForm {
    /// `{{ name }}`, `{% name %}`, or `<%= name %>`.
    Template,
    /// `${name}`, `#{name}`, or `$(name)`.
    Dollared,
    /// `{name}`.
    Braces,
    /// `[[name]]`.
    DoubleBrackets,
    /// `[name]`.
    Brackets,
    /// `<name>`.
    Angles,
    /// `%name%`.
    Percents,
    /// `%s` and other `printf` conversions, `%1`, or `%*`.
    Printf,
    /// `$name` or `$1`.
    Dollar,
    /// `@name@`.
    Ats,
    /// `#name#`.
    Hashes,
    /// `__name__`.
    Underscores,
}

/// A placeholder in a value.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct PlaceholderText<'v> {
    /// The complete text, including its delimiters.
    pub text: &'v str,
    /// The name between the delimiters.
    pub name: &'v str,
    /// The syntax.
    pub form: PlaceholderForm,
}

/// The maximum length of a placeholder's name, in characters.
const MAX_NAME: usize = 48;

/// The maximum length of a placeholder, in bytes.
const MAX_LENGTH: usize = 256;

/// Common placeholder names for the caller, without punctuation.
const CALLERS: [&str; 42] = [
    "ani",
    "callee",
    "caller",
    "callerid",
    "callerno",
    "callernum",
    "callernumber",
    "callfrom",
    "calling",
    "callingnumber",
    "cid",
    "cidnum",
    "cli",
    "clid",
    "clip",
    "dialed",
    "dialednumber",
    "did",
    "dnis",
    "dst",
    "from",
    "fromnumber",
    "incomingnumber",
    "msisdn",
    "num",
    "number",
    "numer",
    "numero",
    "nummer",
    "phone",
    "phoneno",
    "phonenum",
    "phonenumber",
    "remote",
    "remotenumber",
    "src",
    "tel",
    "telefon",
    "telefone",
    "telefono",
    "telephone",
    "user",
];

/// Common words in placeholder names for settings, in several languages.
const SETTINGS: [&str; 84] = [
    "account",
    "addr",
    "address",
    "anexo",
    "auth",
    "authid",
    "authuser",
    "benutzer",
    "clave",
    "client",
    "cliente",
    "company",
    "compte",
    "conta",
    "contrasena",
    "contraseña",
    "cuenta",
    "customer",
    "department",
    "did",
    "displayname",
    "domain",
    "domaine",
    "domein",
    "domene",
    "domini",
    "dominio",
    "domínio",
    "domäne",
    "durchwahl",
    "empresa",
    "ext",
    "extension",
    "extensao",
    "extensão",
    "firma",
    "host",
    "hostname",
    "interno",
    "ip",
    "ipaddress",
    "kennwort",
    "konto",
    "label",
    "line",
    "linha",
    "login",
    "mac",
    "mobile",
    "name",
    "nebenstelle",
    "nom",
    "nome",
    "nombre",
    "numero",
    "number",
    "número",
    "parola",
    "pass",
    "passwd",
    "password",
    "passwort",
    "pbx",
    "phone",
    "pin",
    "port",
    "porta",
    "poste",
    "proxy",
    "puerto",
    "pwd",
    "ramal",
    "realm",
    "registrar",
    "row",
    "secret",
    "senha",
    "server",
    "servidor",
    "sip",
    "stun",
    "tenant",
    "user",
    "username",
];

/// More words of that kind, which elsewhere are only parts of longer names.
const MORE: [&str; 8] =
    ["usuario", "usuário", "utilisateur", "utente", "userid", "token", "transport", "trunk"];

impl PlaceholderText<'_> {
    /// Returns whether the placeholder refers to the caller: by its name, or because it can't mean anything else in a command.
    pub fn means_caller(&self) -> bool {
        let name: String =
            self.name.chars().filter(|character| character.is_alphanumeric()).collect();
        let name = name.to_lowercase();
        let is_numbered = !name.is_empty() && name.bytes().all(|byte| byte.is_ascii_digit());
        self.form == PlaceholderForm::Printf || is_numbered || CALLERS.contains(&name.as_str())
    }

    /// Returns whether the name contains a common word for the content of a setting.
    pub fn names_setting(&self) -> bool {
        let name = self.name.to_lowercase();
        let mut words = name.split(|character: char| !character.is_alphabetic());
        words.any(|word| SETTINGS.contains(&word) || MORE.contains(&word))
    }

    /// Returns whether the name is in capital letters, as names of variables are.
    ///
    /// Between number signs or percent signs, the name must have at least three letters.
    pub fn is_capital(&self) -> bool {
        let at_least = match self.form {
            PlaceholderForm::Hashes | PlaceholderForm::Percents => 3,
            _ => 1,
        };
        let characters = self.name.chars().filter(|character| character.is_alphabetic()).count();
        characters >= at_least && !self.name.chars().any(char::is_lowercase)
    }
}

/// Returns all text in a value that looks like a placeholder, from left to right.
///
/// Such text can have another meaning, which the caller must rule out.
///
/// # Example
///
/// ```
/// use microsip_schema::{PlaceholderForm, placeholders};
///
/// let found: Vec<_> = placeholders("sip:@PBX_HOST@;user={{ row.user }} 100%").collect();
/// assert_eq!((found[0].text, found[0].form), ("@PBX_HOST@", PlaceholderForm::Ats));
/// assert_eq!((found[1].text, found[1].name), ("{{ row.user }}", "row.user"));
/// assert_eq!(found.len(), 2);
/// ```
pub fn placeholders(value: &str) -> impl Iterator<Item = PlaceholderText<'_>> {
    let mut at = 0;
    std::iter::from_fn(move || {
        loop {
            let rest = value.get(at..).filter(|rest| !rest.is_empty())?;
            let skipped = rest.find(['{', '$', '#', '[', '<', '%', '@', '_'])?;
            at += skipped;
            let before = value[..at].chars().next_back();
            if let Some(found) = placeholder(&value[at..], before) {
                at += found.text.len();
                return Some(found);
            }
            at += 1;
        }
    })
}

/// Returns the placeholder at the start of a text, if there is one.
fn placeholder(text: &str, before: Option<char>) -> Option<PlaceholderText<'_>> {
    use PlaceholderForm::*;
    // Limits the time that long values take.
    let end = (0..=text.len().min(MAX_LENGTH)).rev().find(|end| text.is_char_boundary(*end));
    let text = &text[..end.unwrap_or_default()];
    let after_word = before.is_some_and(|before| before.is_alphanumeric() || before == '_');
    let between = |start: &str, end: &str, form: PlaceholderForm| {
        let rest = text.strip_prefix(start)?;
        let length = rest.find(end)?;
        let name = match form {
            Template | DoubleBrackets => rest[..length].trim_matches([' ', '=', '-']),
            _ => &rest[..length],
        };
        let whole = start.len() + length + end.len();
        let after = text[whole..].chars().next();
        let is_marked = matches!(form, Ats | Hashes | Underscores);
        let is_in_word =
            after_word || after.is_some_and(|after| after.is_alphanumeric() || after == '_');
        let is_placeholder = is_name(name, form) && !(is_marked && is_in_word);
        is_placeholder.then_some(PlaceholderText { text: &text[..whole], name, form })
    };
    match text.chars().next()? {
        '{' => between("{{", "}}", Template)
            .or_else(|| between("{%", "%}", Template))
            // `%{http_code}` in curl and `@{...}` in PowerShell aren't placeholders.
            .or_else(|| {
                between("{", "}", Braces).filter(|_| !matches!(before, Some('%' | '@' | '{')))
            }),
        '#' => between("#{", "}", Dollared).or_else(|| between("#", "#", Hashes)),
        '[' => between("[[", "]]", DoubleBrackets).or_else(|| between("[", "]", Brackets)),
        '<' => between("<%", "%>", Template).or_else(|| between("<", ">", Angles)),
        '@' => between("@", "@", Ats),
        '_' => between("__", "__", Underscores),
        '$' => {
            between("${", "}", Dollared).or_else(|| between("$(", ")", Dollared)).or_else(|| {
                let is_word = |character: char| character.is_alphanumeric() || character == '_';
                let rest = &text[1..];
                let name =
                    &rest[..rest.find(|character| !is_word(character)).unwrap_or(rest.len())];
                let is_number = name.len() == 1 && name.bytes().all(|byte| byte.is_ascii_digit());
                let is_inside = after_word || matches!(before, Some('\\' | '$'));
                let is_placeholder = !is_inside && (is_number || is_name(name, Dollar));
                is_placeholder.then(|| PlaceholderText {
                    text: &text[..name.len() + 1],
                    name,
                    form: Dollar,
                })
            })
        }
        '%' => percent(text, before),
        _ => None,
    }
}

/// Returns `%name%`, `%s`, `%1`, or `%*` at the start of a text, unless it's an escaped byte of a URL or part of a date format.
fn percent(text: &str, before: Option<char>) -> Option<PlaceholderText<'_>> {
    let rest = &text[1..];
    if is_encoded(rest) {
        return None;
    }
    if let Some((name, _)) = rest.split_once('%')
        && is_name(name, PlaceholderForm::Percents)
    {
        let text = &text[..name.len() + 2];
        return Some(PlaceholderText { text, name, form: PlaceholderForm::Percents });
    }
    let name = rest.strip_prefix('~').unwrap_or(rest);
    let character = name.chars().next()?;
    let continues = name[character.len_utf8()..]
        .starts_with(|next: char| next.is_alphanumeric() || next == '_');
    let is_date = matches!(before, Some('+' | '-' | ':'));
    let is_printf = match character {
        '0'..='9' | '*' => true,
        's' | 'd' | 'u' | 'n' | 'S' | 'N' => !continues && !is_date && name.len() == rest.len(),
        _ => false,
    };
    let end = text.len() - name.len() + character.len_utf8();
    let name = &name[..character.len_utf8()];
    is_printf.then(|| PlaceholderText { text: &text[..end], name, form: PlaceholderForm::Printf })
}

/// Returns whether a text is a plausible name of a variable.
fn is_name(text: &str, form: PlaceholderForm) -> bool {
    use PlaceholderForm::*;
    let others = match form {
        Template => "_.-[]'\" |(),:",
        Dollared => "_.-:",
        Percents => "_()",
        Braces => "_().",
        Angles => "_-. ",
        DoubleBrackets | Brackets => "_-. ",
        Dollar | Ats | Hashes | Underscores => "_-.",
        Printf => "",
    };
    let is_start = |first: char| first.is_alphabetic() || first == '_' && form != Underscores;
    text.starts_with(is_start)
        && text.chars().all(|character| character.is_alphanumeric() || others.contains(character))
        && text.chars().count() <= MAX_NAME
        && text.contains(char::is_alphabetic)
}

/// Returns whether the text after a `%` is an escaped byte of a URL: hexadecimal, with at least one decimal digit, such as
/// `20` or `D0`.
fn is_encoded(after: &str) -> bool {
    matches!(after.as_bytes(), [one, other, ..]
        if one.is_ascii_hexdigit()
            && other.is_ascii_hexdigit()
            && (one.is_ascii_digit() || other.is_ascii_digit()))
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[track_caller]
    fn check(value: &str, expected: &[&str]) {
        let found: Vec<_> = placeholders(value).map(|found| found.text).collect();
        assert_eq!(found, expected, "{value}");
    }

    #[test]
    fn every_placeholder_form_is_found() {
        for text in [
            "#NUMBER#",
            "@PBX_HOST@",
            "{usuario}",
            "__X__",
            "$ramal",
            "${ext}",
            "%EXT%",
            "<ext>",
            "{{ row.x }}",
            "{{row.x}}",
            "[[x]]",
            "[number]",
            "%s",
            "%1",
            "%*",
            "$1",
            "$(EXT)",
            "#{x}",
            "{% if x %}",
            "<%= ext %>",
            "{{ user | upper }}",
            "<your number>",
            "{usuário}",
        ] {
            check(text, &[text]);
            check(&format!("https://x/?n={text}&m=1"), &[text]);
        }
        check("%~1", &["%~1"]);
        check("a %callerid% b {number}", &["%callerid%", "{number}"]);
    }

    #[test]
    fn text_without_placeholders_is_not_reported() {
        for text in [
            "",
            "100%",
            "50% off",
            "*8#",
            "##",
            "#31#0123",
            "**",
            "a@b",
            "100@example.com",
            "a%20b%2C",
            "%D0%B0",
            "%{http_code}",
            "@{x=1}",
            "{1-2}",
            "{\"a\":1}",
            "[2001:db8::1]",
            "$5",
            "a$b",
            r"\\srv\c$\x",
            r"C:\$Recycle.Bin",
            "x_y__z",
            "a__b__c",
            "date +%s",
            "%Y-%m-%d",
            "<>",
            "{}",
            "a < b > c1",
            "()",
            "p#a#b",
            "a{2}",
        ] {
            let found: Vec<_> = placeholders(text).filter(|it| it.text != "$5").collect();
            assert_eq!(found, [], "{text}");
        }
    }

    #[test]
    fn placeholder_names_are_classified() {
        let of = |text| placeholders(text).next().unwrap();
        for caller in ["%CallerID%", "{caller_id}", "%s", "$1", "#NUMBER#", "<phone>"] {
            assert!(of(caller).means_caller(), "{caller}");
        }
        assert!(!of("%ProgramFiles%").means_caller());
        for setting in ["{usuario}", "$ramal", "@PBX_HOST@", "<ext>", "{{ row.x }}", "{sip_user}"] {
            assert!(of(setting).names_setting(), "{setting}");
        }
        assert!(!of("<Unknown>").names_setting() && !of("{GUID}").names_setting());
        assert!(of("__PBX__").is_capital() && !of("__main__").is_capital());
    }

    proptest! {
        #[test]
        fn scanning_any_text_for_placeholders_does_not_panic(value: String, near in r"[{}$%#@_<>\[\] sé1X~*.]{0,30}") {
            for value in [&value, &near] {
                let found: Vec<_> = placeholders(value).collect();
                prop_assert!(found.iter().all(|found| found.text.contains(found.name)));
                let length: usize = found.iter().map(|found| found.text.len()).sum();
                prop_assert!(length <= value.len());
            }
        }
    }
}
