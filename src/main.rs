//! The program; everything it does is in [`aquatint::cli`].

fn main() -> std::process::ExitCode {
    aquatint::cli::main()
}
