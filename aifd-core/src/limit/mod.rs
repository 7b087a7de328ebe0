//! Request and token limits: how their quotas are written and what they mean.

pub mod quota;
