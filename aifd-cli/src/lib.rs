//! The command line of aifd.
