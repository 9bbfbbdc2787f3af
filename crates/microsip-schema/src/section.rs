//! The sections of MicroSIP.ini.

/// A section of MicroSIP.ini, or a group of numbered sections.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Section {
    /// `[Settings]`: all settings that don't belong to an account.
    Settings,
    /// `[Global]`: data about the file itself, in versions since about 3.22.4.
    Global,
    /// `[Account1]`, `[Account2]`, and so on. `[Account0]` is the local account.
    Account,
    /// `[Calls]`: the call history, up to 3.22.4.
    Calls,
    /// `[Dialed]`: the most recently dialed numbers.
    Dialed,
    /// `[Contacts]`: the contacts of old versions.
    Contacts,
    /// `[Shortcuts]`: the shortcut buttons.
    Shortcuts,
}

impl Section {
    /// All sections.
    pub const ALL: [Self; 7] = [
        Self::Settings,
        Self::Global,
        Self::Account,
        Self::Calls,
        Self::Dialed,
        Self::Contacts,
        Self::Shortcuts,
    ];

    /// Returns the section with the name in a section header, in any case.
    ///
    /// # Example
    ///
    /// ```
    /// use microsip_schema::Section;
    ///
    /// assert_eq!(Section::of("settings"), Some(Section::Settings));
    /// assert_eq!(Section::of("Account12"), Some(Section::Account));
    /// assert_eq!(Section::of("Account"), None);
    /// ```
    pub fn of(name: &str) -> Option<Self> {
        if account_number(name).is_some() {
            return Some(Self::Account);
        }
        let named = |section: &Self| {
            *section != Self::Account && section.label().eq_ignore_ascii_case(name)
        };
        Self::ALL.into_iter().find(named)
    }

    /// Returns the name of the section. The name of all account sections is `AccountN`.
    pub fn label(self) -> &'static str {
        match self {
            Self::Settings => "Settings",
            Self::Global => "Global",
            Self::Account => "AccountN",
            Self::Calls => "Calls",
            Self::Dialed => "Dialed",
            Self::Contacts => "Contacts",
            Self::Shortcuts => "Shortcuts",
        }
    }
}

/// Returns the number in the name of an account section: 12 for `Account12`. Returns `None` for other names.
pub fn account_number(section: &str) -> Option<u32> {
    const ACCOUNT: &str = "Account";
    let (word, digits) = section.split_at_checked(ACCOUNT.len())?;
    // `Account01` and `Account+1` aren't account sections.
    let is_plain = digits.len() == 1 || !digits.starts_with(['0', '+']);
    if !is_plain || !word.eq_ignore_ascii_case(ACCOUNT) {
        return None;
    }
    digits.parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn account_numbers_have_one_valid_spelling() {
        assert_eq!(account_number("ACCOUNT0"), Some(0));
        assert_eq!(account_number("account4294967295"), Some(u32::MAX));
        for name in [
            "Account",
            "Account01",
            "Account+1",
            "Account-1",
            "Account00",
            "Account+",
            "Account1x",
            "Accounts1",
            "Accoun\u{e9}1",
        ] {
            assert_eq!(account_number(name), None, "{name}");
        }
    }
}
