//! Datasets in the hands of those that they are for: `python/converted.py` says what they promise.

use crate::{convert::fixtures, openai_client::python};
use aifd_tests::{Sandbox, binary};
use std::{path::Path, process::Command};

#[test]
fn pandas_datasets_the_openai_package_and_openai_forward_itself_agree_with_what_is_written() {
    let sandbox = Sandbox::new();
    let suite = Path::new(env!("CARGO_MANIFEST_DIR")).join("python/converted.py");
    let mut command = Command::new(python());
    command.arg("-B").arg(suite).arg(binary()).arg(fixtures().join("golden"));
    let output =
        command.current_dir(sandbox.path()).env_clear().env("HOME", sandbox.path()).output().unwrap();
    let said = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{said}");
    assert!(said.contains("\nOK\n"), "{said}");
}
