//! Cuts out of what is logged what must not reach a file: keys always, and what `log.redact` names.

use crate::{config::Config, secret::MIN_HIDDEN};
use aifd_log::{
    LogSettings, Media,
    literal::{self, Dialect},
    media::digested,
    record::{Answer, Choice, Raw},
    redact::{RedactError, Redactions, Redactor},
};
use memchr::memmem::Finder;
use percent_encoding::percent_decode_str;
use std::{borrow::Cow, sync::LazyLock};

/// Secrets of forward keys that are made here: the store knows them by their hashes only.
const OWN_KEYS: &str = r"\bfk-[0-9A-Za-z]{43}\b";

/// Cuts out.
#[derive(Debug)]
pub(super) struct Cleaner {
    redactor: Redactor,
    /// Looked for only where one may stand: a regular expression costs more than all else.
    own_keys: Redactor,
    media: Media,
}

impl Cleaner {
    /// As a configuration says, whose keys are cut out.
    ///
    /// # Errors
    /// As [`Cleaner::new`].
    pub(super) fn of(config: &Config) -> Result<Self, RedactError> {
        let upstream = config.access.upstream_keys.iter().map(|key| &key.key);
        let of_routes = config.routes.iter().flat_map(|route| route.upstream_keys.iter().map(|key| &key.key));
        let forward = config.access.forward_keys.iter().map(|key| &key.key);
        let keys = upstream.chain(of_routes).chain(forward).map(|key| key.expose());
        Cleaner::new(&config.logs, keys)
    }

    /// `keys` are cut out wherever they stand.
    ///
    /// # Errors
    /// A regular expression cannot be used.
    pub(super) fn new<'k>(
        settings: &LogSettings,
        keys: impl IntoIterator<Item = &'k str>,
    ) -> Result<Self, RedactError> {
        let own_keys = Redactions { own: vec![OWN_KEYS.to_owned()], ..Redactions::default() };
        let keys = keys.into_iter().filter(|key| key.len() >= MIN_HIDDEN);
        Ok(Cleaner {
            redactor: Redactor::new(&settings.redact, keys)?,
            own_keys: Redactor::new(&own_keys, [""; 0])?,
            media: settings.media,
        })
    }

    /// A JSON value without what must not be logged; `keys` are what the caller showed.
    pub(super) fn clean<'a>(&self, raw: Raw<'a>, keys: &Keys<'_>) -> Raw<'a> {
        let raw = match self.media {
            Media::Keep => raw,
            Media::Digest => mapped(raw, digested),
        };
        let raw = mapped(raw, |json| self.redactor.redact_json(json));
        let raw = match stands_in(&OWN_START, &raw) {
            true => mapped(raw, |json| self.own_keys.redact_json(json)),
            false => raw,
        };
        if !keys.may_stand_in(&raw) {
            return raw;
        }
        match Redactor::new(
            &Redactions::default(),
            keys.0.iter().map(Finder::needle).map(String::from_utf8_lossy),
        ) {
            Ok(redactor) => mapped(raw, |json| redactor.redact_json(json)),
            Err(_) => Cow::Borrowed(b"\"[redacted]\""),
        }
    }

    /// A path and its query, in which a key may be written with escapes of its own.
    pub(super) fn clean_path<'a>(&self, path: &'a str, keys: &Keys<'_>) -> Cow<'a, str> {
        let clean = |text: &str| {
            let mut json = Vec::with_capacity(text.len() + 2);
            literal::push_json_text(text, &mut json);
            let cleaned = self.clean(Cow::Borrowed(&json), keys);
            let changed = cleaned.as_ref() != json.as_slice();
            changed.then(|| literal::text(&cleaned, Dialect::Json).unwrap_or_default().into_owned())
        };
        let plain = percent_decode_str(path).decode_utf8_lossy();
        match clean(path).or_else(|| clean(&plain)) {
            Some(cleaned) => {
                Cow::Owned(clean(&percent_decode_str(&cleaned).decode_utf8_lossy()).unwrap_or(cleaned))
            }
            None => Cow::Borrowed(path),
        }
    }

    pub(super) fn clean_answer<'a>(&self, answer: Answer<'a>, keys: &Keys<'_>) -> Answer<'a> {
        let clean = |raw: Option<Raw<'a>>| raw.map(|raw| self.clean(raw, keys));
        let choice = |choice: Choice<'a>| Choice {
            index: choice.index,
            role: choice.role,
            content: clean(choice.content),
            tool_calls: clean(choice.tool_calls),
            reasoning: clean(choice.reasoning),
            refusal: clean(choice.refusal),
            more: choice.more.into_iter().map(|(name, raw)| (name, self.clean(raw, keys))).collect(),
            finish_reason: choice.finish_reason,
        };
        Answer {
            model: clean(answer.model),
            error: clean(answer.error),
            body: clean(answer.body),
            output: clean(answer.output),
            choices: answer.choices.into_iter().map(choice).collect(),
            ..answer
        }
    }
}

/// What a caller showed, ready to be looked for.
pub(super) struct Keys<'k>(Vec<Finder<'k>>);

impl<'k> Keys<'k> {
    pub(super) fn of(credentials: &'k [Box<str>]) -> Self {
        let long = credentials.iter().filter(|key| key.len() >= MIN_HIDDEN);
        Keys(long.map(|key| Finder::new(key.as_bytes())).collect())
    }

    /// As they are, or with escapes in the place of some of their characters.
    fn may_stand_in(&self, json: &[u8]) -> bool {
        self.0.iter().any(|key| stands_in(key, json))
    }
}

/// What an escape of a character begins with that needs none.
static ESCAPE: LazyLock<Finder<'static>> = LazyLock::new(|| Finder::new(b"\\u00"));

/// How many writers of JSON spell a slash.
static SLASH: LazyLock<Finder<'static>> = LazyLock::new(|| Finder::new(b"\\/"));

/// What keys that are made here begin with.
static OWN_START: LazyLock<Finder<'static>> = LazyLock::new(|| Finder::new(b"fk-"));

/// Whether a text may stand in JSON, as it is or with escapes in the place of some of its characters.
fn stands_in(text: &Finder<'_>, json: &[u8]) -> bool {
    text.find(json).is_some()
        || ESCAPE.find(json).is_some()
        || text.needle().contains(&b'/') && SLASH.find(json).is_some()
}

fn mapped<'a>(raw: Raw<'a>, map: impl Fn(&[u8]) -> Cow<'_, [u8]>) -> Raw<'a> {
    match map(&raw) {
        Cow::Borrowed(_) => raw,
        Cow::Owned(changed) => Cow::Owned(changed),
    }
}
