//! Tables of every pattern.

use super::super::{Builtin, MAX_OWN, RedactError, Redactions, Redactor, UnknownBuiltin};

/// A redactor of one built-in pattern, or of all.
pub(super) fn builtin(name: &str) -> Redactor {
    let redactions = Redactions { builtin: Builtin::named(name).unwrap(), own: Vec::new() };
    Redactor::new(&redactions, [""; 0]).unwrap()
}

pub(super) fn own(expressions: &[&str]) -> Redactor {
    let own = expressions.iter().map(|&it| it.to_owned()).collect();
    Redactor::new(&Redactions { builtin: Vec::new(), own }, [""; 0]).unwrap()
}

fn check(redactor: &Redactor, cases: &[(&str, &str)]) {
    for (text, redacted) in cases {
        assert_eq!(redactor.redact(text), *redacted, "{text:?}");
        assert_eq!(redactor.redact(redacted), *redacted, "again: {text:?}");
    }
}

fn keeps(redactor: &Redactor, texts: &[&str]) {
    for text in texts {
        assert_eq!(redactor.redact(text), *text);
    }
}

#[test]
fn api_keys_are_known_by_their_prefixes() {
    let keys = [
        "sk-abcdefghijklmnopqrstuvwx",
        "sk-proj-a1B2c3D4-e5F6_g7H8i9J0",
        "sk-ant-api03-AbC_def-0123456789",
        "fk-abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQ",
        "sk_live_4eC39HqLyjWDarjtT1",
        "AIzaSyA-1234567890abcdefghijklmnopqrstu",
        "ghp_abcdefghijklmnopqrstuvwxyz0123456789",
        "gho_abcdefghijklmnopqrstuvwxyz0123456789",
        "github_pat_11ABCDEFG0abcdefghijkl_mnopqrstuvwxyz",
        "glpat-abc123def456ghi789jk",
        "xoxb-123456789012-abcdefABCDEF",
        "xoxp-123456789012-abcdefABCDEF",
        "xoxa-2-abcdef123456",
        "AKIAIOSFODNN7EXAMPLE",
        "hf_abcdefghijklmnopqrstuvwxyzABCDEFGH",
        "gsk_abcdefghijklmnopqrstuvwxyz0123456789",
        "r8_abcdefghijklmnopqrstuvwxyz0123456789a",
        "pplx-abcdefghijklmnopqrstuvwxyz0123456789",
        "xai-abcdefghijklmnopqrstuvwxyz0123456789",
        "nvapi-abc_def-ghijklmnopqrstuvwxyz012345",
        "npm_abcdefghijklmnopqrstuvwxyz0123456789",
        "pypi-AgEIcHlwaS5vcmcCJDAwMDAwMDAw",
        "SG.abcdefghijklmnop1234.abcdefghijklmnop1234",
        "ya29.a0AfH6SMBx1234567890abcdef",
    ];
    let redactor = builtin("api_keys");
    for key in keys {
        let around = [
            ("", ""),
            ("key=", ", and"),
            ("我的密钥是", "。"),
            ("OPENAI_KEY_", "\n"),
            ("{\"k\":\"", "\"}"),
            (r"\n", r"\n"),
        ];
        for (before, after) in around {
            let text = format!("{before}{key}{after}");
            assert_eq!(redactor.redact(&text), format!("{before}[redacted:key]{after}"), "{text:?}");
        }
    }
    check(
        &redactor,
        &[
            ("sk-aaaabbbbccccdddd1 sk-aaaabbbbccccdddd2", "[redacted:key] [redacted:key]"),
            ("[redacted:key]sk-aaaabbbbccccdddd1", "[redacted:key][redacted:key]"),
        ],
    );
}

#[test]
fn words_that_look_like_keys_stay() {
    keeps(
        &builtin("api_keys"),
        &[
            "risk-averse-decision-making-under-uncertainty",
            "a task-oriented-dialogue-system",
            "sk-learn-is-a-nice-library-for-people",
            "sk-xxx",
            "hf_hub_download_of_many_files_at_once",
            "npm_config_registry_and_other_settings",
            "AKIA is a prefix, ghp_ too, and so is AIza",
            "fk-short",
            "SG.com",
        ],
    );
}

#[test]
fn bearer_tokens_go_and_the_word_before_stays() {
    let jwt = "eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxMjM0NSJ9.abc-def_123";
    check(
        &builtin("bearer_tokens"),
        &[
            ("Authorization: Bearer abc123def456", "Authorization: Bearer [redacted:token]"),
            ("bearer  abcdEFGH+/~.==, x", "bearer  [redacted:token], x"),
            ("BEARER AAAAAAAAAAAA", "BEARER [redacted:token]"),
            (&format!("token {jwt}."), "token [redacted:token]."),
            (&format!("Bearer {jwt}"), "Bearer [redacted:token]"),
            (
                &format!(r#"-H 'Authorization: Bearer {jwt}' \"#),
                r"-H 'Authorization: Bearer [redacted:token]' \",
            ),
        ],
    );
    keeps(
        &builtin("bearer_tokens"),
        &[
            "the bearer of good news",
            "Bearer authentication",
            "bearer token-based-authentication",
            "Bearer",
            "eyJ is how they begin",
            "Bearer [redacted:key]",
        ],
    );
}

#[test]
fn email_addresses_go() {
    check(
        &builtin("emails"),
        &[
            ("mail foo.bar+baz@example.co.uk, please", "mail [redacted:email], please"),
            ("请联系foo@bar.com谢谢", "请联系[redacted:email]谢谢"),
            ("<müller@exämple.de>", "<[redacted:email]>"),
            ("иван@почта.рф", "[redacted:email]"),
            ("'a@b.io','c@d.org'", "'[redacted:email]','[redacted:email]'"),
            ("o'brien@example.com", "[redacted:email]"),
            ("x@example.xn--p1ai", "[redacted:email]"),
            (r#"{"to":"\nfoo@bar.com"}"#, r#"{"to":"\n[redacted:email]"}"#),
            (r#"{"to":"\u4f60foo@bar.com"}"#, r#"{"to":"\u4f60[redacted:email]"}"#),
            ("https://user:pw@example.com/x", "https://user:[redacted:email]/x"),
            ("foo@bar.com.", "[redacted:email]."),
        ],
    );
    keeps(
        &builtin("emails"),
        &[
            "@app.route",
            "user@localhost",
            "react@18.2.0",
            "icon@2x.png",
            "a @ b.com",
            "foo@.com",
            "@@ -1,2 +3,4 @@",
        ],
    );
}

#[test]
fn card_numbers_go_if_their_check_digit_is_right() {
    check(
        &builtin("cards"),
        &[
            ("4111111111111111", "[redacted:card]"),
            ("card: 4111 1111 1111 1111, 12/27", "card: [redacted:card], 12/27"),
            ("4111-1111-1111-1111 123", "[redacted:card] 123"),
            ("12 5555 5555 5555 4444", "12 [redacted:card]"),
            ("3782 822463 10005", "[redacted:card]"),
            ("378282246310005.", "[redacted:card]."),
            ("30569309025904", "[redacted:card]"),
            ("4222222222222", "[redacted:card]"),
            ("6011 1111 1111 1117 and 3530111333300000", "[redacted:card] and [redacted:card]"),
            ("卡号4111111111111111有效", "卡号[redacted:card]有效"),
            (r"\n4111111111111111\n", r"\n[redacted:card]\n"),
            (r"\u4f604111111111111111", r"\u4f60[redacted:card]"),
        ],
    );
    keeps(
        &builtin("cards"),
        &[
            "4111111111111112",
            "0.4111111111111111",
            "4111111111111111.5",
            "a4111111111111111",
            "4111111111111111b",
            "41111111111111111111111111",
            "1732380000008",
            "1732380000000005",
            "0000000000000000",
            "20261123184728",
            "12 15 18 21 24 27 30 33",
            "411111111111",
            "",
        ],
    );
}

#[test]
fn phone_numbers_go() {
    let numbers = [
        "+1 555 010 9999",
        "+1 (555) 010-9999",
        "+1-555-010-9999",
        "+15550109999",
        "+44 (0)20 7946 0018",
        "+49 30 901820",
        "+49/30/901820-12",
        "+33 6 12 34 56 78",
        "+86 138 0013 8000",
        "+8613800138000",
        "+(49) 30 901820",
        "0049 30 901820",
        "(555) 010-9999",
        "(555)010-9999",
        "555-010-9999",
        "555.010.9999",
        "1-555-010-9999",
        "06 12 34 56 78",
        "06.12.34.56.78",
        "0612345678",
        "020 7946 0018",
        "07700 900123",
        "07700900123",
        "030/901820",
        "(030) 901820",
        "0171 1234567",
        "03-1234-5678",
        "090-1234-5678",
        "0412 345 678",
        "(11) 91234-5678",
        "13800138000",
        "138 0013 8000",
        "138-0013-8000",
    ];
    let redactor = builtin("phones");
    for number in numbers {
        for (before, after) in [
            ("", ""),
            ("call ", ", now"),
            ("电话", "。"),
            ("tel:", "."),
            ("(", ")"),
            (r"\n", r"\n"),
            ("", " 5pm"),
        ] {
            let text = format!("{before}{number}{after}");
            assert_eq!(redactor.redact(&text), format!("{before}[redacted:phone]{after}"), "{text:?}");
        }
    }
}

#[test]
fn dates_ids_and_plain_numbers_are_no_phone_numbers() {
    keeps(
        &builtin("phones"),
        &[
            "2026-11-23 18:42:43",
            "2026-11-23T18:42:43.123456+01:00",
            "23.11.2026 and 11/23/2026 and 01-02-2026",
            "20261123 1732380000 1732380000000",
            "256 512 1024",
            "1,234,567,890",
            "12345678901",
            "1234567890",
            "15000000000",
            "3.14159265358979",
            "192.168.100.200:8080",
            "550e8400-e29b-41d4-a716-446655440000",
            "123-45-6789",
            "978-3-16-148410-0",
            "v1.234.567.8901",
            "order-555-010-9999",
            "(1998) 123-145",
            "001 002 003 004",
            "x+15550109999",
            "1e+10000000",
            "@@ -10,7 +10,8 @@",
            "4111 1111 1111 1111",
            "f(1) = 2, g(2) = 3",
            "+0123456789",
            "+1234567890123456789",
            "",
        ],
    );
}

#[test]
fn own_expressions_go_whole() {
    check(
        &own(&["(?i)project (apollo|zeus)", r"\bEMP-\d+\b"]),
        &[("on Project Apollo, EMP-12 and EMP-x", "on [redacted], [redacted] and EMP-x")],
    );
    // What would also match nothing, or what is put in, is not replaced for ever.
    check(&own(&["a*"]), &[("baab", "b[redacted]b"), ("", ""), ("redacted", "red[redacted]cted")]);
    check(&own(&["[a-z]+"]), &[("x[redacted:email]1y", "[redacted][redacted:email]1[redacted]")]);
    check(&own(&["."]), &[("äb", "[redacted][redacted]")]);
    check(&own(&["^foo", "bar$"]), &[("foo foo bar bar", "[redacted] foo bar [redacted]")]);
    check(&own(&["[0-9]$"]), &[("12345", "1234[redacted]")]);
    check(&own(&["foo$", "bar"]), &[("foobar", "foo[redacted]")]);
}

#[test]
fn secrets_go_wherever_they_are() {
    let redactor =
        Redactor::new(&Redactions::default(), ["s3cret", "s3cret-longer", "q\"b\\s", "", "key"]).unwrap();
    check(
        &redactor,
        &[
            ("s3cret", "[redacted:key]"),
            ("xs3crety", "x[redacted:key]y"),
            ("s3cret-longer", "[redacted:key]"),
            ("s3crets3cret", "[redacted:key][redacted:key]"),
            (r#"q"b\s and q\"b\\s"#, "[redacted:key] and [redacted:key]"),
            ("a key [redacted:key]", "a [redacted:key] [redacted:key]"),
            ("密s3cret钥", "密[redacted:key]钥"),
        ],
    );
    assert!(!format!("{redactor:?}").contains("s3cret"));
}

#[test]
fn many_secrets_are_found_as_few_are() {
    for count in [1, 40, 2000] {
        let secrets: Vec<String> = (0..count).map(|number| format!("upstream-{number:04}")).collect();
        let redactor = Redactor::new(&Redactions::default(), &secrets).unwrap();
        for secret in &secrets {
            assert_eq!(redactor.redact(&format!("a{secret}b{secret}")), "a[redacted:key]b[redacted:key]");
        }
        keeps(&redactor, &["upstream-", "upstream-999"]);
    }
}

#[test]
fn what_overlaps_is_taken_out_as_one() {
    let mut redactions = Redactions { builtin: Builtin::ALL.to_vec(), own: vec!["me .*".to_owned()] };
    let redactor = Redactor::new(&redactions, ["hidden"]).unwrap();
    check(
        &redactor,
        &[
            ("Bearer sk-abcdefghijklmnop1234", "Bearer [redacted:key]"),
            ("hidden@example.com", "[redacted:key]"),
            ("write me foo@bar.com now", "write [redacted:email]"),
        ],
    );
    redactions.builtin.clear();
    assert_eq!(Redactor::new(&redactions, ["me"]).unwrap().redact("me too"), "[redacted:key]");
}

#[test]
fn bad_redactions_are_told_with_what_is_wrong() {
    let bad =
        |own: Vec<String>| Redactor::new(&Redactions { builtin: Vec::new(), own }, [""; 0]).unwrap_err();
    assert!(
        matches!(bad(vec!["ok".into(), "(".into()]), RedactError::Expression { expression, source: regex::Error::Syntax(_) } if expression == "(")
    );
    assert!(matches!(
        bad(vec!["(a{1000}){1000}".into()]),
        RedactError::Expression { source: regex::Error::CompiledTooBig(_), .. }
    ));
    assert!(
        matches!(bad(vec!["a".into(); MAX_OWN + 1]), RedactError::TooMany { count } if count == MAX_OWN + 1)
    );
}

#[test]
fn patterns_have_names() {
    for builtin in Builtin::ALL {
        assert_eq!(builtin.to_string().parse(), Ok(builtin));
        assert!(Builtin::NAMES.contains(&builtin.name()));
        assert_eq!(Builtin::named(builtin.name()), Ok(vec![builtin]));
    }
    assert_eq!(Builtin::named("all"), Ok(Builtin::ALL.to_vec()));
    let unknown = Builtin::named("ssn").unwrap_err();
    assert_eq!(unknown, UnknownBuiltin("ssn".to_owned()));
    assert_eq!(
        unknown.to_string(),
        "\"ssn\" is no pattern; there are all, api_keys, bearer_tokens, emails, cards, phones"
    );
}
