//! `aifd usage` on a store without a server.

use aifd_tests::{Output, Sandbox};

fn usage(sandbox: &Sandbox, line: &str) -> Output {
    sandbox.aifd(["usage"]).args(line.split_whitespace()).run()
}

#[test]
fn without_any_usage_every_form_is_empty_and_sound() {
    let sandbox = Sandbox::new();
    sandbox.aifd(["keys", "create", "--name", "ci"]).run();
    let table = usage(&sandbox, "--since 7d --key ci --model gpt-* --by day,key,model");
    assert_eq!((table.status, table.stdout.as_str(), table.stderr.as_str()), (Some(0), "", "no usage\n"));
    assert_eq!(usage(&sandbox, "--json").stdout, "[]\n");
    let csv = usage(&sandbox, "--csv").stdout;
    assert_eq!(csv.lines().count(), 1);
    assert!(csv.starts_with("day,key,name,model,requests,errors,prompt_tokens,"), "{csv}");
}

#[test]
fn a_key_that_there_is_not_is_told_and_what_makes_no_sense_is_usage() {
    let sandbox = Sandbox::new();
    sandbox.aifd(["keys", "create", "--name", "ci"]).run();
    let unknown = usage(&sandbox, "--key cj");
    assert_eq!(unknown.status, Some(1), "{unknown}");
    assert!(unknown.stderr.contains("did you mean `ci`?"), "{unknown}");
    for line in ["--since soon", "--by week", "--since 2027-01-02 --until 2027-01-01", "--json --csv"] {
        let output = usage(&sandbox, line);
        assert_eq!((output.status, output.stdout.as_str()), (Some(2), ""), "{line}: {output}");
    }
}
