//! Whatever the sources hold, loading ends in time, without a panic.

use super::{Place, samples::samples};
use crate::config::{Environment, keys, sample};

/// A generator that gives the same numbers on every run.
struct Dice(u64);

impl Dice {
    fn roll(&mut self, sides: usize) -> usize {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        usize::try_from(self.0 >> 33).unwrap_or_default() % sides.max(1)
    }

    fn mutate(&mut self, bytes: &mut Vec<u8>) {
        const PIECES: [&[u8]; 24] = [
            b"${",
            b"}",
            b": ",
            b"- ",
            b"[",
            b"]",
            b"{",
            b"&a ",
            b"*a",
            b"<<: ",
            b"\n",
            b"\t",
            b"'",
            b"\"",
            b"!!",
            b"|",
            b">",
            b"#",
            b"%",
            b"---\n",
            b"? ",
            b"\xff",
            b"\xc3\xa4",
            b"99999999999999999999",
        ];
        for _ in 0..=self.roll(4) {
            let at = self.roll(bytes.len() + 1);
            match self.roll(4) {
                0 => bytes.truncate(at),
                1 if at < bytes.len() => {
                    bytes.remove(at);
                }
                2 if at < bytes.len() => bytes[at] = u8::try_from(self.roll(256)).unwrap(),
                _ => {
                    let piece = PIECES[self.roll(PIECES.len())];
                    bytes.splice(at..at, piece.iter().copied());
                }
            }
        }
    }
}

fn seeds() -> Vec<Vec<u8>> {
    let files = std::fs::read_dir(samples()).unwrap();
    let mut seeds: Vec<_> = files.map(|file| std::fs::read(file.unwrap().path()).unwrap()).collect();
    seeds.push(sample().replace("\n#", "\n").into_bytes());
    seeds
}

#[test]
fn mutated_files() {
    let seeds = seeds();
    let mut dice = Dice(1);
    for _ in 0..3_000 {
        let mut bytes = seeds[dice.roll(seeds.len())].clone();
        dice.mutate(&mut bytes);
        let _ = Place::new().file("aifd.yaml", &bytes).load();
        if let Ok(text) = String::from_utf8(bytes) {
            let _ = Place::new().environment(Environment::default().with_dotenv(&text)).load();
        }
    }
}

#[test]
fn random_text_in_every_variable() {
    const LETTERS: [&str; 30] = [
        "{", "}", "[", "]", "\"", ":", ",", "0", "1", "-", "/", "a", "@", "%", "é", " ", "\n", "\\", "//",
        "http://", "null", "${", "$", "*", "?", "#", "unix:", "file:", ".", ";",
    ];
    let mut dice = Dice(2);
    for key in keys() {
        for _ in 0..30 {
            let text: String = (0..dice.roll(12)).map(|_| LETTERS[dice.roll(LETTERS.len())]).collect();
            let _ = Place::new().environment(Environment::of([(key.env[0], text.as_str())])).load();
            let _ = Place::new().file("aifd.yaml", format!("{}: {text}", key.path)).load();
        }
    }
}

#[test]
fn nesting_and_aliases_without_bounds_are_refused() {
    let bomb = |levels: usize| {
        let mut text = "x-0: &a0 [1,1,1,1,1,1,1,1,1,1]\n".to_owned();
        for i in 1..levels {
            let aliases = vec![format!("*a{}", i - 1); 10].join(",");
            text.push_str(&format!("x-{i}: &a{i} [{aliases}]\n"));
        }
        text
    };
    let cases = [
        bomb(9),
        format!("a: {}", "[".repeat(100_000)),
        format!("a: {}", "{b: ".repeat(100_000)),
        "- ".repeat(100_000),
        "? ".repeat(100_000),
        format!("a: [{}]", "1,".repeat(100_000)),
    ];
    for text in cases {
        let said = Place::new().file("aifd.yaml", &text).problems()[0].to_string();
        assert!(said.contains("nested deeper or larger") || said.contains("recursion"), "{said}");
    }
    for text in ["[".repeat(100_000), format!("[{}1]", "1,".repeat(100_000))] {
        let problems =
            Place::new().environment(Environment::of([("FORWARD_CONFIG", text.as_str())])).problems();
        assert_eq!(problems.len(), 1);
    }
    let mut dotenv = "V0=aaaaaaaaaa\n".to_owned();
    for i in 1..30 {
        dotenv.push_str(&format!("V{i}={}\n", format!("${{V{}}}", i - 1).repeat(10)));
    }
    let environment = Environment::default().with_dotenv(&format!("{dotenv}TZ=${{V7}}\nPROXY=${{V29}}"));
    assert_eq!(Place::new().environment(environment).problems().len(), 2);
}
