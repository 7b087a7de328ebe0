//! The README's examples do what it says.

use aifd_tests::{Answer, FakeUpstream, Gateway};
use std::{fs, os::unix::fs::symlink, path::Path, process::Command};

/// The README's code of one language below a heading.
fn example(heading: &str, language: &str) -> String {
    let readme = Path::new(env!("CARGO_MANIFEST_DIR")).join("../README.md");
    let text = fs::read_to_string(readme).unwrap();
    let section = text.split(&format!("\n## {heading}\n")).nth(1).unwrap();
    let code = section.split(&format!("\n```{language}\n")).nth(1).unwrap();
    code.split("\n```").next().unwrap().to_owned()
}

#[tokio::test]
async fn the_script_administers_keys_end_to_end() {
    let models = r#"{"object":"list","data":[{"id":"gpt-4"},{"id":"gpt-4o-mini"}]}"#;
    let upstream = FakeUpstream::answering(move |_| Answer::json(models)).await;
    let gateway = Gateway::configured(&upstream, &example("Keys", "yaml")).await;
    let sandbox = gateway.sandbox();
    sandbox.write("keys.csv", "name,level\nbob,0\n");
    fs::create_dir(sandbox.file("bin")).unwrap();
    symlink(aifd_tests::binary(), sandbox.file("bin/aifd")).unwrap();
    let script = example("Keys", "sh");
    assert!(script.contains("aifd run &"), "{script}");
    // The server is the test's own, so that it ends with it and listens on a free port.
    let script = script.replace("aifd run &", "true").replace("http://localhost:8000", gateway.address());
    let mut command = Command::new("bash");
    command.args(["-eu", "-c", &script]).current_dir(sandbox.path()).env_clear();
    command.env("PATH", format!("{}:/usr/bin:/bin", sandbox.file("bin").display()));
    let output = tokio::task::spawn_blocking(move || command.output().unwrap()).await.unwrap();
    let (said, told) =
        (String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr).into_owned());
    assert!(output.status.success(), "{said}{told}");
    for shown in ["gpt-4o-mini", "alice", "team", "search", "uptime"] {
        assert!(said.to_lowercase().contains(shown), "{shown}: {said}{told}");
    }
    assert!(!said.contains("\"gpt-4\""), "{said}");
}
