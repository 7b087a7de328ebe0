//! What is promised of administration.
