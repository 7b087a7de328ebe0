//! What a request asks for, as far as permissions and limits need it: its model, and how many tokens it may cost.

pub(crate) mod ask_usage;
mod estimate;
pub(crate) mod multipart;
pub(crate) mod take_out;
pub(crate) mod target;

use crate::json::{self, Fields, JsonFault, Kind, Paths, Raw, Take};
use estimate::PromptEstimate;

/// What the JSON body of a request asks for.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct CallFields {
    /// The text of `model`, escapes resolved. Gemini's may begin with `models/`.
    pub(crate) model: Option<String>,
    /// Those of `models`, among which some services choose where the first fails.
    pub(crate) more_models: Vec<String>,
    /// `stream` is true.
    pub(crate) stream: bool,
    /// `stream_options.include_usage`, if it is true or false.
    pub(crate) include_usage: Option<bool>,
    /// Tokens that the answer may have at most: the largest bound given, times the answers asked for. `None` without
    /// a bound.
    pub(crate) max_answer: Option<u64>,
    /// Tokens of the prompt, estimated without a tokeniser: a quarter of the bytes of its text, 768 for each image or
    /// file inside it, 3 for each message, 1 for each token given as a number. Text in English comes out close, other
    /// languages and code within a factor of about two; what was used is known only from the answer.
    pub(crate) prompt_estimate: u64,
}

/// Why a body says not what it asks for, or could be read in two ways.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub(crate) enum CallFault {
    /// The body is not JSON, by RFC 8259 to the letter.
    #[error("the body is not JSON, at byte {offset}")]
    NotJson {
        /// Bytes before the first that cannot be; the body's length if it ends too early.
        offset: u64,
    },
    /// JSON, and no object.
    #[error("the body is no JSON object")]
    NotAnObject,
    /// `model` is no text, has half of a surrogate pair, or is longer than 16 KiB.
    #[error("model is no text")]
    ModelNotText,
    /// `model` is given twice, perhaps in another case, and not alike; or `models` has more than 64.
    #[error("model is given twice")]
    ModelTwice,
    /// Arrays and objects within each other beyond [`json::MAX_DEPTH`].
    #[error("the body is nested too deep")]
    TooDeep,
}

impl From<JsonFault> for CallFault {
    fn from(fault: JsonFault) -> Self {
        match fault {
            JsonFault::Syntax { offset } => CallFault::NotJson { offset },
            JsonFault::TooDeep => CallFault::TooDeep,
        }
    }
}

impl CallFields {
    /// Reads a whole body; `estimates` says whether its prompt is to be estimated.
    ///
    /// # Errors
    /// It is no JSON object, or its model could be read in two ways.
    pub(crate) fn read(body: &[u8], estimates: bool) -> Result<Self, CallFault> {
        let mut reader = CallReader::new(estimates);
        reader.push(body)?;
        reader.finish()
    }
}

static PATHS: Paths = Paths::new(&[
    &["model"],
    &["stream"],
    &["stream_options", "include_usage"],
    &["max_completion_tokens"],
    &["max_tokens"],
    &["max_output_tokens"],
    &["generationConfig", "maxOutputTokens"],
    &["generation_config", "max_output_tokens"],
    &["n"],
    &["best_of"],
    &["generationConfig", "candidateCount"],
    &["generation_config", "candidate_count"],
    &["models", json::ITEM],
]);

/// Models in one request at most.
const MAX_MODELS: usize = 64;

/// Reads a body that comes in pieces and is not held: in constant memory, at most 16 KiB beside its own size.
#[derive(Debug)]
pub(crate) struct CallReader {
    fields: Fields,
    found: Found,
}

impl Default for CallReader {
    fn default() -> Self {
        CallReader::new(false)
    }
}

impl CallReader {
    /// `estimates` says whether the prompt is to be estimated.
    pub(crate) fn new(estimates: bool) -> Self {
        let prompt = estimates.then(PromptEstimate::default);
        CallReader { fields: Fields::new(&PATHS), found: Found { prompt, ..Found::default() } }
    }

    /// Reads a piece.
    ///
    /// # Errors
    /// The body cannot become JSON any more; nothing may be pushed after that.
    pub(crate) fn push(&mut self, piece: &[u8]) -> Result<(), CallFault> {
        Ok(self.fields.push(piece, &mut self.found)?)
    }

    /// Ends the body.
    ///
    /// # Errors
    /// As [`CallFields::read`].
    pub(crate) fn finish(mut self) -> Result<CallFields, CallFault> {
        self.fields.finish(&mut self.found)?;
        self.found.into_fields()
    }
}

#[derive(Debug, Default)]
struct Found {
    object: bool,
    model: Option<String>,
    more_models: Vec<String>,
    fault: Option<CallFault>,
    stream: bool,
    include_usage: Option<bool>,
    bound: Option<u64>,
    answers: u64,
    /// `None`: nobody asks.
    prompt: Option<PromptEstimate>,
}

impl Found {
    fn model(&mut self, raw: Raw<'_>) {
        let text = match raw {
            Raw::Whole(raw) => json::unescape(raw),
            Raw::TooLong => None,
        };
        let fault = match (text, &self.model) {
            (None, _) => CallFault::ModelNotText,
            (Some(text), Some(model)) if text != *model => CallFault::ModelTwice,
            (Some(text), _) => {
                self.model = Some(text);
                return;
            }
        };
        self.fault.get_or_insert(fault);
    }

    /// An item of `models`. What is no text is the name of none.
    fn one_of_models(&mut self, raw: Raw<'_>) {
        let text = match raw {
            Raw::Whole(raw) if !raw.starts_with(b"\"") => return,
            Raw::Whole(raw) => json::unescape(raw),
            Raw::TooLong => None,
        };
        match text {
            Some(text) if self.more_models.len() < MAX_MODELS => self.more_models.push(text),
            Some(_) => drop(self.fault.get_or_insert(CallFault::ModelTwice)),
            None => drop(self.fault.get_or_insert(CallFault::ModelNotText)),
        }
    }

    fn into_fields(self) -> Result<CallFields, CallFault> {
        if !self.object {
            return Err(CallFault::NotAnObject);
        }
        if let Some(fault) = self.fault {
            return Err(fault);
        }
        Ok(CallFields {
            model: self.model,
            more_models: self.more_models,
            stream: self.stream,
            include_usage: self.include_usage,
            max_answer: self.bound.map(|bound| bound.saturating_mul(self.answers.max(1))),
            prompt_estimate: self.prompt.map_or(0, |prompt| prompt.tokens()),
        })
    }
}

impl Take for Found {
    fn field(&mut self, index: usize, raw: Raw<'_>) {
        let value = match raw {
            Raw::Whole(value) => value,
            Raw::TooLong => b"",
        };
        match index {
            0 => self.model(raw),
            1 => self.stream = value == b"true",
            2 => {
                self.include_usage = match value {
                    b"true" => Some(true),
                    b"false" => Some(false),
                    _ => None,
                };
            }
            3..=7 => self.bound = self.bound.max(json::whole_number(value)),
            12 => self.one_of_models(raw),
            _ => self.answers = self.answers.max(json::whole_number(value).unwrap_or(0)),
        }
    }

    fn key(&mut self, depth: u32, key: &[u8]) {
        if let Some(prompt) = &mut self.prompt {
            prompt.key(depth, key);
        }
    }

    fn begin(&mut self, kind: Kind, depth: u32) {
        if depth == 0 {
            self.object = kind == Kind::Object;
        }
        if let Some(prompt) = &mut self.prompt {
            prompt.begin(kind, depth);
        }
    }

    fn end(&mut self, kind: Kind, _depth: u32) {
        if let Some(prompt) = &mut self.prompt {
            prompt.end(kind);
        }
    }

    fn text(&mut self, run: &[u8]) {
        if let Some(prompt) = &mut self.prompt {
            prompt.text(run);
        }
    }

    fn escaped(&mut self, c: char) {
        if let Some(prompt) = &mut self.prompt {
            prompt.escaped(c);
        }
    }
}

#[cfg(test)]
mod tests;
