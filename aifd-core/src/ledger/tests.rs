//! What is promised of the ledger.
