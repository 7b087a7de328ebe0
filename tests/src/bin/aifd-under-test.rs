//! The `aifd` binary for the tests of this package; another name, so that it does not overwrite the real one.
fn main() -> std::process::ExitCode {
    aifd_cli::main()
}
