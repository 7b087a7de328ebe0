//! What of an exchange a dataset's format cannot hold.

use std::fmt;

/// Why an exchange is left out.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Unfit {
    /// Embeddings, general requests, messages that are no list.
    NoConversation,
    /// Nothing was asked.
    NoMessages,
    /// Nothing was answered.
    NoAnswer,
    /// The answer is an error, or broke off.
    NotComplete,
    /// A message has a role that the format does not know.
    Role,
    /// A message's content is neither text nor parts.
    Content,
    /// The messages stand in an order that the format has no place for.
    Order,
    /// Tool calls that are odd, or that the format has no place for.
    Calls,
}

impl Unfit {
    /// All of them.
    pub const ALL: [Unfit; 8] = [
        Unfit::NoConversation,
        Unfit::NoMessages,
        Unfit::NoAnswer,
        Unfit::NotComplete,
        Unfit::Role,
        Unfit::Content,
        Unfit::Order,
        Unfit::Calls,
    ];

    /// Its name in a report that programs read.
    pub fn name(self) -> &'static str {
        match self {
            Unfit::NoConversation => "no_conversation",
            Unfit::NoMessages => "no_messages",
            Unfit::NoAnswer => "no_answer",
            Unfit::NotComplete => "not_complete",
            Unfit::Role => "role",
            Unfit::Content => "content",
            Unfit::Order => "order",
            Unfit::Calls => "calls",
        }
    }
}

impl fmt::Display for Unfit {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Unfit::NoConversation => "no conversation",
            Unfit::NoMessages => "nothing was asked",
            Unfit::NoAnswer => "nothing was answered",
            Unfit::NotComplete => "the answer failed or was cancelled",
            Unfit::Role => "a role that the format does not know",
            Unfit::Content => "a message without text",
            Unfit::Order => "an order that the format has no place for",
            Unfit::Calls => "tool calls that the format has no place for",
        })
    }
}

/// What is lost of an exchange that is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Loss {
    /// Images, sounds and files beside text.
    Media,
    /// Text beside tool calls.
    TextBesideCalls,
    /// What the model thought.
    Reasoning,
    /// Choices beyond the first.
    Choices,
    /// Tools that are no functions, or all where the format has no place for them.
    Tools,
    /// Messages of one side in a row became one.
    Joined,
    /// Further fields of messages.
    Fields,
    /// The places of tool calls in their stream.
    CallIndex,
    /// Halves of surrogate pairs, which are no characters.
    HalfSurrogates,
}

impl Loss {
    /// All of them.
    pub const ALL: [Loss; 9] = [
        Loss::Media,
        Loss::TextBesideCalls,
        Loss::Reasoning,
        Loss::Choices,
        Loss::Tools,
        Loss::Joined,
        Loss::Fields,
        Loss::CallIndex,
        Loss::HalfSurrogates,
    ];

    /// Its name in a report that programs read.
    pub fn name(self) -> &'static str {
        match self {
            Loss::Media => "media",
            Loss::TextBesideCalls => "text_beside_calls",
            Loss::Reasoning => "reasoning",
            Loss::Choices => "choices",
            Loss::Tools => "tools",
            Loss::Joined => "joined",
            Loss::Fields => "fields",
            Loss::CallIndex => "call_index",
            Loss::HalfSurrogates => "half_surrogates",
        }
    }
}

impl fmt::Display for Loss {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Loss::Media => "images, sounds and files",
            Loss::TextBesideCalls => "text beside tool calls",
            Loss::Reasoning => "what the model thought",
            Loss::Choices => "choices beyond the first",
            Loss::Tools => "tools",
            Loss::Joined => "limits between messages of one side",
            Loss::Fields => "further fields of messages",
            Loss::CallIndex => "the places of tool calls in their stream",
            Loss::HalfSurrogates => "halves of surrogate pairs, now U+FFFD",
        })
    }
}

/// The losses of one exchange.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Losses(u16);

impl Losses {
    /// Notes one.
    pub fn add(&mut self, loss: Loss) {
        self.0 |= 1 << loss as u8;
    }

    /// Notes one, if that is so.
    pub fn add_if(&mut self, lost: bool, loss: Loss) {
        if lost {
            self.add(loss);
        }
    }

    /// Those that were noted.
    pub fn iter(self) -> impl Iterator<Item = Loss> {
        Loss::ALL.into_iter().filter(move |loss| self.0 & (1 << *loss as u8) != 0)
    }
}
