//! `papertape serve --config FILE`: settings in TOML, under the names of the options. What the command line or the
//! environment says goes before the file, and the file before the defaults.

use std::ffi::OsString;
use std::fmt::Write;
use std::path::{Path, PathBuf};

use clap::parser::ValueSource;
use clap::{Arg, ArgAction, ArgMatches, Command};
use toml::de::{DeTable, DeValue};

use crate::exit::Failure;

/// Options that no file sets: they are about the file, or end the program at once.
const NOT_SETTINGS: [&str; 4] = ["config", "print-config", "help", "version"];

/// The arguments, and what a config file that they name adds to them. `cli` has the subcommand `serve`.
pub fn with_file(cli: &Command, args: Vec<OsString>) -> Result<Vec<OsString>, Failure> {
    // What cannot be parsed is refused by whoever parses for good.
    let Ok(matches) = cli.clone().try_get_matches_from(&args) else { return Ok(args) };
    let Some(("serve", given)) = matches.subcommand() else { return Ok(args) };
    let (Some(path), Some(serve)) = (given.get_one::<PathBuf>("config"), cli.find_subcommand("serve")) else {
        return Ok(args);
    };
    let text = std::fs::read_to_string(path);
    let text = text.map_err(|error| Failure::refused(format!("{}: {error}", path.display())))?;
    let file = File { path, text: &text };
    let mut all = args;
    for setting in file.settings()? {
        let option = file.option(serve, &setting)?;
        let argument = file.argument(option, &setting)?;
        file.check(cli, &setting, &argument)?;
        let source = given.value_source(option.get_id().as_str());
        if !matches!(source, Some(ValueSource::CommandLine | ValueSource::EnvVariable)) {
            all.extend(argument.map(OsString::from));
        }
    }
    Ok(all)
}

/// The settings of `serve` as they are in force, in the form of a config file.
pub fn effective(cli: &Command, given: &ArgMatches) -> String {
    let mut text = String::new();
    for option in cli.find_subcommand("serve").into_iter().flat_map(settings) {
        let (name, id) = (option.get_long().unwrap_or_default(), option.get_id().as_str());
        let value = if is_switch(option) {
            Some(given.get_flag(id).to_string())
        } else {
            given.get_raw(id).and_then(|mut values| values.next()).map(|value| written(&value.to_string_lossy()))
        };
        // Writing to a string cannot fail.
        let _ = match value {
            Some(value) => writeln!(text, "{name} = {value}"),
            None => writeln!(text, "# {name} is not set"),
        };
    }
    text
}

fn settings(serve: &Command) -> impl Iterator<Item = &Arg> {
    serve.get_arguments().filter(|option| option.get_long().is_some_and(|name| !NOT_SETTINGS.contains(&name)))
}

fn is_switch(option: &Arg) -> bool {
    matches!(option.get_action(), ArgAction::SetTrue)
}

/// A number as it is, everything else as text.
fn written(value: &str) -> String {
    let digits = |part: &str| !part.is_empty() && part.bytes().all(|byte| byte.is_ascii_digit());
    let whole = value.parse::<i64>().is_ok_and(|number| number.to_string() == value);
    if whole || value.split_once('.').is_some_and(|(whole, rest)| digits(whole) && digits(rest)) {
        return value.to_owned();
    }
    let mut text = String::from("\"");
    for c in value.chars() {
        match c {
            '"' | '\\' => text.extend(['\\', c]),
            c if c.is_control() => text.push_str(&format!("\\u{:04X}", u32::from(c))),
            c => text.push(c),
        }
    }
    text + "\""
}

/// A file, for what is said of it.
struct File<'a> {
    path: &'a Path,
    text: &'a str,
}

/// One line of it.
struct Setting {
    name: String,
    value: Value,
    line: usize,
}

enum Value {
    Text(String),
    Switch(bool),
}

impl File<'_> {
    /// All settings, in their order.
    fn settings(&self) -> Result<Vec<Setting>, Failure> {
        let table = DeTable::parse(self.text).map_err(|error| {
            let line = error.span().map_or(1, |span| self.line(span.start));
            self.refuse(line, error.message())
        })?;
        let mut settings = Vec::new();
        for (name, value) in table.into_inner() {
            let line = self.line(name.span().start);
            let name = name.into_inner().into_owned();
            let value = match value.into_inner() {
                DeValue::String(text) => Value::Text(text.into_owned()),
                DeValue::Boolean(on) => Value::Switch(on),
                DeValue::Float(number) => Value::Text(number.as_str().to_owned()),
                DeValue::Integer(number) => match i128::from_str_radix(number.as_str(), number.radix()) {
                    Ok(number) => Value::Text(number.to_string()),
                    Err(error) => return Err(self.refuse(line, &format!("{name}: {error}"))),
                },
                _ => return Err(self.refuse(line, &format!("{name}: a setting is text, a number, true or false"))),
            };
            settings.push(Setting { name, value, line });
        }
        settings.sort_by_key(|setting| setting.line);
        Ok(settings)
    }

    fn option<'c>(&self, serve: &'c Command, setting: &Setting) -> Result<&'c Arg, Failure> {
        let known = |option: &&Arg| option.get_long() == Some(&setting.name);
        settings(serve).find(known).ok_or_else(|| {
            let names = settings(serve).filter_map(Arg::get_long);
            let distance = |name: &&str| strsim::damerau_levenshtein(name, &setting.name.replace('_', "-"));
            let nearest = names.min_by_key(distance).filter(|name| distance(name) <= 1 + name.len() / 3);
            let hint = nearest.map(|name| format!("; did you mean {name}?")).unwrap_or_default();
            self.refuse(setting.line, &format!("there is no setting {}{hint}", setting.name))
        })
    }

    /// The option as it would be on the command line; none for a switch that is off.
    fn argument(&self, option: &Arg, setting: &Setting) -> Result<Option<String>, Failure> {
        let name = &setting.name;
        match (&setting.value, is_switch(option)) {
            (Value::Switch(on), true) => Ok(on.then(|| format!("--{name}"))),
            (Value::Text(text), false) => Ok(Some(format!("--{name}={text}"))),
            (Value::Text(_), true) => Err(self.refuse(setting.line, &format!("{name}: must be true or false"))),
            (Value::Switch(_), false) => Err(self.refuse(setting.line, &format!("{name}: must be text or a number"))),
        }
    }

    /// As strict as the command line, whether or not the file decides.
    fn check(&self, cli: &Command, setting: &Setting, argument: &Option<String>) -> Result<(), Failure> {
        let args = ["papertape".to_owned(), "serve".to_owned()].into_iter().chain(argument.clone());
        cli.clone().try_get_matches_from(args).map(drop).map_err(|error| {
            let text = error.to_string();
            let words = text.split("\n\n").next().unwrap_or_default().trim_start_matches("error: ");
            let words = words.split_whitespace().collect::<Vec<_>>().join(" ");
            self.refuse(setting.line, &words)
        })
    }

    fn line(&self, at: usize) -> usize {
        1 + self.text.bytes().take(at).filter(|byte| *byte == b'\n').count()
    }

    fn refuse(&self, line: usize, why: &str) -> Failure {
        Failure::refused(format!("{}:{line}: {why}", self.path.display()))
    }
}
