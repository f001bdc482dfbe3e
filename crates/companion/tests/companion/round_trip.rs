//! Use and clear: byte for byte; used twice, with another key, with others' edits in between.

use companion::edit::{Edit, KeyPath, Value, edit, find};
use companion::write::see;

use crate::corpus::corpus;
use crate::world::{KEY, OTHER_KEY, World};

#[test]
fn every_file_of_the_corpus_comes_back_byte_for_byte() {
    let samples = corpus();
    assert!(samples.len() >= 100, "{}", samples.len());
    for sample in &samples {
        let world = World::new(sample.tool);
        world.write(sample.file, &sample.bytes);
        let before = world.tree();
        let shown = String::from_utf8_lossy(&sample.bytes).into_owned();
        world.apply(KEY).unwrap_or_else(|error| panic!("{}: {shown:?}: {error}", sample.tool));
        let once = world.tree();
        assert_ne!(before, once, "{shown:?}");
        world.apply(KEY).unwrap();
        assert_eq!(once, world.tree(), "twice is once: {shown:?}");
        world.apply(OTHER_KEY).unwrap();
        let all: Vec<u8> = world.tree().into_values().flatten().flatten().collect();
        let all = String::from_utf8_lossy(&all).into_owned();
        assert!(all.contains(OTHER_KEY) && !all.contains(KEY), "{shown:?}: {all}");
        assert_eq!(world.clear(), Vec::<String>::new());
        assert_eq!(before, world.tree(), "{shown:?}");
    }
}

/// Our values are taken out one by one, because somebody else has changed something.
#[test]
fn with_another_edit_in_between_only_that_edit_stays() {
    for sample in corpus() {
        let world = World::new(sample.tool);
        world.write(sample.file, &sample.bytes);
        let file = &world.tool.files(&world.places())[sample.file];
        let (path, format) = (file.path.clone(), file.format);
        let theirs = Edit::set(KeyPath::new(["theirs"]), Value::text("1"));
        let shown = String::from_utf8_lossy(&sample.bytes).into_owned();
        world.apply(KEY).unwrap_or_else(|error| panic!("{shown:?}: {error}"));
        let ours = std::fs::read(&path).unwrap();
        std::fs::write(&path, edit(format, &ours, std::slice::from_ref(&theirs)).unwrap()).unwrap();
        assert_eq!(world.clear(), Vec::<String>::new(), "{shown:?}");
        let left = see(&path).unwrap().bytes.unwrap_or_default();
        let found = find(format, &left, &theirs.path).unwrap().and_then(|it| it.value);
        assert_eq!(found, Some(Value::text("1")), "{shown:?}");
        // Without their line it means what it meant before.
        let undone = Edit { path: theirs.path, wanted: companion::edit::Wanted::Nothing };
        let left = edit(format, &left, &[undone]).unwrap();
        for secret in [KEY, "gateway.example.com"] {
            let text = String::from_utf8_lossy(&left).into_owned();
            assert!(!text.contains(secret), "{shown:?}: {text}");
        }
        for comment in
            shown.lines().filter_map(|line| line.split_once("# ").or(line.split_once("// ")))
        {
            let text = String::from_utf8_lossy(&left).into_owned();
            assert!(text.contains(comment.1.trim_end()), "{shown:?}: {text}");
        }
    }
}

#[test]
fn a_value_that_somebody_changed_is_left_and_named() {
    let world = World::new("claude-code");
    world.write(0, b"{\n  \"model\": \"opus\"\n}\n");
    world.apply(KEY).unwrap();
    let text = world.text(0).replace("https://gateway.example.com", "https://theirs.example");
    world.write(0, text.as_bytes());
    assert_eq!(world.clear(), ["env.ANTHROPIC_BASE_URL"]);
    let text = world.text(0);
    assert!(text.contains("https://theirs.example") && !text.contains(KEY), "{text}");
    assert!(text.contains("\"model\": \"opus\""), "{text}");
}

#[test]
fn files_and_directories_that_we_made_are_gone_again() {
    for name in ["claude-code", "codex", "gemini-cli", "opencode"] {
        let world = World::new(name);
        let before = world.tree();
        world.apply(KEY).unwrap();
        assert_ne!(before, world.tree(), "{name}");
        world.clear();
        assert_eq!(before, world.tree(), "{name}");
    }
}

#[test]
fn undo_goes_back_one_change_after_the_other() {
    let world = World::new("codex");
    world.write(0, b"model = \"mine\"\n");
    let untouched = world.tree();
    world.apply(KEY).unwrap();
    let first = world.tree();
    world.apply(OTHER_KEY).unwrap();
    world.undo().unwrap();
    assert_eq!(first, world.tree());
    world.clear();
    assert_eq!(untouched, world.tree());
    world.undo().unwrap();
    assert_eq!(first, world.tree());
    world.undo().unwrap();
    assert_eq!(untouched, world.tree());
    assert!(world.undo().unwrap_err().contains("no change"));
}

#[test]
fn hooks_permissions_servers_and_a_log_in_are_never_touched() {
    let world = World::new("codex");
    world.write(0, b"[mcp_servers.a]\ncommand = \"b\" # keep\n");
    let login = world.path(0).with_file_name("auth.json");
    std::fs::write(&login, "{\"tokens\":{\"access_token\":\"jwt\"}}").unwrap();
    world.apply(KEY).unwrap();
    assert_eq!(std::fs::read_to_string(&login).unwrap(), "{\"tokens\":{\"access_token\":\"jwt\"}}");
    let text = world.text(0);
    assert!(text.contains("[mcp_servers.a]\ncommand = \"b\" # keep\n"), "{text}");
    for never in ["requires_openai_auth", "\"chat\"", "auth.json"] {
        assert!(!text.contains(never), "{text}");
    }
    let world = World::new("claude-code");
    let rest = "\"hooks\": { \"Stop\": [ {\"hooks\": []} ] },\n  \"permissions\": { \"allow\": [\"Bash(ls)\"] },\n  \"mcpServers\": { \"x\": { \"command\": \"y\" } }";
    world.write(0, format!("{{\n  {rest}\n}}\n").as_bytes());
    world.apply(KEY).unwrap();
    assert!(world.text(0).contains(rest), "{}", world.text(0));
}

#[test]
fn somebody_elses_helper_steps_aside_and_comes_back() {
    let world = World::new("claude-code");
    world.write(0, b"{\n  \"apiKeyHelper\": \"/opt/key\",\n  \"x\": 1\n}\n");
    world.apply(KEY).unwrap();
    assert!(!world.text(0).contains("apiKeyHelper"));
    world.clear();
    assert_eq!(world.text(0), "{\n  \"apiKeyHelper\": \"/opt/key\",\n  \"x\": 1\n}\n");
}

#[test]
fn without_a_secret_in_the_file_there_is_none() {
    for name in ["claude-code", "codex"] {
        let world = World::new(name);
        world.apply_with_command().unwrap();
        assert!(!world.text(0).contains(KEY), "{}", world.text(0));
        assert!(world.text(0).contains("/opt/tollkeeper"), "{}", world.text(0));
        let secret = companion::companion::secret_of(world.tool, &world.places()).unwrap();
        assert_eq!(secret.unwrap().expose(), KEY);
        world.clear();
        let secret = companion::companion::secret_of(world.tool, &world.places()).unwrap();
        assert!(secret.is_none());
    }
    for name in ["gemini-cli", "opencode"] {
        let refused = World::new(name).apply_with_command().unwrap_err();
        assert!(refused.contains("command"), "{refused}");
    }
}
