//! `kill -9` at every step of a write, and writers beside us: no torn file, and a way back.

use std::os::unix::process::ExitStatusExt;
use std::path::PathBuf;
use std::process::Command;

use companion::tools::tool;
use companion::write::{Replacement, Step, WriteError, hash, replace};

use crate::world::{KEY, OTHER_KEY, World, apply};

const STOP: &str = "COMPANION_TEST_STOP";
const HOME: &str = "COMPANION_TEST_HOME";

/// In the child, which is this very test: uses a key, and dies at the step that it was told.
fn child(stop: &str) {
    let (step, tool_name) = stop.split_once('/').unwrap();
    let step = Step::ALL[step.parse::<usize>().unwrap()];
    let home = PathBuf::from(std::env::var(HOME).unwrap());
    let die = |reached: Step| {
        if reached == step {
            let this = rustix::process::getpid();
            rustix::process::kill_process(this, rustix::process::Signal::KILL).unwrap();
        }
    };
    apply(&home, tool(tool_name).unwrap(), OTHER_KEY, None, &die).unwrap();
}

#[test]
fn killed_at_every_step_it_leaves_old_or_new_bytes_and_a_way_back() {
    if let Ok(stop) = std::env::var(STOP) {
        return child(&stop);
    }
    for name in ["claude-code", "codex", "gemini-cli"] {
        for (index, step) in Step::ALL.iter().enumerate() {
            for used_before in [false, true] {
                let world = World::new(name);
                let old: &[u8] = if name == "codex" { b"# mine\n" } else { b"" };
                world.write(0, old);
                let untouched = world.tree();
                if used_before {
                    world.apply(KEY).unwrap();
                }
                let old = world.tree();
                let new = {
                    let other = World::new(name);
                    other.write(0, if name == "codex" { b"# mine\n" } else { b"" });
                    other.apply(OTHER_KEY).unwrap();
                    (0..other.tool.files(&other.places()).len())
                        .map(|file| other.read(file))
                        .collect::<Vec<_>>()
                };
                let ended = Command::new(std::env::current_exe().unwrap())
                    .args([
                        "--exact",
                        "killed::killed_at_every_step_it_leaves_old_or_new_bytes_and_a_way_back",
                    ])
                    .env(STOP, format!("{index}/{name}"))
                    .env(HOME, world.home.path())
                    .output()
                    .unwrap();
                assert_eq!(ended.status.signal(), Some(9), "{name} {step:?}");
                for (file, new) in new.iter().enumerate() {
                    let live = world.read(file);
                    let was = old.get(&world.path(file)).cloned().flatten();
                    assert!(live == was || live == *new, "{name} {step:?} {live:?}");
                }
                // Whoever comes next tidies up; then everything works as ever.
                drop(world.open());
                let strays: Vec<_> = world
                    .tree()
                    .into_keys()
                    .filter(|it| it.to_string_lossy().contains("tollkeeper-"))
                    .collect();
                assert!(strays.is_empty(), "{name} {step:?} {strays:?}");
                world.apply(KEY).unwrap();
                assert_eq!(world.clear(), Vec::<String>::new());
                assert_eq!(untouched, world.tree(), "{name} {step:?} {used_before}");
            }
        }
    }
}

#[test]
fn bytes_that_another_program_wrote_meanwhile_survive() {
    let place = tempfile::tempdir().unwrap();
    let (path, temporary) = (place.path().join("a"), place.path().join("b"));
    for seen in [Some(hash(b"seen")), None] {
        for bytes in [Some(b"ours".as_slice()), None] {
            std::fs::write(&path, "theirs").unwrap();
            let it = Replacement {
                path: &path,
                temporary: &temporary,
                seen: seen.as_deref(),
                bytes,
                mode: 0o600,
            };
            let done = replace(&it, &|_| ());
            let nothing_to_do = seen.is_none() && bytes.is_none();
            assert!(nothing_to_do || matches!(done, Err(WriteError::Changed(_))), "{done:?}");
            assert_eq!(std::fs::read(&path).unwrap(), b"theirs");
            assert!(!temporary.exists());
        }
    }
}

#[test]
fn a_writer_that_never_stops_loses_nothing() {
    let place = tempfile::tempdir().unwrap();
    let path = place.path().join("settings");
    std::fs::write(&path, "0").unwrap();
    let theirs = {
        let path = path.clone();
        std::thread::spawn(move || {
            for count in 1..400 {
                let beside = path.with_extension("theirs");
                std::fs::write(&beside, count.to_string()).unwrap();
                std::fs::rename(&beside, &path).unwrap();
            }
        })
    };
    let mut ours = 0;
    while !theirs.is_finished() {
        let seen = std::fs::read(&path).unwrap();
        let hashed = hash(&seen);
        let bytes =
            format!("{} and ours", String::from_utf8(seen).unwrap().split(' ').next().unwrap());
        let temporary = place.path().join("temporary");
        let it = Replacement {
            path: &path,
            temporary: &temporary,
            seen: Some(&hashed),
            bytes: Some(bytes.as_bytes()),
            mode: 0o600,
        };
        match replace(&it, &|_| ()) {
            Ok(()) => ours += 1,
            Err(WriteError::Changed(_)) => {}
            Err(error) => panic!("{error}"),
        }
    }
    theirs.join().unwrap();
    let last = std::fs::read_to_string(&path).unwrap();
    assert!(last.starts_with("399"), "{last} after {ours} of ours");
}
