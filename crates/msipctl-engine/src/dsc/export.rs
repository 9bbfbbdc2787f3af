//! `export`: all keys or hooks of the MicroSIP.ini files, one line for each.

use std::path::{Path, PathBuf};

use super::instance::{Instance, is_withheld, name};
use super::log::Log;
use super::operations::Failed;
use super::properties::Properties;
use super::resource::Resource;
use crate::carry_out::code_page;
use msipctl_core::engine::{self, Error, Exported, HookRow, SettingRow};
use msipctl_core::locate::{Search, find_with_skipped};
use msipctl_host::process;

/// Which instances are exported. A missing property matches everything.
struct Filter {
    path: Option<PathBuf>,
    section: Option<String>,
    key: Option<String>,
    value: Option<String>,
    template: Option<String>,
    event: Option<String>,
}

impl Filter {
    fn of(resource: Resource, mut properties: Properties) -> Result<Self, Error> {
        let is_setting = resource == Resource::Setting;
        let mut of = |is_property: bool, name: &'static str| match is_property {
            true => properties.string(name),
            false => Ok(None),
        };
        let (section, key) = (of(is_setting, "section")?, of(is_setting, "key")?);
        let value = of(is_setting, "value")?;
        let (template, event) = (of(!is_setting, "template")?, of(!is_setting, "event")?);
        let path = properties.path("path", "MicroSIP.ini")?;
        properties.ignore(&["_exist"]);
        properties.finish()?;
        Ok(Self { path, section, key, value, template, event })
    }

    fn has_setting(&self, row: &SettingRow) -> bool {
        let key = row.key.as_deref().unwrap_or_default();
        // A secret has no value that a filter could find out.
        let is_value = |value: &String| value_of(row).as_ref() == Some(value);
        is(&self.section, &row.section) && is(&self.key, key) && self.value.iter().all(is_value)
    }

    fn has_hook(&self, row: &HookRow) -> bool {
        is(&self.template, &row.template) && is(&self.event, row.event)
    }
}

/// Returns whether a name is the one of the filter, in any capitalization.
fn is(filter: &Option<String>, name: &str) -> bool {
    filter.iter().all(|it| it.eq_ignore_ascii_case(name))
}

/// Returns the value of a key, unless it may contain a secret.
fn value_of(row: &SettingRow) -> Option<String> {
    let key = row.key.as_deref().unwrap_or_default();
    row.value.clone().filter(|_| !is_withheld(&row.section, key))
}

/// Lists the instances. A file that can't be read is an error if the filter names it, and a warning otherwise.
pub(super) fn export(
    resource: Resource,
    properties: Properties,
    log: &mut Log,
) -> Result<Vec<u8>, Failed> {
    let filter = Filter::of(resource, properties).map_err(|error| Failed::of(&error, log))?;
    let found = match &filter.path {
        Some(path) => vec![path.clone()],
        None => find(log)?,
    };
    let mut lines = Vec::new();
    for path in &found {
        match engine::export(path, code_page()) {
            Ok(exported) => {
                for instance in instances(resource, path, &exported, &filter, found.len() > 1) {
                    lines.extend(instance.to_line());
                }
            }
            Err(error) if filter.path.is_some() => {
                // `export` creates no file.
                let is_missing = error.is_missing_file();
                let error = if is_missing { error.with_hint("check the path") } else { error };
                return Err(Failed::of(&error, log));
            }
            Err(error) => log.error_as_warning(&error.row()),
        }
    }
    Ok(lines)
}

/// Finds the files of this user; as SYSTEM, those of all users. A system other than Windows has none.
fn find(log: &mut Log) -> Result<Vec<PathBuf>, Failed> {
    let (user, host) = process::user_and_host();
    let all_users = cfg!(windows) && user == format!("{host}$");
    let search = Search { all_users, ..Search::default() };
    let (found, skipped) = match find_with_skipped(msipctl_windows::system(), &search) {
        Ok(found) => found,
        Err(error) => {
            let hint = "set `path` to the full path of MicroSIP.ini";
            let is_unsupported = error.is_unsupported();
            let error = Error::runtime(error.to_string()).with_hint(hint);
            if !is_unsupported {
                return Err(Failed::of(&error, log));
            }
            log.error_as_warning(&error.row());
            return Ok(Vec::new());
        }
    };
    for skipped in skipped {
        // Without a root folder, only links are skipped.
        let path = skipped.path.display();
        log.warning(&format!(
            "{path}: not exported, because another user may have created this link"
        ));
    }
    Ok(found.into_iter().map(|found| found.path).collect())
}

fn instances(
    resource: Resource,
    path: &Path,
    exported: &Exported,
    filter: &Filter,
    is_one_of_several: bool,
) -> Vec<Instance> {
    let named = |text: String| match is_one_of_several {
        true => Some(name(format!("{text} ({})", path.display()))),
        false => Some(name(text)),
    };
    let setting = |row: &SettingRow| {
        let key = row.key.clone().unwrap_or_default();
        Instance {
            name: named(format!("{}.{key}", row.section)),
            section: Some(row.section.clone()),
            value: value_of(row),
            key: Some(key),
            exist: Some(true),
            ..Instance::new(path)
        }
    };
    let hook = |row: &HookRow| Instance {
        name: named(format!("{} on {}", row.template, row.event)),
        template: Some(row.template.clone()),
        event: Some(row.event.to_owned()),
        exist: Some(true),
        ..Instance::new(path)
    };
    match resource {
        Resource::Hook => {
            exported.hooks.iter().filter(|row| filter.has_hook(row)).map(hook).collect()
        }
        _ => exported.settings.iter().filter(|row| filter.has_setting(row)).map(setting).collect(),
    }
}
