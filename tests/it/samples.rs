//! Configurations as users of openai-forward have them start as they are.

use aifd_tests::Sandbox;
use std::{
    fs,
    path::{Path, PathBuf},
};

fn samples() -> Vec<PathBuf> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures/config-samples");
    let mut samples: Vec<_> = fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()).collect();
    samples.sort();
    samples
}

#[tokio::test]
async fn every_sample_starts_serves_and_warns_once_of_what_is_not_yet_in_effect() {
    assert!(samples().len() >= 5);
    let mut warned = 0;
    for sample in samples() {
        let sandbox = Sandbox::new();
        let is_env = sample.file_name().unwrap().to_string_lossy().starts_with("env-");
        let name = if is_env { ".env" } else { "openai-forward-config.yaml" };
        sandbox.write(name, fs::read(&sample).unwrap());
        let gateway = sandbox.serve().await;
        let sample = sample.display();
        assert_eq!(gateway.connect().await.get("/healthz").await.status(), 200, "{sample}");
        assert_eq!(gateway.stop().await, Some(0), "{sample}");
        let said = gateway.log().text();
        let mut lines: Vec<&str> = said.lines().filter(|line| line.contains("not yet in effect")).collect();
        let all = lines.len();
        warned += all;
        let key = |line: &&str| line.split("\"key\":").nth(1).map(str::to_owned);
        lines.sort_by_key(key);
        lines.dedup_by_key(|line| key(&&**line));
        assert_eq!(lines.len(), all, "{sample}: each key once: {said}");
        for secret in ["sk-aaa", "sk-bbb", "fk-1"] {
            assert!(!said.contains(secret), "{sample}: {said}");
        }
    }
    assert!(warned > 0, "some of them cache and log");
}

#[test]
fn every_sample_passes_the_check() {
    for sample in samples() {
        let sandbox = Sandbox::new();
        let is_env = sample.file_name().unwrap().to_string_lossy().starts_with("env-");
        let name = if is_env { ".env" } else { "openai-forward-config.yaml" };
        sandbox.write(name, fs::read(&sample).unwrap());
        let output = sandbox.aifd(["config", "check"]).run();
        assert_eq!(output.status, Some(0), "{}: {output}", sample.display());
        // It names another back end.
        let told = sample.ends_with("env-levels-to-keys");
        assert_eq!(output.stdout.contains("not yet in effect"), told, "{}: {output}", sample.display());
    }
}
