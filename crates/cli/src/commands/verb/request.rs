//! From the command line to the request: where it goes, its query or its body, and its headers.

use anyhow::{Context, Result, bail, ensure};
use clap::ArgMatches;
use serde_json::value::RawValue;
use std::fs::File;
use std::io::Read;
use std::path::{Path, PathBuf};

use super::flag::{Flag, Kind};
use super::part::{Part, raw};
use super::{Ask, Verb};
use crate::commands::personal;

/// More than any file or secret that a verb takes.
const LONGEST: u64 = 16 * 1024 * 1024;

/// A request that is ready to be sent.
#[derive(Default)]
pub(super) struct Request {
    /// The path, without the query.
    pub(super) path: String,
    /// `name=value`, escaped.
    pub(super) query: Vec<String>,
    /// JSON, or nothing.
    pub(super) body: String,
    /// Headers.
    pub(super) headers: Vec<(&'static str, String)>,
}

impl Request {
    /// The request that the command line asks for.
    pub(super) fn of(verb: &Verb, matches: &ArgMatches) -> Result<Self> {
        let mut path = verb.path.to_owned();
        for (name, _, _) in verb.names {
            let given = matches.get_one::<String>(name).context("a name is missing")?;
            path = path.replace(&format!("{{{name}}}"), &escaped(given));
        }
        if verb.has_csv && matches.get_flag("csv") {
            path.push_str(".csv");
        }
        let mut request = Self { path, ..Self::default() };
        let mut body = Part::empty();
        for flag in verb.all_flags() {
            let shown = flag.shown();
            match (verb.ask, flag.kind) {
                (_, Kind::Header) => {
                    let given = matches.get_one::<String>(flag.name);
                    request.headers.extend(given.map(|given| (flag.name, given.clone())));
                }
                (Ask::Get, Kind::Switch(word)) if matches.get_flag(flag.name) => {
                    request.query.push(format!("{}={word}", flag.member()));
                }
                (Ask::Get, Kind::Text | Kind::Choice(_)) => {
                    let given = matches.get_one::<String>(flag.name);
                    let pair = |given| format!("{}={}", flag.member(), escaped(given));
                    request.query.extend(given.map(|given: &String| pair(given)));
                }
                (Ask::Get, _) => {}
                (_, Kind::Body) => request.body = whole(flag, matches)?,
                _ => {
                    if let Some(value) = value(flag, matches).with_context(|| shown.clone())? {
                        body.set(&flag.member(), value).with_context(|| shown)?;
                    }
                }
            }
        }
        if request.body.is_empty() && matches!(verb.ask, Ask::Post | Ask::Put | Ask::Patch) {
            request.body = serde_json::to_string(&body)?;
        }
        Ok(request)
    }

    /// The path with the query.
    pub(super) fn target(&self) -> String {
        if self.query.is_empty() {
            return self.path.clone();
        }
        format!("{}?{}", self.path, self.query.join("&"))
    }
}

/// What a flag sets; none: it was not given.
fn value(flag: &Flag, matches: &ArgMatches) -> Result<Option<Box<RawValue>>> {
    let one = || matches.get_one::<String>(flag.name).map(String::as_str);
    let several = || {
        let given = matches.get_many::<String>(flag.name)?;
        Some(given.map(String::as_str).collect::<Vec<_>>())
    };
    Ok(match flag.kind {
        Kind::Text | Kind::Choice(_) => one().map(|text| raw(&text)).transpose()?,
        Kind::Number => one().map(number).transpose()?,
        Kind::Amount => one().map(|text| unless(text, &["none"])).transpose()?,
        Kind::Time => one().map(|text| unless(text, &["never", "none"])).transpose()?,
        Kind::List => match several() {
            Some(words) if words == ["none"] => Some(json("[]".to_owned())?),
            words => words.map(|words| raw(&words)).transpose()?,
        },
        Kind::Pairs => several().map(|words| pairs(&words)).transpose()?,
        Kind::Bool => one().map(|word| json(word.to_owned())).transpose()?,
        Kind::Switch(word) => {
            matches.get_flag(flag.name).then(|| json(word.to_owned())).transpose()?
        }
        Kind::Json => {
            let path = matches.get_one::<PathBuf>(flag.name);
            path.map(|path| json(read(path)?)).transpose()?
        }
        Kind::Secret(sources) => secret(flag, sources, matches)?
            .map(|text| raw(&text.trim_end_matches(['\r', '\n'])))
            .transpose()?,
        Kind::Secrets(sources) => {
            let lines = |text: String| {
                let lines: Vec<&str> = text.lines().map(str::trim).collect();
                let lines: Vec<&str> = lines.into_iter().filter(|it| !it.is_empty()).collect();
                ensure!(!lines.is_empty(), "there is nothing in it");
                raw(&lines)
            };
            secret(flag, sources, matches)?.map(lines).transpose()?
        }
        Kind::Body | Kind::Header => None,
    })
}

/// A text, or null for a word that means none.
fn unless(text: &str, none: &[&str]) -> Result<Box<RawValue>> {
    if none.contains(&text) { json("null".to_owned()) } else { raw(&text) }
}

/// A whole number by its digits; what is none is left to the gateway to refuse, which knows what is
/// allowed.
fn number(text: &str) -> Result<Box<RawValue>> {
    match text.parse::<i64>() {
        Ok(number) => raw(&number),
        Err(_) => unless(text, &["none"]),
    }
}

fn pairs(words: &[&str]) -> Result<Box<RawValue>> {
    let mut members = Part::empty();
    for word in words {
        let (name, value) = word.split_once('=').with_context(|| format!("{word:?} has no ="))?;
        let Part::Members(named) = &mut members else { continue };
        let before = named.insert(name.to_owned(), Part::Whole(raw(&value)?));
        ensure!(before.is_none(), "{name:?} is given twice");
    }
    raw(&members)
}

fn json(text: String) -> Result<Box<RawValue>> {
    serde_json::from_str(&text).context("it is not JSON")
}

/// The file that is the body; a list stands for the member that holds it.
fn whole(flag: &Flag, matches: &ArgMatches) -> Result<String> {
    let path = matches.get_one::<PathBuf>(flag.name).context("name the file")?;
    let value = json(read(path)?).with_context(|| path.display().to_string())?;
    if !value.get().starts_with('[') {
        return Ok(value.get().to_owned());
    }
    let mut body = Part::empty();
    body.set(&flag.member(), value)?;
    Ok(serde_json::to_string(&body)?)
}

fn secret(flag: &Flag, [piped, file]: [&str; 2], matches: &ArgMatches) -> Result<Option<String>> {
    if matches.get_flag(piped) {
        return Ok(Some(personal::secret(flag.help)?.expose().to_owned()));
    }
    matches.get_one::<PathBuf>(file).map(|path| read(path)).transpose()
}

fn read(path: &Path) -> Result<String> {
    let what = || format!("{} cannot be read", path.display());
    let mut text = String::new();
    let file = File::open(path).with_context(what)?;
    let length = file.take(LONGEST + 1).read_to_string(&mut text).with_context(what)?;
    if u64::try_from(length).is_ok_and(|length| length > LONGEST) {
        bail!("{} is longer than 16 MiB", path.display());
    }
    Ok(text)
}

/// A text as a part of a URL.
pub(super) fn escaped(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    for byte in text.bytes() {
        match byte {
            b'A'..=b'Z' | b'a'..=b'z' | b'0'..=b'9' | b'-' | b'_' | b'.' | b'~' => {
                escaped.push(char::from(byte));
            }
            _ => escaped.push_str(&format!("%{byte:02X}")),
        }
    }
    escaped
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_would_end_a_part_of_a_url_is_escaped() {
        assert_eq!(escaped("a/b?c=d&é ~"), "a%2Fb%3Fc%3Dd%26%C3%A9%20~");
    }

    #[test]
    fn numbers_and_words() {
        assert_eq!(number("12").unwrap().get(), "12");
        assert_eq!(number("none").unwrap().get(), "null");
        assert_eq!(number("1.5").unwrap().get(), "\"1.5\"");
        assert_eq!(unless("never", &["never"]).unwrap().get(), "null");
        assert_eq!(pairs(&["a=b=c", "d="]).unwrap().get(), r#"{"a":"b=c","d":""}"#);
        assert!(pairs(&["a"]).is_err() && pairs(&["a=1", "a=2"]).is_err());
    }
}
