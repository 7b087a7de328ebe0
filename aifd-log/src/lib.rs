//! Chat logs of aifd: where they lie and how their lines look.
