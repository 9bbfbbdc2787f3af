//! The guides: the pages of docs/ that `explain` shows, so users can read them without the repository.

/// One page, or a section of one.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Guide {
    /// Its name for `explain`.
    pub(crate) name: &'static str,
    page: &'static str,
    /// The heading of the section, if it isn't the complete page.
    section: Option<&'static str>,
}

macro_rules! guide {
    ($name:literal) => {
        guide!($name, $name, None)
    };
    ($name:literal, $file:literal, $section:expr) => {
        Guide {
            name: $name,
            page: include_str!(concat!("../docs/", $file, ".md")),
            section: $section,
        }
    };
}

/// All guides: those with a short name, and each page by the name of its file.
pub(crate) static GUIDES: &[Guide] = &[
    guide!("policy", "policy-syntax", None),
    guide!("inventory", "policy-syntax", Some("Inventory")),
    guide!("template", "write-a-template", None),
    guide!("add-hooks"),
    guide!("ansible"),
    guide!("audit-drift"),
    guide!("call-centers"),
    guide!("configuration"),
    guide!("control-a-running-phone"),
    guide!("debug-hooks"),
    guide!("deploy-hooks"),
    guide!("dsc"),
    guide!("edit-while-microsip-runs"),
    guide!("encodings"),
    guide!("engines"),
    guide!("exit-codes"),
    guide!("files-and-environment"),
    guide!("first-fleet"),
    guide!("getting-started-windows"),
    guide!("glossary"),
    guide!("hook-reference"),
    guide!("hook-security"),
    guide!("how-files-are-written"),
    guide!("how-microsip-runs-hooks"),
    guide!("intune"),
    guide!("json-output"),
    guide!("merge-reports"),
    guide!("monitoring"),
    guide!("passwords"),
    guide!("phone-commands"),
    guide!("policy-syntax"),
    guide!("receive-window-messages"),
    guide!("resume-or-undo-a-run"),
    guide!("run-check-in-ci"),
    guide!("salt"),
    guide!("select-files"),
    guide!("suppress-findings"),
    guide!("terminal-servers"),
    guide!("troubleshooting"),
    guide!("uninstall"),
    guide!("write-a-policy"),
    guide!("write-a-template"),
];

impl Guide {
    /// Returns the guide with a name.
    pub(crate) fn find(name: &str) -> Option<Self> {
        GUIDES.iter().copied().find(|guide| guide.name.eq_ignore_ascii_case(name))
    }

    /// Returns its title.
    pub(crate) fn title(self) -> &'static str {
        let title = self.page.lines().find_map(|line| line.strip_prefix("# "));
        self.section.or(title).unwrap_or(self.name)
    }

    /// Returns its text as Markdown, with its heading.
    pub(crate) fn text(self) -> &'static str {
        let Some(section) = self.section else { return self.page };
        let heading = format!("\n## {section}\n");
        let start = self.page.find(&heading).map_or(0, |at| at + 1);
        let page = &self.page[start..];
        let end = page.find("\n## ").unwrap_or(page.len());
        &page[..end]
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn guide_has_the_text_of_its_section() {
        let inventory = Guide::find("inventory").unwrap();
        assert_eq!(inventory.title(), "Inventory");
        assert!(inventory.text().starts_with("## Inventory\n"));
        assert_eq!(inventory.text().matches("\n## ").count(), 0);
        assert!(Guide::find("Exit-Codes").unwrap().text().starts_with("# Exit codes\n"));
        assert!(Guide::find("nothing").is_none());
    }
}
