//! Flags into what is shown.

use crate::{
    cli::Choice,
    report::{Failure, usage},
};
use aifd_log::{Kind, exchange::Exchange, select::Criteria};

/// What an exchange has to be.
pub(super) struct Chosen {
    criteria: Criteria,
    kinds: Vec<Kind>,
}

impl Chosen {
    /// Reads the flags of a command such as `logs tail`.
    pub(super) fn of(choice: &Choice, command: &str) -> Result<Self, Failure> {
        if choice.since.zip(choice.until).is_some_and(|(since, until)| since > until) {
            return Err(usage(command, "--since lies after --until"));
        }
        let criteria = Criteria {
            since: choice.since,
            until: choice.until,
            models: choice.model.clone(),
            keys: choice.key.clone(),
            routes: choice.route.clone(),
            statuses: choice.status.clone(),
            ..Criteria::default()
        };
        Ok(Chosen { criteria, kinds: choice.kind.clone() })
    }

    /// Whether an exchange is all that; an outline is enough.
    pub(super) fn accepts(&self, exchange: &Exchange) -> bool {
        (self.kinds.is_empty() || self.kinds.contains(&exchange.kind)) && self.criteria.accept(exchange)
    }
}
