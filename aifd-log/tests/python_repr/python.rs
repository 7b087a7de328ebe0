//! A Python process that says what it makes of values.

use std::{
    env,
    io::{BufReader, BufWriter, Read, Write},
    process::{Child, ChildStdin, ChildStdout, Command, Stdio},
};

/// What Python says of a text.
#[derive(Debug)]
pub(crate) struct Said {
    pub(crate) taken: Taken,
    /// What `repr` prints of the value; the error, if there is none.
    pub(crate) repr: String,
    /// The value as JSON.
    pub(crate) json: String,
    /// Its truth.
    pub(crate) truth: bool,
    /// Whether its JSON is not bound to be in the order of the text: sets have their own, keys may stand there twice.
    pub(crate) reordered: bool,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Taken {
    /// By `ast.literal_eval`.
    Yes,
    /// Not by that, but `repr` prints it: `inf`, `nan` and frozensets.
    Printed,
    No,
}

/// The process; it ends with its pipes.
pub(crate) struct Python {
    child: Child,
    questions: Option<BufWriter<ChildStdin>>,
    answers: BufReader<ChildStdout>,
}

impl Python {
    #[allow(clippy::disallowed_methods, reason = "a test is told its interpreter by the environment")]
    pub(crate) fn start() -> Self {
        let python = env::var_os("AIFD_TEST_PYTHON").unwrap_or_else(|| "python3".into());
        let oracle = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/python_repr/oracle.py");
        let mut command = Command::new(&python);
        command.args(["-B", oracle]).stdin(Stdio::piped()).stdout(Stdio::piped());
        let mut child = command.spawn().unwrap_or_else(|error| panic!("{}: {error}", python.display()));
        let questions = child.stdin.take().map(BufWriter::new);
        let answers = BufReader::new(child.stdout.take().unwrap());
        Python { child, questions, answers }
    }

    /// The value of an expression.
    pub(crate) fn value(&mut self, source: &str) -> Said {
        self.ask(b'v', source)
    }

    /// What `json.loads` reads, whole numbers as orjson.
    pub(crate) fn json(&mut self, json: &str) -> Said {
        self.ask(b'j', json)
    }

    /// What `ast.literal_eval` reads.
    pub(crate) fn literal(&mut self, literal: &str) -> Said {
        self.ask(b'l', literal)
    }

    fn ask(&mut self, letter: u8, text: &str) -> Said {
        let questions = self.questions.as_mut().unwrap();
        questions.write_all(&[letter]).unwrap();
        questions.write_all(&u32::try_from(text.len()).unwrap().to_le_bytes()).unwrap();
        questions.write_all(text.as_bytes()).unwrap();
        questions.flush().unwrap();
        let mut letter = [0];
        self.answers.read_exact(&mut letter).unwrap();
        let taken = match letter[0].to_ascii_lowercase() {
            b'y' => Taken::Yes,
            b'p' => Taken::Printed,
            _ => Taken::No,
        };
        let [repr, json, truth] = [(); 3].map(|()| self.text());
        Said { taken, repr, json, truth: truth == "true", reordered: letter[0].is_ascii_uppercase() }
    }

    fn text(&mut self) -> String {
        let mut length = [0; 4];
        self.answers.read_exact(&mut length).unwrap();
        let mut text = vec![0; u32::from_le_bytes(length) as usize];
        self.answers.read_exact(&mut text).unwrap();
        String::from_utf8(text).unwrap()
    }
}

impl Drop for Python {
    fn drop(&mut self) {
        self.questions = None;
        drop(self.child.wait());
    }
}
