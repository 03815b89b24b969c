/// The system's own keeps what many threads took for a moment, so that a burst of requests costs its memory for ever.
/// This one's threads give it back.
#[global_allocator]
static ALLOCATOR: tikv_jemallocator::Jemalloc = tikv_jemallocator::Jemalloc;

fn main() -> std::process::ExitCode {
    server::cli::main()
}
