//! The samples run, say what they are to say, and are what the README shows.

mod support;

use std::process::Command;

fn run(sample: &str) -> String {
    let built = std::env::current_exe().unwrap();
    let program = built.parent().unwrap().parent().unwrap().join("examples").join(sample);
    let out = Command::new(program).env("EXOREF_URL", support::url()).output().unwrap();
    assert!(out.status.success(), "{sample}: {out:?}");
    String::from_utf8(out.stdout).unwrap()
}

#[test]
fn the_readme_shows_a_program_that_runs() {
    let top = env!("CARGO_MANIFEST_DIR");
    let readme = std::fs::read_to_string(format!("{top}/../README.md")).unwrap();
    let shown = readme.split("```rust\n").nth(1).unwrap().split("```").next().unwrap();
    assert_eq!(shown, std::fs::read_to_string(format!("{top}/examples/readme.rs")).unwrap());
    let said = run("readme");
    assert!(said.ends_with(" visits\nit is done\nit adds up to 10\n"), "{said}");
}

#[test]
fn basic() {
    let said = run("basic");
    assert!(said.starts_with("four threads counted to 100\n100 became 1000: true; now it is 1000\n"), "{said}");
    assert!(said.contains("100 became 2000: false; now it is 1000\nrefused: could not reset atom 'basic:count'"), "{said}");
    assert!(said.ends_with(": too many\n"), "{said}");
}

#[test]
fn watch() {
    let said = run("watch");
    for told in ["version 2 has 4 workers", "version 3 has 8 workers", "deleted"] {
        assert!(said.contains(&format!("the stream: {told}\nthe function: {told}\n")), "{said}");
    }
}

#[test]
fn promise() {
    let said = run("promise");
    assert!(said.starts_with("not yet: "), "{said}");
    for told in ["delivered: true", "delivered: false; it stays report 17", "waited for: report 17", "still: report 17"] {
        assert!(said.contains(told), "{told}: {said}");
    }
}

#[test]
fn delay() {
    let said = run("delay");
    assert!(said.starts_with("the report: built here\nthe same: built here\n"), "{said}");
    assert_eq!(said.matches("it failed: No such file or directory (os error 2) (io)\n").count(), 2, "{said}");
    assert!(said.ends_with("computed: 42\nit is computed: 42\n"), "{said}");
}
