//! `aifd status` where no server runs.

use aifd_tests::Sandbox;
use serde_json::Value;

#[test]
fn without_a_server_the_folder_looked_at_is_told_and_none_is_made() {
    let sandbox = Sandbox::new();
    let text = sandbox.aifd(["status"]).run();
    text.assert_snapshot("status_not_running");
    let json = sandbox.aifd(["status", "--json", "--data-dir", "elsewhere"]).run();
    assert_eq!(json.status, Some(1), "{json}");
    let value: Value = serde_json::from_str(&json.stdout).unwrap();
    assert_eq!(value["running"], false);
    assert!(value["data_dir"].as_str().unwrap().ends_with("/elsewhere"), "{json}");
    assert!(!sandbox.file(".aifd").exists() && !sandbox.file("elsewhere").exists());
}

#[test]
fn a_store_without_a_server_is_no_server() {
    let sandbox = Sandbox::new();
    sandbox.aifd(["keys", "create", "--quiet"]).run();
    let output = sandbox.aifd(["status"]).run();
    assert_eq!((output.status, output.stdout.as_str()), (Some(1), ""), "{output}");
    assert!(output.stderr.contains("no server is running on "), "{output}");
}
