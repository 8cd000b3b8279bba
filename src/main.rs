//! The program; everything it does is in [`aquatint::cli`].

/// Our memory is not that of the codecs, which in chunked renders is cleared whenever it is handed out or given back.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

fn main() -> std::process::ExitCode {
    aquatint::cli::main()
}
