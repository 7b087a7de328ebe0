//! Forms of which the model is told, and those that could be read in two ways.

use super::*;
use proptest::prelude::*;

const TYPE: &str = "multipart/form-data; boundary=b";

fn model(body: &str) -> Result<Option<String>, MultipartFault> {
    multipart_model(TYPE, body.as_bytes())
}

fn field(disposition: &str, value: &str) -> String {
    format!("--b\r\nContent-Disposition: form-data; {disposition}\r\n\r\n{value}\r\n")
}

fn good(text: &str) -> Result<Option<String>, MultipartFault> {
    Ok(Some(text.to_owned()))
}

#[test]
fn finds_the_model_among_other_fields() {
    let file = field("name=\"file\"; filename=\"a \\\"b.wav", "RIFF\r\n\0--\n");
    assert!(model(&format!("{file}--b--")).is_err(), "an escaped quote in a name");
    let file = field("name=\"file\"; filename=\"C:\\\\a.wav\"", "RIFF\r\n\0--\n-b");
    let one = field("name=\"model\"", "whisper-1");
    for body in [
        format!("{one}--b--\r\n"),
        format!("{file}{one}--b--"),
        format!("preamble\r\n{one}{file}{one}--b--\r\nepilogue\n"),
        format!("{}--b--", field("name=model", "whisper-1")),
        "--b\r\ncontent-type: text/plain; charset=utf-8\r\nCONTENT-DISPOSITION:Form-Data; NAME=\"model\"\r\n\r\n\
         whisper-1\r\n--b--"
            .to_owned(),
    ] {
        assert_eq!(model(&body), good("whisper-1"), "{body}");
    }
    assert_eq!(model(&format!("{file}--b--")), Ok(None));
    assert_eq!(model(&format!("{}--b--", field("name=\"model\"", ""))), good(""));
    assert_eq!(model("--b--"), Ok(None));
}

#[test]
fn boundaries_may_be_quoted_and_spelt_anyhow() {
    let body = field("name=\"model\"", "m") + "--b--";
    for content_type in [
        "multipart/form-data;boundary=b",
        "Multipart/Form-Data; charset=utf-8; BOUNDARY=\"b\"",
        "multipart/form-data; boundary=b ; x=y",
    ] {
        assert_eq!(multipart_model(content_type, body.as_bytes()), good("m"), "{content_type}");
    }
    let odd = body.replace("--b", "--a b'()+_,-./:=?1");
    let content_type = "multipart/form-data; boundary=\"a b'()+_,-./:=?1\"";
    assert_eq!(multipart_model(content_type, odd.as_bytes()), good("m"));
}

#[test]
fn content_types_without_one_boundary_are_faults() {
    for (content_type, fault) in [
        ("application/json", MultipartFault::NotForm),
        ("multipart/mixed; boundary=b", MultipartFault::NotForm),
        ("multipart/form-data", MultipartFault::Boundary),
        ("multipart/form-data; boundary=", MultipartFault::Boundary),
        ("multipart/form-data; boundary=b; boundary=c", MultipartFault::Boundary),
        ("multipart/form-data; boundary=b; Boundary=b", MultipartFault::Boundary),
        ("multipart/form-data; boundary*=utf-8''b", MultipartFault::Boundary),
        ("multipart/form-data; boundary=\"b", MultipartFault::Boundary),
        ("multipart/form-data; boundary=\"a\\b\"", MultipartFault::Boundary),
        ("multipart/form-data; boundary=\"b \"", MultipartFault::Boundary),
        ("multipart/form-data; boundary=\"b\"c", MultipartFault::Boundary),
        ("multipart/form-data; boundary=b\"c\"", MultipartFault::Boundary),
    ] {
        assert_eq!(multipart_model(content_type, b"--b--"), Err(fault), "{content_type}");
    }
    let long = format!("multipart/form-data; boundary={}", "b".repeat(71));
    assert_eq!(multipart_model(&long, b"--b--"), Err(MultipartFault::Boundary));
}

#[test]
fn what_two_parsers_could_read_differently_is_a_fault() {
    let one = field("name=\"model\"", "a");
    let framing = |offset| MultipartFault::Framing { offset };
    let headers = MultipartFault::Headers { offset: 5 };
    for (body, fault) in [
        (one.clone(), MultipartFault::Unfinished),
        (String::new(), MultipartFault::Unfinished),
        (format!("{one}{}--b--", field("name=model", "b")), MultipartFault::ModelTwice),
        (format!("{}--b--", one.replace("\r\n", "\n")), framing(0)),
        (format!("{one}--b--\r\n{}--b--", field("name=model", "b")), framing(one.len() + 7)),
        (format!("{one}--b--x"), framing(one.len())),
        (format!("{one}--b \r\n\r\n--b--"), framing(one.len())),
        (format!("{one}--bc\r\n--b--"), framing(one.len())),
        ("x--b--".to_owned(), framing(1)),
        ("\n--b--".to_owned(), framing(1)),
        ("--b\r\n--b--".to_owned(), framing(5)),
        ("--b\r\n\r\n--b--".to_owned(), headers),
        ("--b\r\n\r\n\r\nm\r\n--b--".to_owned(), headers),
        ("--b\r\nX: y\r\n\r\nm\r\n--b--".to_owned(), headers),
        ("--b\r\nContent-Disposition: attachment; name=\"model\"\r\n\r\nm\r\n--b--".to_owned(), headers),
        (
            "--b\r\nContent-Disposition: form-data; name=\"a\"\r\nContent-Disposition: form-data; name=\"model\"\
             \r\n\r\nm\r\n--b--"
                .to_owned(),
            headers,
        ),
        ("--b\r\nContent-Disposition : form-data; name=\"model\"\r\n\r\nm\r\n--b--".to_owned(), headers),
        ("--b\r\nContent-Disposition: form-data;\r\n name=\"model\"\r\n\r\nm\r\n--b--".to_owned(), headers),
        ("--b\r\nContent-Disposition: form-data; name=\"a\"\nX: y\r\n\r\nm\r\n--b--".to_owned(), headers),
    ] {
        assert_eq!(model(&body), Err(fault), "{body}");
    }
    for disposition in [
        "name=\"a\"; name=\"model\"",
        "name*=utf-8''model",
        "name=\"x\"; name*=utf-8''model",
        "name*0=mod; name*1=el",
        "name=\"mod\\el\"",
        "name=\"mod%65l\"",
        "name=\"Model\"",
        "name=\" model\"",
        "name=\"x\\\"; name=\"model\"",
        "name=\"x\" name=\"model\"",
        "name",
    ] {
        assert_eq!(model(&(field(disposition, "m") + "--b--")), Err(headers), "{disposition}");
    }
}

#[test]
fn a_model_that_is_no_plain_text_is_a_fault() {
    for headers in [
        "Content-Disposition: form-data; name=\"model\"; filename=\"m\"",
        "Content-Disposition: form-data; name=\"model\"; filename*=utf-8''m",
        "Content-Disposition: form-data; name=\"model\"\r\nContent-Transfer-Encoding: base64",
        "Content-Disposition: form-data; name=\"model\"\r\nContent-Type: text/plain; charset=utf-16",
    ] {
        let body = format!("--b\r\n{headers}\r\n\r\nbQ==\r\n--b--");
        assert_eq!(model(&body), Err(MultipartFault::ModelNotText), "{headers}");
    }
    let long = field("name=model", &"m".repeat(MAX_MODEL + 1)) + "--b--";
    assert_eq!(model(&long), Err(MultipartFault::ModelNotText));
    let mut bytes = (field("name=model", "m") + "--b--").into_bytes();
    let at = bytes.len() - 8;
    bytes[at] = 0xff;
    assert_eq!(multipart_model(TYPE, &bytes), Err(MultipartFault::ModelNotText));
}

proptest! {
    #[test]
    fn nothing_makes_it_panic(tokens in prop::collection::vec(prop::sample::select(vec![
        "--b", "--", "\r\n", "\n", "Content-Disposition: form-data; name=\"model\"", "name=", ";", "\"", "m",
    ]), 0..20), bytes: Vec<u8>, content_type: String) {
        let _ = model(&tokens.concat());
        let _ = multipart_model(TYPE, &bytes);
        let _ = multipart_model(&content_type, &bytes);
        let _ = multipart_model(&format!("multipart/form-data;{content_type}"), &bytes);
    }

    #[test]
    fn the_model_is_found_among_any_values(
        name in "[a-l]{1,8}", before: Vec<u8>, value in "[ -~\r\n]{0,30}", boundary in "[a-zA-Z0-9]{8,20}",
    ) {
        let mut body = format!("--{boundary}\r\nContent-Disposition: form-data; name=\"{name}\"\r\n\r\n").into_bytes();
        body.extend(&before);
        body.extend(
            format!(
                "\r\n--{boundary}\r\nContent-Disposition: form-data; name=\"model\"\r\n\r\n{value}\r\n--{boundary}--\r\n"
            )
            .into_bytes(),
        );
        let content_type = format!("multipart/form-data; boundary={boundary}");
        prop_assert_eq!(multipart_model(&content_type, &body), Ok(Some(value)));
    }
}
