//! Verbs that ask a running gateway, described rather than written: what each asks for, what its
//! flags set, and how its answer is told. The command line, the request, the answer's table and the
//! names in error messages are all made from the same few lines.

mod arguments;
mod flag;
mod part;
mod request;
mod run;
mod show;
mod text;

use clap::{ArgMatches, Command};

pub(super) use self::flag::{FILTERS_OF_TIME, Flag, IDEMPOTENCY_KEY, IF_MATCH, PAGE};
pub(super) use self::run::run;

/// How the gateway is asked.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Ask {
    Get,
    Post,
    Put,
    Patch,
    Delete,
}

/// How the answer is told to people.
#[derive(Debug, Clone, Copy)]
pub(super) enum Show {
    /// Every member, a line each.
    Members,
    /// The list that a member holds, as a table of these members of its entries; the whole answer
    /// where there is no such list.
    Rows(&'static str, &'static [&'static str]),
    /// A sentence; `{name}` stands for what was named on the command line.
    Sentence(&'static str),
    /// As it came.
    Text,
}

/// A verb.
#[derive(Debug, Clone, Copy)]
pub(super) struct Verb {
    pub(super) name: &'static str,
    about: &'static str,
    ask: Ask,
    /// With what is named on the command line in braces.
    path: &'static str,
    /// What the braces stand for: the same name, as help shows it, and an explanation.
    names: &'static [(&'static str, &'static str, &'static str)],
    flags: &'static [&'static [Flag]],
    show: Show,
    /// Asked before it is done.
    question: Option<&'static str>,
    /// Where the answer holds a value that is shown this once.
    once: Option<&'static str>,
    /// A member and what it says if all is well; else the exit code is 1.
    well: Option<(&'static str, &'static str)>,
    /// `PATH.csv` is the same for spreadsheets.
    has_csv: bool,
}

/// The verbs about one kind of thing.
#[derive(Debug, Clone, Copy)]
pub(super) struct Family {
    pub(super) name: &'static str,
    pub(super) about: &'static str,
    pub(super) verbs: &'static [Verb],
    pub(super) families: &'static [Self],
}

impl Verb {
    const fn new(ask: Ask, name: &'static str, path: &'static str, about: &'static str) -> Self {
        let (names, flags, show): (&[_], &[_], _) = (&[], &[], Show::Members);
        let (question, once, well, has_csv) = (None, None, None, false);
        Self { name, about, ask, path, names, flags, show, question, once, well, has_csv }
    }

    pub(super) const fn get(name: &'static str, path: &'static str, about: &'static str) -> Self {
        Self::new(Ask::Get, name, path, about)
    }

    pub(super) const fn post(name: &'static str, path: &'static str, about: &'static str) -> Self {
        Self::new(Ask::Post, name, path, about)
    }

    pub(super) const fn put(name: &'static str, path: &'static str, about: &'static str) -> Self {
        Self::new(Ask::Put, name, path, about)
    }

    pub(super) const fn patch(name: &'static str, path: &'static str, about: &'static str) -> Self {
        Self::new(Ask::Patch, name, path, about)
    }

    pub(super) const fn delete(
        name: &'static str,
        path: &'static str,
        about: &'static str,
    ) -> Self {
        Self::new(Ask::Delete, name, path, about)
    }

    pub(super) const fn names(
        self,
        names: &'static [(&'static str, &'static str, &'static str)],
    ) -> Self {
        Self { names, ..self }
    }

    pub(super) const fn flags(self, flags: &'static [&'static [Flag]]) -> Self {
        Self { flags, ..self }
    }

    /// Tells the entries of `data`.
    pub(super) const fn rows(self, columns: &'static [&'static str]) -> Self {
        self.show(Show::Rows("data", columns))
    }

    pub(super) const fn says(self, sentence: &'static str) -> Self {
        self.show(Show::Sentence(sentence))
    }

    pub(super) const fn show(self, show: Show) -> Self {
        Self { show, ..self }
    }

    pub(super) const fn asks(self, question: &'static str) -> Self {
        Self { question: Some(question), ..self }
    }

    pub(super) const fn once(self, member: &'static str) -> Self {
        Self { once: Some(member), ..self }
    }

    pub(super) const fn well(self, member: &'static str, value: &'static str) -> Self {
        Self { well: Some((member, value)), ..self }
    }

    pub(super) const fn csv(self) -> Self {
        Self { has_csv: true, ..self }
    }

    fn all_flags(&self) -> impl Iterator<Item = &'static Flag> + use<> {
        self.flags.iter().flat_map(|flags| flags.iter())
    }
}

impl Family {
    /// The family as a command.
    pub(super) fn command(&self) -> Command {
        Command::new(self.name)
            .about(self.about)
            .subcommand_required(true)
            .arg_required_else_help(true)
            .subcommands(self.verbs.iter().map(arguments::command))
            .subcommands(self.families.iter().map(Self::command))
    }

    /// The verb that was asked for, with what belongs to it; none: it is none of these.
    pub(super) fn find<'m>(
        &self,
        matches: &'m ArgMatches,
    ) -> Option<(&'static Verb, &'m ArgMatches)> {
        let (name, matches) = matches.subcommand()?;
        let verb = self.verbs.iter().find(|verb| verb.name == name);
        let family = || self.families.iter().find(|family| family.name == name);
        match verb {
            Some(verb) => Some((verb, matches)),
            None => family()?.find(matches),
        }
    }
}

/// A verb without a family as a command.
pub(super) fn command(verb: &Verb) -> Command {
    arguments::command(verb)
}
