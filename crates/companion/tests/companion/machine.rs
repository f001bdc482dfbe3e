//! What machines do: links, permissions, a full disk, two of us at once.

use std::os::unix::fs::{PermissionsExt, symlink};
use std::process::Command;

use companion::companion::{Companion, OpenError};

use crate::world::{KEY, World, apply};

const HOME: &str = "COMPANION_TEST_FULL_DISK";

fn mode(world: &World) -> u32 {
    std::fs::metadata(world.path(0)).unwrap().permissions().mode() & 0o777
}

#[test]
fn links_are_followed_and_stay() {
    let world = World::new("claude-code");
    let real = world.home.path().join("dotfiles/claude.json");
    std::fs::create_dir_all(real.parent().unwrap()).unwrap();
    std::fs::create_dir_all(world.path(0).parent().unwrap()).unwrap();
    std::fs::write(&real, "{}").unwrap();
    let middle = world.home.path().join("middle");
    symlink("dotfiles/claude.json", &middle).unwrap();
    symlink("../middle", world.path(0)).unwrap();
    world.apply(KEY).unwrap();
    assert!(world.path(0).is_symlink() && middle.is_symlink() && !real.is_symlink());
    assert!(std::fs::read_to_string(&real).unwrap().contains(KEY));
    world.clear();
    assert_eq!(std::fs::read_to_string(&real).unwrap(), "{}");
    std::fs::remove_file(&real).unwrap();
    world.apply(KEY).unwrap();
    assert!(real.is_file() && world.path(0).is_symlink(), "a link to nothing yet");
    world.clear();
    assert!(!real.exists() && world.path(0).is_symlink());
}

#[test]
fn a_link_to_itself_is_refused() {
    let world = World::new("claude-code");
    std::fs::create_dir_all(world.path(0).parent().unwrap()).unwrap();
    symlink("settings.json", world.path(0)).unwrap();
    assert!(world.apply(KEY).unwrap_err().contains("links"));
    let world = World::new("claude-code");
    std::fs::create_dir_all(world.path(0)).unwrap();
    assert!(world.apply(KEY).unwrap_err().contains("not a regular file"));
}

#[test]
fn a_file_with_a_secret_is_private_and_its_mode_comes_back() {
    for before in [0o644, 0o600, 0o400, 0o664] {
        let world = World::new("claude-code");
        world.write(0, b"{}\n");
        std::fs::set_permissions(world.path(0), PermissionsExt::from_mode(before)).unwrap();
        world.apply(KEY).unwrap();
        assert_eq!(mode(&world), before & 0o600);
        world.clear();
        assert_eq!(mode(&world), before);
        world.apply_with_command().unwrap();
        assert_eq!(mode(&world), before, "no secret, no need to hide");
    }
    let world = World::new("codex");
    world.apply(KEY).unwrap();
    assert_eq!(mode(&world), 0o600);
    for entry in std::fs::read_dir(world.places().own().state.join("backups")).into_iter().flatten()
    {
        let found = entry.unwrap().metadata().unwrap();
        assert_eq!(found.permissions().mode() & 0o777, 0o600);
    }
}

#[test]
fn a_second_one_at_once_is_told() {
    let world = World::new("codex");
    let first = world.open();
    let second = Companion::open(world.places(), 0, &|_| ());
    assert!(matches!(second, Err(OpenError::Busy)));
    drop(first);
    assert!(Companion::open(world.places(), 0, &|_| ()).is_ok());
}

/// In a child: files cannot grow beyond 1024 bytes, as on a full disk.
#[test]
fn on_a_full_disk_the_old_bytes_stay() {
    if let Ok(home) = std::env::var(HOME) {
        let tool = companion::tools::tool("claude-code").unwrap();
        let failed = apply(home.as_ref(), tool, KEY, None, &|_| ());
        assert!(failed.is_err(), "{failed:?}");
        return;
    }
    let world = World::new("claude-code");
    let big = format!("{{\"x\": \"{}\"}}", "y".repeat(4000));
    world.write(0, big.as_bytes());
    let ended = Command::new("sh")
        .args(["-c", "trap '' XFSZ; ulimit -f 2; exec \"$0\" --exact machine::on_a_full_disk_the_old_bytes_stay"])
        .arg(std::env::current_exe().unwrap())
        .env(HOME, world.home.path())
        .output()
        .unwrap();
    assert!(ended.status.success(), "{}", String::from_utf8_lossy(&ended.stdout));
    assert_eq!(world.text(0), big);
    world.apply(KEY).unwrap();
    world.clear();
    assert_eq!(world.text(0), big);
}

/// As somebody who may not write there. Whoever runs the tests as root gives the home away.
#[test]
fn without_permission_nothing_is_left_behind() {
    const NOBODY: u32 = 65_534;
    if let Ok(home) = std::env::var("COMPANION_TEST_DENIED") {
        let tool = companion::tools::tool("claude-code").unwrap();
        let failed = apply(home.as_ref(), tool, KEY, None, &|_| ()).unwrap_err();
        assert!(failed.contains("settings.json") || failed.contains(".claude"), "{failed}");
        assert!(failed.contains("ermission denied"), "{failed}");
        return;
    }
    for (directory, file) in [(0o555, 0o644), (0o755, 0o000)] {
        let world = World::new("claude-code");
        world.write(0, b"{}\n");
        let above = world.path(0).parent().unwrap().to_owned();
        let own = world.places().own().state.clone();
        std::fs::create_dir_all(&own).unwrap();
        std::fs::set_permissions(world.path(0), PermissionsExt::from_mode(file)).unwrap();
        std::fs::set_permissions(&above, PermissionsExt::from_mode(directory)).unwrap();
        // A copy: what cargo built may lie where only its owner looks.
        let program = world.home.path().join("program");
        std::fs::copy(std::env::current_exe().unwrap(), &program).unwrap();
        let mut copied = Command::new(&program);
        copied.args(["--exact", "machine::without_permission_nothing_is_left_behind"]);
        copied.current_dir("/");
        copied.env("COMPANION_TEST_DENIED", world.home.path());
        if rustix::process::geteuid().is_root() {
            for path in [world.home.path(), &above, &world.path(0), &own] {
                std::os::unix::fs::chown(path, Some(NOBODY), Some(NOBODY)).unwrap();
            }
            std::os::unix::process::CommandExt::uid(&mut copied, NOBODY);
        }
        let ended = copied.output().unwrap();
        assert!(ended.status.success(), "{}", String::from_utf8_lossy(&ended.stdout));
        std::fs::set_permissions(&above, PermissionsExt::from_mode(0o755)).unwrap();
        std::fs::set_permissions(world.path(0), PermissionsExt::from_mode(0o644)).unwrap();
        assert_eq!(world.text(0), "{}\n");
        assert_eq!(std::fs::read_dir(&above).unwrap().count(), 1);
    }
}

#[test]
fn what_counts_more_is_warned_of() {
    let place = tempfile::tempdir().unwrap();
    let project = place.path().join("project");
    for (path, text) in [
        (".claude/settings.local.json", "{\"env\": {\"ANTHROPIC_BASE_URL\": \"x\"}}"),
        (".codex/config.toml", "model_provider = \"x\"\n"),
        (".gemini/.env", ""),
        ("opencode.json", "{\"model\": \"x\"}"),
    ] {
        std::fs::create_dir_all(project.join(path).parent().unwrap()).unwrap();
        std::fs::write(project.join(path), text).unwrap();
    }
    let home = place.path().join("home");
    let codex = home.join(".codex/config.toml");
    std::fs::create_dir_all(codex.parent().unwrap()).unwrap();
    std::fs::write(codex, "profile = \"p\"\n[profiles.p]\nmodel = \"m\"\n").unwrap();
    let variables = [
        ("HOME", home.to_str().unwrap()),
        ("ANTHROPIC_API_KEY", "x"),
        ("OPENAI_BASE_URL", "x"),
        ("GEMINI_API_KEY", "x"),
        ("OPENCODE_CONFIG", "x"),
    ];
    let around = companion::surroundings::Surroundings {
        platform: companion::surroundings::Platform::Linux,
        variables: variables.map(|(name, value)| (name.to_owned(), value.to_owned())).into(),
        current_directory: project,
    };
    let places = companion::paths::Places::new(&around).unwrap();
    for (tool, codes) in [
        ("claude-code", vec!["variable_set", "project_settings"]),
        ("codex", vec!["variable_set", "profile", "project_settings"]),
        ("gemini-cli", vec!["variable_set", "project_dotenv"]),
        ("opencode", vec!["variable_set", "project_settings"]),
    ] {
        let warnings = companion::tools::tool(tool).unwrap().overrides(&around, &places);
        let found: Vec<_> = warnings.iter().map(|it| it.code()).collect();
        assert_eq!(found, codes, "{tool}: {warnings:?}");
    }
}

#[test]
fn a_file_that_the_tool_no_longer_reads_is_left_too() {
    let world = World::new("opencode");
    world.write(0, b"{\"theme\": \"x\"}");
    world.apply(KEY).unwrap();
    let plain = world.path(0);
    let commented = plain.with_extension("jsonc");
    std::fs::write(&commented, "{ /* mine */ }").unwrap();
    world.apply(KEY).unwrap();
    assert_eq!(std::fs::read_to_string(&plain).unwrap(), "{\"theme\": \"x\"}");
    assert!(std::fs::read_to_string(&commented).unwrap().contains(KEY));
    world.clear();
    assert_eq!(std::fs::read_to_string(&commented).unwrap(), "{ /* mine */ }");
}
