//! The edit engine alone: what it refuses, and that generated files keep everything.

use companion::edit::{Dialect, Edit, EditError, Format, KeyPath, Value, Wanted, edit};
use proptest::prelude::*;

use crate::world::{KEY, World};

const STRICT: Format = Format::Json(Dialect::Strict);

#[test]
fn what_cannot_be_read_is_refused_and_untouched() {
    let refused: [(&str, &[u8], &str); 12] = [
        ("claude-code", b"{\"a\": }", "line 1"),
        ("claude-code", b"{\"a\": 1", "line 1"),
        ("claude-code", b"[]", "not an object"),
        ("claude-code", b"{\"env\": 1}", "`env` is not an object"),
        ("claude-code", b"{\n// c\n\"a\": 1}", "line 2: a comment makes the tool ignore"),
        ("claude-code", b"{\"a\": 1,}", "a trailing comma makes the tool ignore"),
        ("claude-code", b"{\"env\": {}, \"env\": {}}", "`env` stands in the file twice"),
        ("claude-code", b"\xff\xfe{\x00}\x00", "not UTF-8"),
        ("codex", b"a = \n", "line 1"),
        ("codex", b"a = 1\na = 2\n", "line 2"),
        ("codex", b"model_providers = 1\n", "`model_providers` is not"),
        ("gemini-cli", b"GEMINI_API_KEY=1\nGEMINI_API_KEY=2\n", "twice"),
    ];
    for (tool, bytes, why) in refused {
        let world = World::new(tool);
        world.write(0, bytes);
        let error = world.apply(KEY).unwrap_err();
        assert!(error.contains(why), "{error}");
        assert_eq!(world.read(0).unwrap(), bytes);
    }
}

#[test]
fn json_lines_are_added_as_the_file_is_written() {
    let set = |text: &str, path: &[&str]| {
        let edits = [Edit::set(KeyPath::new(path.iter().copied()), Value::text("v"))];
        String::from_utf8(edit(STRICT, text.as_bytes(), &edits).unwrap()).unwrap()
    };
    assert_eq!(set("{\"a\":1}", &["b"]), "{\"a\":1,\"b\":\"v\"}");
    assert_eq!(set("{\"a\": 1, \"b\": 2}", &["c"]), "{\"a\": 1, \"b\": 2, \"c\": \"v\"}");
    assert_eq!(set("{\n\t\"a\" : 1\n}", &["b"]), "{\n\t\"a\" : 1,\n\t\"b\" : \"v\"\n}");
    assert_eq!(set("{}\r\n", &["b"]), "{\r\n  \"b\": \"v\"\r\n}\r\n");
    assert_eq!(
        set("{\n    \"a\": 1\n}\n", &["b", "c"]),
        "{\n    \"a\": 1,\n    \"b\": {\n        \"c\": \"v\"\n    }\n}\n"
    );
}

#[test]
fn toml_lines_are_added_before_the_tables() {
    let set = |text: &str, path: &[&str]| {
        let edits = [Edit::set(KeyPath::new(path.iter().copied()), Value::text("v"))];
        String::from_utf8(edit(Format::Toml, text.as_bytes(), &edits).unwrap()).unwrap()
    };
    assert_eq!(set("a = 1 # x\r\n[t]\r\n", &["b"]), "a = 1 # x\r\nb = \"v\"\r\n[t]\r\n");
    assert_eq!(set("[t]\na = 1\n", &["b"]), "b = \"v\"\n\n[t]\na = 1\n");
    assert_eq!(set("a = 1", &["t", "b"]), "a = 1\n\n[t]\nb = \"v\"");
    assert_eq!(set("t.x.a = 1\n", &["t", "y", "b"]), "t.x.a = 1\nt.y.b = \"v\"\n");
    assert_eq!(set("t = { x = 1 }\n", &["t", "y", "b"]), "t = { x = 1, y = { b = \"v\" } }\n");
}

#[test]
fn a_spelling_that_would_break_out_of_its_place_is_refused() {
    let wanted = Wanted::Spelling("1, \"x\": 2".to_owned());
    let edits = [Edit { path: KeyPath::new(["a"]), wanted }];
    assert_eq!(edit(STRICT, b"{\"a\": 0}", &edits), Err(EditError::NotFaithful));
}

fn json() -> impl Strategy<Value = String> {
    let blank = || prop::sample::select(vec!["", " ", "\n", "\r\n  ", "\t"]);
    let scalar =
        prop::sample::select(vec!["1", "-0.0", "1e9", "null", "true", "\"\\u00e9\"", "[]"]);
    let leaf = scalar.prop_map(str::to_owned);
    let value = leaf.prop_recursive(3, 24, 4, move |inner| {
        let names = prop::sample::select(vec!["a", "env", "b c", "ANTHROPIC_BASE_URL", "\u{4f60}"]);
        let member = (names, blank(), inner, blank());
        prop::collection::vec(member, 0..4).prop_map(|members| {
            let mut seen = std::collections::BTreeSet::new();
            let members = members.into_iter().filter(|it| seen.insert(it.0));
            let members: Vec<String> = members
                .map(|(name, one, value, two)| format!("{one}\"{name}\":{one}{value}{two}"))
                .collect();
            format!("{{{}}}", members.join(","))
        })
    });
    value.prop_filter("the root is an object, and env one or nothing", |text| {
        let root: Result<serde_json::Value, _> = serde_json::from_str(text);
        root.is_ok_and(|root| {
            root.is_object() && root.get("env").is_none_or(serde_json::Value::is_object)
        })
    })
}

fn toml() -> impl Strategy<Value = String> {
    let lines = vec![
        "a = 1\n",
        "b.c = 'x' # y\n",
        "# note\n",
        "\n",
        "[t]\n",
        "[t.u]\n",
        "[[l]]\n",
        "z = { q = 1 }\r\n",
        "[model_providers.x]\n",
        "m = '''\n[no]\n'''\n",
        "model = \"old\"\n",
    ];
    let text = prop::collection::vec(prop::sample::select(lines), 0..9).prop_map(|it| it.concat());
    text.prop_filter("it is TOML", |text| toml_edit::Document::parse(text.as_str()).is_ok())
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(150))]

    #[test]
    fn generated_json_comes_back(text in json()) {
        comes_back("claude-code", &text)?;
    }

    #[test]
    fn generated_toml_comes_back(text in toml()) {
        comes_back("codex", &text)?;
    }

    #[test]
    fn no_bytes_make_the_engine_panic(bytes in prop::collection::vec(any::<u8>(), 0..60)) {
        for format in [STRICT, Format::Json(Dialect::CommentsAndTrailingCommas), Format::Toml, Format::Dotenv] {
            let _ = edit(format, &bytes, &[Edit::set(KeyPath::new(["a", "b"]), Value::text("v"))]);
        }
    }
}

fn comes_back(tool: &str, text: &str) -> Result<(), TestCaseError> {
    let world = World::new(tool);
    world.write(0, text.as_bytes());
    let applied = world.apply(KEY);
    prop_assert!(applied.is_ok(), "{:?}: {:?}", text, applied);
    world.clear();
    prop_assert_eq!(world.text(0), text);
    Ok(())
}
