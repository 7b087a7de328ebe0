//! Flags into what is shown.

use crate::{cli::Choice, commands::facts, report::Failure};
use aifd_log::{Kind, exchange::Exchange, select::Criteria};

/// What an exchange has to be.
pub(super) struct Chosen {
    criteria: Criteria,
    kinds: Vec<Kind>,
}

impl Chosen {
    /// Reads the flags of a command such as `logs tail`.
    pub(super) fn of(choice: &Choice, command: &str) -> Result<Self, Failure> {
        let criteria = facts::criteria(&choice.facts, command)?;
        Ok(Chosen { criteria, kinds: choice.kind.clone() })
    }

    /// Whether an exchange is all that; an outline is enough.
    pub(super) fn accepts(&self, exchange: &Exchange) -> bool {
        (self.kinds.is_empty() || self.kinds.contains(&exchange.kind)) && self.criteria.accept(exchange)
    }
}
