//! What is generated from the definitions of the command line and of the configuration, and kept in the repository,
//! is what the commands print.

use aifd_tests::Sandbox;
use std::{
    collections::BTreeMap,
    fs,
    path::{Path, PathBuf},
};

const REGENERATE: &str = "run `completions/generate` and commit what it wrote";

fn repository() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap().to_owned()
}

fn printed(arguments: &[&str]) -> String {
    let output = Sandbox::new().aifd(arguments).run();
    assert_eq!((output.status, output.stderr.as_str()), (Some(0), ""), "{arguments:?}");
    output.stdout
}

fn pages(directory: &Path) -> BTreeMap<String, String> {
    let entries = fs::read_dir(directory).unwrap().map(|entry| entry.unwrap());
    let page = |entry: fs::DirEntry| {
        (entry.file_name().into_string().unwrap(), fs::read_to_string(entry.path()).unwrap())
    };
    entries.map(page).collect()
}

#[test]
fn the_completion_scripts_are_what_the_command_prints() {
    for (shell, file) in [
        ("bash", "aifd.bash"),
        ("zsh", "_aifd"),
        ("fish", "aifd.fish"),
        ("powershell", "_aifd.ps1"),
        ("elvish", "aifd.elv"),
    ] {
        let kept = fs::read_to_string(repository().join("completions").join(file)).unwrap();
        assert!(kept == printed(&["completions", shell]), "completions/{file} is out of date: {REGENERATE}");
    }
}

#[test]
fn the_manual_pages_are_what_the_command_writes() {
    let sandbox = Sandbox::new();
    assert_eq!(sandbox.aifd(["man", "--dir", "man"]).run().status, Some(0));
    let (kept, written) = (pages(&repository().join("completions/man")), pages(&sandbox.file("man")));
    let names = |pages: &BTreeMap<String, String>| pages.keys().cloned().collect::<Vec<_>>();
    assert_eq!(names(&kept), names(&written), "{REGENERATE}");
    for (name, page) in written {
        assert!(kept[&name] == page, "completions/man/{name} is out of date: {REGENERATE}");
    }
}

#[test]
fn a_manual_page_can_be_printed_alone() {
    let page = fs::read_to_string(repository().join("completions/man/aifd-config-check.1")).unwrap();
    assert_eq!(printed(&["man", "config", "check"]), page);
    let unknown = Sandbox::new().aifd(["man", "nothing"]).run();
    assert_eq!(unknown.status, Some(2), "{unknown}");
}

#[test]
fn the_readme_lists_every_key() {
    let readme = fs::read_to_string(repository().join("README.md")).unwrap();
    let (_, rest) = readme.split_once("<!-- keys -->\n").unwrap();
    let (table, _) = rest.split_once("<!-- /keys -->").unwrap();
    let out_of_date = format!("the table of keys in README.md is out of date: {REGENERATE}");
    assert!(table == printed(&["config", "env", "--markdown"]), "{out_of_date}");
}

#[test]
fn the_readme_lists_every_error_code() {
    let readme = fs::read_to_string(repository().join("README.md")).unwrap();
    let code = |text: &&str| {
        let prefixes = ["caller_", "policy_", "provider_", "gateway_"];
        prefixes.iter().any(|prefix| text.starts_with(prefix))
            && text.chars().all(|c| c.is_ascii_lowercase() || c == '_')
    };
    // Refusals, and the ends of answers that had begun.
    for (file, least) in [("error.rs", 10), ("tee.rs", 2)] {
        let source = fs::read_to_string(repository().join("aifd-core/src").join(file)).unwrap();
        let (source, _) = source.split_once("#[cfg(test)]").unwrap_or((&source, ""));
        let codes: Vec<&str> = source.split('"').filter(code).collect();
        assert!(codes.len() >= least, "the codes are no longer where this test looks for them: {codes:?}");
        for code in codes {
            assert!(readme.contains(&format!("`{code}`")), "README.md does not explain {code}");
        }
    }
}
