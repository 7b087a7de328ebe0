//! Which exchanges are meant, by what a log tells of each: the flags that every command over logs has.

use super::value;
use aifd_log::{
    pattern::Pattern,
    select::{Bound, StatusClass},
};
use clap::Args;

/// What is told of the exchanges that are meant.
#[derive(Args, Debug, Default)]
#[command(next_help_heading = "Selection")]
pub(crate) struct Facts {
    /// Not before: 2027-01-31, 2027-01-31 18:30, or how long ago such as 7d; times are those of the log
    #[arg(long, value_name = "WHEN", value_parser = value::since)]
    pub(crate) since: Option<Bound>,
    /// Not after; a day is meant to its end
    #[arg(long, value_name = "WHEN", value_parser = value::until)]
    pub(crate) until: Option<Bound>,
    /// Of these models alone, asked for or answering: gpt-4o*
    #[arg(long, value_name = "PATTERN", value_delimiter = ',')]
    pub(crate) model: Vec<Pattern>,
    /// Of these forward keys alone: their ids
    #[arg(long, value_name = "KEY", value_delimiter = ',')]
    pub(crate) key: Vec<Pattern>,
    /// Of these routes alone: their prefixes
    #[arg(long, value_name = "PREFIX", value_delimiter = ',')]
    pub(crate) route: Vec<Pattern>,
    /// With these statuses alone: 200, 4xx; where the log tells none, an answer is a 200
    #[arg(long, value_name = "STATUS", value_delimiter = ',')]
    pub(crate) status: Vec<StatusClass>,
}
