use std::process::ExitCode;

/// Bytes from which an allocation is given back to the system as soon as it is freed.
#[cfg(target_env = "gnu")]
const GIVEN_BACK: i32 = 256 << 10;

fn main() -> ExitCode {
    // glibc raises this by itself up to 32 MiB, and then keeps what decoders have used, for each thread that ever decoded.
    // SAFETY: no other thread runs yet.
    #[cfg(target_env = "gnu")]
    unsafe {
        libc::mallopt(libc::M_MMAP_THRESHOLD, GIVEN_BACK);
    }
    imagraph::cli::run()
}
