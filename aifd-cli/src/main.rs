//! The `aifd` binary.
fn main() -> std::process::ExitCode {
    aifd_cli::main()
}
