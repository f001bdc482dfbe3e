//! What a change would do, as a unified diff in which no secret can be read.

use domain::key::mask;
use similar::TextDiff;

/// Words in a name that make its value a secret.
const SECRET_NAMES: &[&str] =
    &["TOKEN", "KEY", "SECRET", "PASSWORD", "PASSWD", "CREDENTIAL", "BEARER", "AUTH", "COOKIE"];
/// How values begin that are secrets under any name.
const SECRET_VALUES: &[&str] =
    &["sk-", "mk-", "ghp_", "gho_", "github_pat_", "xox", "AIza", "AKIA", "glpat-", "eyJ"];

/// The change of a file; empty if there is none.
#[must_use]
pub fn unified(name: &str, before: Option<&[u8]>, after: Option<&[u8]>) -> String {
    if before == after {
        return String::new();
    }
    let text = |bytes: Option<&[u8]>| {
        bytes.map_or_else(String::new, |bytes| hide(&String::from_utf8_lossy(bytes)))
    };
    let (old, new) = (text(before), text(after));
    let from = if before.is_some() { name } else { "/dev/null" };
    let to = if after.is_some() { name } else { "/dev/null" };
    let diff = TextDiff::from_lines(&old, &new);
    let shown = diff.unified_diff().context_radius(2).header(from, to).to_string();
    if shown.is_empty() {
        // Two secrets that look the same in their short form.
        format!("--- {from}\n+++ {to}\n a secret changes\n")
    } else {
        shown
    }
}

/// A text with every secret in its short form.
#[must_use]
pub fn hide(text: &str) -> String {
    text.split_inclusive('\n').map(hide_line).collect()
}

fn hide_line(line: &str) -> String {
    let mut shown = String::with_capacity(line.len());
    let mut rest = line;
    let mut secret_follows = false;
    while let Some(first) = rest.chars().next() {
        let length = rest
            .find(|it: char| !is_word(it))
            .filter(|length| *length > 0)
            .unwrap_or(if is_word(first) { rest.len() } else { first.len_utf8() });
        let (word, tail) = rest.split_at_checked(length).unwrap_or((rest, ""));
        let named = |names: &[&str]| names.iter().any(|name| word.to_uppercase().contains(name));
        let is_name = tail.trim_start_matches(['"', '\'', ' ', '\t']).starts_with([':', '=']);
        if is_name && is_word(first) {
            secret_follows = named(SECRET_NAMES);
            shown.push_str(word);
        } else if is_short(word) {
            shown.push_str(word);
        } else if is_word(first) && (is_secret(word) || (secret_follows && word.len() > 3)) {
            shown.push_str(&mask(word));
        } else {
            shown.push_str(word);
        }
        rest = tail;
    }
    shown
}

/// Whether a secret stands there in its short form already.
fn is_short(word: &str) -> bool {
    let most = |text: &str, count| text.chars().count() <= count;
    word.split_once('…').is_some_and(|(head, tail)| most(head, 7) && most(tail, 4))
}

fn is_word(letter: char) -> bool {
    letter.is_alphanumeric() || "_-./+*…~@%".contains(letter)
}

fn is_secret(word: &str) -> bool {
    word.len() >= 12 && SECRET_VALUES.iter().any(|begin| word.starts_with(begin))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_secret_can_be_read_in_a_diff() {
        let before = "{\n  \"env\": {\n    \"AWS_SECRET_ACCESS_KEY\": \"wJalrXUtnFEMI/K7MDENG+bPx\",\n    \"A\": \"ghp_0123456789abcdefghij\"\n  }\n}\n";
        let after = before.replace(
            "\"A\": ",
            "\"ANTHROPIC_AUTH_TOKEN\": \"sk-0123456789abcdefXYZ9\",\n    \"A\": ",
        );
        let shown = unified("settings.json", Some(before.as_bytes()), Some(after.as_bytes()));
        for secret in ["wJalrXUtnFEMI", "ghp_0123456789a", "sk-0123456789"] {
            assert!(!shown.contains(secret), "{shown}");
        }
        assert!(shown.contains("+    \"ANTHROPIC_AUTH_TOKEN\": \"sk-0123…XYZ9\","), "{shown}");
        assert_eq!(hide("A_KEY='sk-0123…XYZ9'"), "A_KEY='sk-0123…XYZ9'");
        assert_eq!(hide("A_KEY='sk-0123456789…XYZ9'"), "A_KEY='sk-0123…XYZ9'");
        let lines = "api_key = 'abcdefghijklmnopqrstuvwxyz'\nexport GEMINI_API_KEY=AIzaSyA-0123456789abcdefg\nurl = \"https://a.example/v1\"\n";
        let shown = hide(lines);
        assert!(!shown.contains("hijklmnop") && !shown.contains("0123456789"), "{shown}");
        assert!(shown.contains("https://a.example/v1"), "{shown}");
    }

    #[test]
    fn a_change_of_a_secret_alone_is_shown_as_one() {
        let one = b"KEY=sk-aaaaaaaaaaaaaaaaaaaaaaaaZZZZ\n";
        let other = b"KEY=sk-aaaabbbbbbbbbbbbbbbbbbbbZZZZ\n";
        assert!(unified(".env", Some(one), Some(other)).contains("a secret changes"));
        assert_eq!(unified(".env", Some(one), Some(one)), "");
        assert!(unified(".env", None, Some(one)).contains("/dev/null"));
    }
}
