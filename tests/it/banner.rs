//! What `aifd run` prints at start: the two boxes of the original, then the address.

use aifd_tests::{Gateway, Sandbox, settings};

async fn printed(sandbox: Sandbox) -> (String, Gateway) {
    let gateway = sandbox.serve().await;
    (gateway.process().stdout().text(), gateway)
}

#[tokio::test]
async fn without_any_configuration() {
    let (text, _gateway) = printed(Sandbox::new()).await;
    settings().bind(|| insta::assert_snapshot!("banner_default", text));
}

#[tokio::test]
async fn with_routes_keys_limits_and_cache() {
    let sandbox = Sandbox::new();
    let fixtures = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures/config-samples");
    let sample = std::fs::read(fixtures.join("openai-forward-config-nested.yaml")).unwrap();
    sandbox.write("openai-forward-config.yaml", sample);
    let (text, _gateway) = printed(sandbox).await;
    for secret in ["sk-aaa", "fk-0"] {
        assert!(!text.contains(secret), "{text}");
    }
    settings().bind(|| insta::assert_snapshot!("banner_nested_sample", text));
}

#[tokio::test]
async fn the_last_line_is_the_address_that_answers() {
    let (text, gateway) = printed(Sandbox::new()).await;
    assert!(text.lines().last().unwrap().starts_with("Listening on http://127.0.0.1:"), "{text}");
    let port = gateway.tcp().port();
    assert_ne!(port, 0);
    assert_eq!(gateway.connect().await.get("/healthz").await.text(), "\"OK\"");
}

#[tokio::test]
async fn it_is_printed_once_whatever_the_number_of_workers() {
    let sandbox = Sandbox::new();
    let gateway = sandbox.serve_with(|command| command.args(["--workers", "4"])).await;
    assert_eq!(gateway.process().stdout().text().matches("base url").count(), 1);
}
