//! The harness of the whole-command tests.
