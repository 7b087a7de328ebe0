//! Numbers as both notations write them.

/// What a number is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Form {
    Whole,
    Float,
}

/// The length and the form of the number at the start of a text: `-? (0 | [1-9][0-9]*) (. [0-9]+)? ([eE] [+-]? [0-9]+)?`.
pub(super) fn read(text: &[u8]) -> Option<(usize, Form)> {
    let digits = |from: usize| text[from..].iter().take_while(|byte| byte.is_ascii_digit()).count();
    let mut at = usize::from(text.first() == Some(&b'-'));
    let whole = digits(at);
    if whole == 0 || (whole > 1 && text[at] == b'0') {
        return None;
    }
    at += whole;
    let mut form = Form::Whole;
    if text.get(at) == Some(&b'.') {
        let fraction = digits(at + 1);
        if fraction == 0 {
            return None;
        }
        at += 1 + fraction;
        form = Form::Float;
    }
    if let Some(b'e' | b'E') = text.get(at) {
        let sign = usize::from(matches!(text.get(at + 1), Some(b'+' | b'-')));
        let exponent = digits(at + 1 + sign);
        if exponent == 0 {
            return None;
        }
        at += 1 + sign + exponent;
        form = Form::Float;
    }
    Some((at, form))
}

/// The digits of a float, and the power of ten of the first.
struct Shortest {
    digits: [u8; 24],
    from: usize,
    to: usize,
    exponent: i32,
}

/// The shortest digits that are read back as this number and come nearest to it, of two as near those that end evenly:
/// the ones of `{:e}` end otherwise.
fn shortest(number: f64) -> Shortest {
    let mut buffer = zmij::Buffer::new();
    let text = buffer.format_finite(number.abs());
    let (mantissa, exponent) = text.split_once('e').unwrap_or((text, "0"));
    let mut shortest =
        Shortest { digits: [0; 24], from: 0, to: 0, exponent: exponent.parse().unwrap_or(0) - 1 };
    for (place, digit) in shortest.digits.iter_mut().zip(mantissa.bytes().filter(|byte| *byte != b'.')) {
        *place = digit;
        shortest.to += 1;
    }
    shortest.exponent += i32::try_from(mantissa.find('.').unwrap_or(mantissa.len())).unwrap_or(0);
    while shortest.digits[shortest.from] == b'0' && shortest.from + 1 < shortest.to {
        shortest.from += 1;
        shortest.exponent -= 1;
    }
    while shortest.digits[shortest.to - 1] == b'0' && shortest.from + 1 < shortest.to {
        shortest.to -= 1;
    }
    shortest
}

/// A float as Python's `repr` prints it: an exponent below 1e-4 and from 1e16 on, of two digits at least.
pub(super) fn push_python(text: &[u8], out: &mut Vec<u8>) {
    // Beyond the floats: Python reads what stands there as `inf`, but no `inf`.
    push(text, out, -4, text, |exponent, out| {
        let sign = if exponent < 0 { '-' } else { '+' };
        out.extend_from_slice(format!("e{sign}{:02}", exponent.unsigned_abs()).as_bytes());
    });
}

/// A float as orjson writes it: an exponent below 1e-5 and from 1e16 on, with its sign.
pub(super) fn push_json(text: &[u8], out: &mut Vec<u8>) {
    push(text, out, -5, b"null", |exponent, out| {
        let sign = if exponent < 0 { "-" } else { "+" };
        out.extend_from_slice(format!("e{sign}{}", exponent.unsigned_abs()).as_bytes());
    });
}

fn push(
    text: &[u8],
    out: &mut Vec<u8>,
    least: i32,
    beyond: &[u8],
    push_exponent: impl Fn(i32, &mut Vec<u8>),
) {
    let number = std::str::from_utf8(text).ok().and_then(|text| text.parse::<f64>().ok());
    let Some(number) = number.filter(|number| number.is_finite()) else {
        return out.extend_from_slice(beyond);
    };
    if number.is_sign_negative() {
        out.push(b'-');
    }
    if number == 0.0 {
        return out.extend_from_slice(b"0.0");
    }
    let shortest = shortest(number);
    let (digits, exponent) = (&shortest.digits[shortest.from..shortest.to], shortest.exponent);
    let point = exponent + 1;
    if exponent < least || exponent >= 16 {
        out.push(digits[0]);
        if digits.len() > 1 {
            out.push(b'.');
            out.extend_from_slice(&digits[1..]);
        }
        return push_exponent(exponent, out);
    }
    if point <= 0 {
        out.extend_from_slice(b"0.");
        out.resize(out.len() + point.unsigned_abs() as usize, b'0');
        return out.extend_from_slice(digits);
    }
    let point = point as usize;
    if point >= digits.len() {
        out.extend_from_slice(digits);
        out.resize(out.len() + point - digits.len(), b'0');
        return out.extend_from_slice(b".0");
    }
    out.extend_from_slice(&digits[..point]);
    out.push(b'.');
    out.extend_from_slice(&digits[point..]);
}

/// Whether a whole number has 64 bits at most, with or without a sign.
pub(super) fn fits(digits: &[u8]) -> bool {
    let text = std::str::from_utf8(digits).unwrap_or_default();
    digits.len() <= 18 || text.parse::<i64>().is_ok() || text.parse::<u64>().is_ok()
}
