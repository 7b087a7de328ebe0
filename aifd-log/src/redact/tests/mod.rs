//! What is taken out, and what is not.

mod escapes;
mod nested;
mod tables;
