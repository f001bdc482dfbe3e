//! Which script a request follows, and which of its attempts are to fail.

use std::collections::HashMap;

use super::plan::Asked;
use super::script::{Matcher, Script};

/// The rules set while the provider runs, and the counts behind `fail_times`.
#[derive(Debug, Default)]
pub(super) struct Rules {
    rules: Vec<Rule>,
    /// Attempts of calls that carry their own script.
    attempts_by_call: HashMap<String, u32>,
    attempts_by_default: u32,
}

#[derive(Debug)]
struct Rule {
    matcher: Matcher,
    script: Script,
    attempts: u32,
}

impl Rules {
    pub(super) fn add(&mut self, matcher: Matcher, script: Script) {
        self.rules.push(Rule { matcher, script, attempts: 0 });
    }

    pub(super) fn clear(&mut self) {
        self.rules.clear();
    }

    /// The script for this request, with `fail_times` already applied and counted.
    pub(super) fn pick(&mut self, asked: &Asked, secret: Option<&str>, default: &Script) -> Script {
        let (script, attempts) = if let Some(own) = &asked.script {
            let call = asked.call.clone().unwrap_or_default();
            (own, self.attempts_by_call.entry(call).or_default())
        } else if let Some(rule) =
            self.rules.iter_mut().rev().find(|rule| matches(&rule.matcher, asked, secret))
        {
            (&rule.script, &mut rule.attempts)
        } else {
            (default, &mut self.attempts_by_default)
        };
        *attempts = attempts.saturating_add(1);
        match script.fail_times {
            Some(times) if *attempts <= times => script.clone().failing(),
            Some(_) => script.clone().without_failures(),
            None => script.clone(),
        }
    }
}

fn matches(matcher: &Matcher, asked: &Asked, secret: Option<&str>) -> bool {
    let same = |wanted: &Option<String>, found: Option<&str>| {
        wanted.as_deref().is_none_or(|wanted| found == Some(wanted))
    };
    same(&matcher.model, Some(&asked.model))
        && same(&matcher.call, asked.call.as_deref())
        && same(&matcher.secret, secret)
        && matcher.stream.is_none_or(|stream| stream == asked.stream)
        && same(&matcher.dialect, Some(asked.dialect))
        && matcher.text.as_deref().is_none_or(|text| asked.prompt.contains(text))
        && matcher.tools.is_none_or(|tools| tools != asked.tools.is_empty())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn asked(model: &str) -> Asked {
        Asked { model: model.to_owned(), ..Asked::default() }
    }

    #[test]
    fn newest_matching_rule_wins() {
        let mut rules = Rules::default();
        rules.add(Matcher::any(), Script { pad_bytes: 1, ..Script::default() });
        rules.add(Matcher::model("m"), Script { pad_bytes: 2, ..Script::default() });
        assert_eq!(rules.pick(&asked("m"), None, &Script::default()).pad_bytes, 2);
        assert_eq!(rules.pick(&asked("other"), None, &Script::default()).pad_bytes, 1);
    }

    #[test]
    fn a_requests_own_script_beats_every_rule() {
        let mut rules = Rules::default();
        rules.add(Matcher::any(), Script { pad_bytes: 1, ..Script::default() });
        let own = Asked { script: Some(Script::default()), ..asked("m") };
        assert_eq!(rules.pick(&own, None, &Script::default()).pad_bytes, 0);
    }

    #[test]
    fn only_the_first_attempts_fail() {
        let mut rules = Rules::default();
        rules.add(Matcher::any(), Script { fail_times: Some(2), ..Script::default() });
        let failed: Vec<bool> = (0..4)
            .map(|_| rules.pick(&asked("m"), None, &Script::default()).error.is_some())
            .collect();
        assert_eq!(failed, [true, true, false, false]);
    }

    #[test]
    fn a_rule_for_one_secret_leaves_the_others_alone() {
        let mut rules = Rules::default();
        rules.add(Matcher::secret("a"), Script { hang: true, ..Script::default() });
        assert!(rules.pick(&asked("m"), Some("a"), &Script::default()).hang);
        assert!(!rules.pick(&asked("m"), Some("b"), &Script::default()).hang);
    }
}
