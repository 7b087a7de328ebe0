//! What the scanner lets pass, holds back and refuses, however the bytes are cut.

use super::*;
use Malformed::*;

const GET: &str = "GET / HTTP/1.1\r\nhost: x\r\n\r\n";

/// Shows the bytes in pieces of `step`; what was passed, and the violation.
fn feed(input: &[u8], step: usize) -> (usize, Option<Violation>) {
    let mut scanner = Scanner::new(1024);
    let (mut passed, mut shown) = (0, 0);
    while shown < input.len() {
        shown = (shown + step).min(input.len());
        let scan = scanner.scan(&input[passed..shown]);
        passed += scan.passed;
        if scan.violation.is_some() {
            return (passed, scan.violation);
        }
    }
    (passed, None)
}

#[test]
fn whole_messages_pass_however_they_are_cut() {
    let messages = [
        GET.to_owned(),
        format!("\r\n{GET}{GET}"),
        format!("POST / HTTP/1.1\r\nContent-Length: 5\r\n\r\nhello{GET}"),
        format!("POST / HTTP/1.1\r\nContent-Length: 0\r\n\r\n{GET}"),
        format!("POST / HTTP/1.1\r\ntransfer-Encoding: Chunked\r\n\r\n5;a=b\r\nhello\r\n0\r\n\r\n{GET}"),
        format!(
            "POST / HTTP/1.1\r\nTransfer-Encoding:chunked \r\n\r\nA\r\n0123456789\r\n00\r\nx-t: 1\r\ny: 2\r\n\r\n{GET}"
        ),
        "BREW http://other/x HTTP/1.0\r\nx:\r\n\r\n".to_owned(),
    ];
    for message in &messages {
        for step in [1, 2, 3, 7, 1000] {
            assert_eq!(feed(message.as_bytes(), step), (message.len(), None), "{message:?} by {step}");
        }
    }
}

#[test]
fn an_unfinished_head_is_held_back() {
    let input = format!("{GET}GET /b HTTP/1.1\r\nx: y\r\n");
    assert_eq!(feed(input.as_bytes(), 9), (GET.len(), None));
}

#[test]
fn ambiguous_messages_are_refused_and_what_precedes_them_passes() {
    let long = format!("GET / HTTP/1.1\r\nx: {}\r\n\r\n", "a".repeat(1100));
    let endless = format!("GET /{}", "a".repeat(1100));
    let lines = format!("GET / HTTP/1.1\r\n{}\r\n", "a:\r\n".repeat(101));
    for (message, violation) in [
        (
            "POST / HTTP/1.1\r\nContent-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n",
            Violation::Malformed(LengthAndEncoding),
        ),
        (
            "POST / HTTP/1.1\r\nTransfer-Encoding: chunked\r\nContent-Length: 5\r\n\r\n",
            Violation::Malformed(LengthAndEncoding),
        ),
        (
            "POST / HTTP/1.1\r\nContent-Length: 5\r\nContent-Length: 5\r\n\r\n",
            Violation::Malformed(SeveralLengths),
        ),
        ("POST / HTTP/1.1\r\nContent-Length: 5, 5\r\n\r\n", Violation::Malformed(LengthInvalid)),
        ("POST / HTTP/1.1\r\nContent-Length: +5\r\n\r\n", Violation::Malformed(LengthInvalid)),
        ("POST / HTTP/1.1\r\nContent-Length:\r\n\r\n", Violation::Malformed(LengthInvalid)),
        (
            "POST / HTTP/1.1\r\nContent-Length: 99999999999999999999\r\n\r\n",
            Violation::Malformed(LengthInvalid),
        ),
        (
            "POST / HTTP/1.1\r\nTransfer-Encoding: gzip, chunked\r\n\r\n",
            Violation::Malformed(EncodingUnknown),
        ),
        ("POST / HTTP/1.1\r\nTransfer-Encoding: xchunked\r\n\r\n", Violation::Malformed(EncodingUnknown)),
        (
            "POST / HTTP/1.1\r\nTransfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n\r\n",
            Violation::Malformed(EncodingUnknown),
        ),
        ("POST / HTTP/1.0\r\nTransfer-Encoding: chunked\r\n\r\n", Violation::Malformed(EncodingUnknown)),
        ("GET / HTTP/1.1\nhost: x\n\n", Violation::Malformed(BareLineEnd)),
        ("GET / HTTP/1.1\r\nhost: x\n\r\n", Violation::Malformed(BareLineEnd)),
        ("GET / HTTP/1.1\r\nhost: x\r\n folded\r\n\r\n", Violation::Malformed(FoldedLine)),
        ("GET / HTTP/1.1\r\n\thost: x\r\n\r\n", Violation::Malformed(FoldedLine)),
        ("GET / HTTP/1.1\r\nhost: x\r\nHost: y\r\n\r\n", Violation::Malformed(SeveralHosts)),
        ("GET / HTTP/1.1\r\nhost : x\r\n\r\n", Violation::Malformed(HeaderLine)),
        ("GET / HTTP/1.1\r\nno colon\r\n\r\n", Violation::Malformed(HeaderLine)),
        ("GET / HTTP/1.1\r\n: x\r\n\r\n", Violation::Malformed(HeaderLine)),
        ("GET / HTTP/1.1\r\nx: a\rb\r\n\r\n", Violation::Malformed(HeaderLine)),
        ("GET / HTTP/1.1\r\nx: a\0b\r\n\r\n", Violation::Malformed(HeaderLine)),
        ("GET  / HTTP/1.1\r\n\r\n", Violation::Malformed(RequestLine)),
        ("GET / HTTP/1.2\r\n\r\n", Violation::Malformed(RequestLine)),
        ("GET /\r\n\r\n", Violation::Malformed(RequestLine)),
        ("GET /a\tb HTTP/1.1\r\n\r\n", Violation::Malformed(RequestLine)),
        ("G(T / HTTP/1.1\r\n\r\n", Violation::Malformed(RequestLine)),
        ("CONNECT a:443 HTTP/1.1\r\n\r\n", Violation::Malformed(Target)),
        ("GET a:80 HTTP/1.1\r\n\r\n", Violation::Malformed(Target)),
        ("OPTIONS * HTTP/1.1\r\n\r\n", Violation::Malformed(Target)),
        ("GET ftp://x/ HTTP/1.1\r\n\r\n", Violation::Malformed(Target)),
        (&long, Violation::HeadTooLarge),
        (&endless, Violation::HeadTooLarge),
        (&lines, Violation::HeadTooLarge),
    ] {
        for step in [1, 5, 5000] {
            let input = format!("{GET}{message}");
            assert_eq!(feed(input.as_bytes(), step), (GET.len(), Some(violation)), "{message:?} by {step}");
        }
    }
}

#[test]
fn a_badly_framed_chunk_ends_the_connection() {
    for body in [
        "x\r\n",
        "\r\n",
        "5\nhello",
        "5\r\nhello0\r\n",
        "5\r\nhelloworld",
        "ffffffffffffffff\r\n",
        "5;\0\r\n",
        "5 \r\nhello",
        "-1\r\n",
        "0\r\nx\n\r\n",
    ] {
        let input = format!("POST / HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n{body}");
        for step in [1, 5000] {
            assert_eq!(feed(input.as_bytes(), step).1, Some(Violation::Chunk), "{body:?}");
        }
    }
}

#[test]
fn what_follows_an_upgrade_waits_for_the_answer() {
    let head = "GET /ws HTTP/1.1\r\nUpgrade: websocket\r\n\r\n";
    let mut scanner = Scanner::new(1024);
    let input = format!("{head}{GET}");
    assert_eq!(scanner.scan(input.as_bytes()), Scan { passed: head.len(), violation: None });
    assert!(scanner.undecided());
    scanner.resume();
    assert_eq!(scanner.scan(GET.as_bytes()).passed, GET.len());
    assert_eq!(scanner.heads(), 2);
}

#[test]
fn arbitrary_bytes_never_panic_and_never_pass_more_than_was_shown() {
    let mut state = 7_u64;
    for _ in 0..20_000 {
        let mut input = b"POST / HTTP/1.1\r\nContent-Length: 3\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n0\r\n\r\n".to_vec();
        for _ in 0..3 {
            state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1);
            let at = (state >> 33) as usize % input.len();
            match state & 1 {
                0 => input[at] = (state >> 20) as u8,
                _ => drop(input.remove(at)),
            }
        }
        let (passed, _) = feed(&input, 1 + (state >> 60) as usize);
        assert!(passed <= input.len());
    }
}
