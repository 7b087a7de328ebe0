//! Values like those of logs, and stranger ones, as source that Python evaluates and as JSON.

use proptest::prelude::*;
use std::{collections::HashSet, fmt::Write};

/// A value of any sort that `repr` prints as a literal.
#[derive(Clone, Debug)]
pub(crate) enum Data {
    /// `None`, a truth or a number, as source.
    Word(String),
    /// Code points, halves of surrogate pairs among them.
    Text(Vec<u32>),
    Bytes(Vec<u8>),
    List(Vec<Data>),
    Tuple(Vec<Data>),
    Set(Vec<Data>),
    FrozenSet(Vec<Data>),
    Dict(Vec<(Data, Data)>),
}

/// Texts that a reader of escapes, quotes or prefixes could take for something else.
const TRAPS: [&str; 18] = [
    "\\101",
    "\0",
    "7",
    "\\N{DASH}",
    "\\x41",
    "\\u0041",
    "'''",
    "\"\"\"",
    "b'x'",
    "'",
    "\"",
    "\\",
    "\\'",
    "\n",
    "\u{7f}",
    "\u{85}\u{2028}",
    "\u{1f468}\u{200d}\u{1f469}",
    "{'a': inf}",
];

fn code_point() -> impl Strategy<Value = u32> {
    prop_oneof![
        6 => 0x20..0x7f_u32,
        1 => prop_oneof![Just(u32::from(b'\'')), Just(u32::from(b'"')), Just(u32::from(b'\\'))],
        1 => 0..0x20_u32,
        2 => 0x7f..0x3000_u32,
        1 => 0xd800..0xe000_u32,
        2 => 0..0x11_0000_u32,
    ]
}

fn text() -> impl Strategy<Value = Vec<u32>> {
    let trap = prop::sample::select(&TRAPS[..]).prop_map(|trap| trap.chars().map(u32::from).collect());
    let piece = prop_oneof![2 => prop::collection::vec(code_point(), 0..12), 1 => trap];
    prop::collection::vec(piece, 0..4).prop_map(|pieces| pieces.concat())
}

fn float() -> impl Strategy<Value = String> {
    let strange =
        ["0.0", "-0.0", "1e16", "1e15", "9999999999999998.0", "1e-5", "0.0001", "5e-324", "1e22", "0.1"];
    let any = prop::num::f64::NORMAL | prop::num::f64::SUBNORMAL | prop::num::f64::ZERO;
    prop_oneof![
        any.prop_map(|float| format!("{float:e}")),
        (-10_000_000..10_000_000_i64, 0..14_u32).prop_map(|(digits, places)| format!("{digits}e-{places}")),
        prop::sample::select(strange.to_vec()).prop_map(str::to_owned),
    ]
}

fn whole() -> impl Strategy<Value = String> {
    prop_oneof![
        any::<i64>().prop_map(|number| number.to_string()),
        any::<u64>().prop_map(|number| number.to_string()),
        (-99..99_i32).prop_map(|number| number.to_string()),
        "-?[1-9][0-9]{17,21}",
        "-?[1-9][0-9]{22,260}",
    ]
}

fn word() -> impl Strategy<Value = Data> {
    let named = prop::sample::select(&["None", "True", "False"][..]).prop_map(str::to_owned);
    prop_oneof![named, whole(), float()].prop_map(Data::Word)
}

/// What no JSON has.
fn odd_word() -> impl Strategy<Value = Data> {
    let odd = prop::sample::select(&["inf", "-inf", "nan"][..]);
    prop_oneof![
        odd.prop_map(|odd| Data::Word(odd.to_owned())),
        "-?[1-9][0-9]{290,600}".prop_map(Data::Word),
        prop::collection::vec(any::<u8>(), 0..12).prop_map(Data::Bytes),
        text().prop_map(|text| Data::Bytes(utf8(&text))),
    ]
}

fn utf8(text: &[u32]) -> Vec<u8> {
    text.iter().filter_map(|code| char::from_u32(*code)).collect::<String>().into_bytes()
}

fn hashable() -> impl Strategy<Value = Data> {
    let leaf = prop_oneof![4 => text().prop_map(Data::Text), 3 => word(), 1 => odd_word()];
    leaf.prop_recursive(3, 8, 3, |item| {
        let items = prop::collection::vec(item, 0..4);
        prop_oneof![items.clone().prop_map(Data::Tuple), items.prop_map(Data::FrozenSet)]
    })
}

/// Any value.
pub(crate) fn data() -> impl Strategy<Value = Data> {
    let leaf = prop_oneof![
        4 => text().prop_map(Data::Text),
        3 => word(),
        1 => odd_word(),
        1 => prop::collection::vec(hashable(), 0..4).prop_map(Data::Set),
        1 => hashable(),
    ];
    leaf.prop_recursive(6, 40, 6, |item| {
        let items = prop::collection::vec(item.clone(), 0..5);
        let key = prop_oneof![3 => text().prop_map(Data::Text), 1 => hashable()];
        prop_oneof![
            items.clone().prop_map(Data::List),
            items.prop_map(Data::Tuple),
            prop::collection::vec((key, item), 0..5).prop_map(Data::Dict),
        ]
    })
}

/// A value that JSON has; no object has a key twice.
pub(crate) fn json_data() -> impl Strategy<Value = Data> {
    let leaf = prop_oneof![text().prop_map(Data::Text), word()];
    leaf.prop_recursive(6, 40, 6, |item| {
        let fields = prop::collection::vec((text(), item.clone()), 0..5).prop_map(|fields| {
            let mut seen = HashSet::new();
            let new = fields.into_iter().filter(|(key, _)| seen.insert(utf16(key)));
            Data::Dict(new.map(|(key, value)| (Data::Text(key), value)).collect())
        });
        prop_oneof![prop::collection::vec(item, 0..5).prop_map(Data::List), fields]
    })
}

/// Pairs of halves are the character that they make.
fn utf16(text: &[u32]) -> Vec<u16> {
    let mut units = Vec::new();
    for &code in text {
        match char::from_u32(code) {
            Some(c) => units.extend_from_slice(c.encode_utf16(&mut [0; 2])),
            None => units.extend(u16::try_from(code)),
        }
    }
    units
}

impl Data {
    /// An expression of Python's.
    pub(crate) fn source(&self) -> String {
        let all = |items: &[Data]| items.iter().map(|item| item.source() + ",").collect::<String>();
        match self {
            Data::Word(word) => word.clone(),
            Data::Text(text) => {
                let escaped: String = text.iter().map(|code| format!("\\U{code:08x}")).collect();
                format!("'{escaped}'")
            }
            Data::Bytes(bytes) => format!("bytes({bytes:?})"),
            Data::List(items) => format!("[{}]", all(items)),
            Data::Tuple(items) if items.is_empty() => "()".to_owned(),
            Data::Tuple(items) => format!("({})", all(items)),
            Data::Set(items) => format!("set([{}])", all(items)),
            Data::FrozenSet(items) => format!("frozenset([{}])", all(items)),
            Data::Dict(fields) => {
                let field = |(key, value): &(Data, Data)| format!("{}:{},", key.source(), value.source());
                format!("{{{}}}", fields.iter().map(field).collect::<String>())
            }
        }
    }

    /// JSON; `spelling` has the choices that a writer has, and is used up bit by bit, over and over.
    pub(crate) fn json(&self, spelling: &mut Spelling) -> String {
        match self {
            Data::Word(word) => match word.as_str() {
                "None" => "null".to_owned(),
                "True" => "true".to_owned(),
                "False" => "false".to_owned(),
                number if spelling.choose() => number.replace('e', "E"),
                number => number.to_owned(),
            },
            Data::Text(text) => json_text(text, spelling),
            Data::Dict(fields) => {
                let field = |(key, value): &(Data, Data)| {
                    format!(
                        "{}{}:{}{}",
                        key.json(spelling),
                        spelling.space(),
                        spelling.space(),
                        value.json(spelling)
                    )
                };
                let fields: Vec<String> = fields.iter().map(field).collect();
                format!("{{{}{}}}", spelling.space(), fields.join(&format!("{},", spelling.space())))
            }
            Data::List(items) => {
                let items: Vec<String> = items.iter().map(|item| item.json(spelling)).collect();
                format!("[{}{}]", items.join(&format!(",{}", spelling.space())), spelling.space())
            }
            other => unreachable!("no JSON: {other:?}"),
        }
    }
}

fn json_text(text: &[u32], spelling: &mut Spelling) -> String {
    let mut out = "\"".to_owned();
    for &code in text {
        let raw = char::from_u32(code).filter(|c| *c >= ' ' && !matches!(c, '"' | '\\'));
        let short = ['"', '\\', '/', '\u{8}', '\u{c}', '\n', '\r', '\t'].map(u32::from);
        let short = short.iter().position(|short| *short == code).map(|at| "\"\\/bfnrt".as_bytes()[at]);
        match (raw, short) {
            (Some(c), _) if spelling.choose() || spelling.choose() => out.push(c),
            (_, Some(short)) if spelling.choose() => {
                out.push('\\');
                out.push(char::from(short));
            }
            _ => {
                for unit in utf16(&[code]) {
                    let written = if spelling.choose() {
                        write!(out, "\\u{unit:04x}")
                    } else {
                        write!(out, "\\u{unit:04X}")
                    };
                    written.unwrap();
                }
            }
        }
    }
    out + "\""
}

/// Choices of a writer of JSON.
#[derive(Clone, Debug)]
pub(crate) struct Spelling {
    pub(crate) choices: u64,
}

impl Spelling {
    fn choose(&mut self) -> bool {
        self.choices = self.choices.rotate_left(1).wrapping_mul(0x9e37_79b9_7f4a_7c15);
        self.choices >> 63 == 1
    }

    fn space(&mut self) -> &'static str {
        match (self.choose(), self.choose()) {
            (true, true) => " \t\r\n",
            (true, false) => " ",
            _ => "",
        }
    }
}
