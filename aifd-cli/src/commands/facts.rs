//! The flags that every command over logs has, as criteria.

use crate::{
    cli::Facts,
    report::{Failure, usage},
};
use aifd_log::select::Criteria;

/// Reads them for a command such as `logs tail`.
pub(super) fn criteria(facts: &Facts, command: &str) -> Result<Criteria, Failure> {
    if facts.since.zip(facts.until).is_some_and(|(since, until)| since > until) {
        return Err(usage(command, "--since lies after --until"));
    }
    Ok(Criteria {
        since: facts.since,
        until: facts.until,
        models: facts.model.clone(),
        keys: facts.key.clone(),
        routes: facts.route.clone(),
        statuses: facts.status.clone(),
        ..Criteria::default()
    })
}
