use std::process::ExitCode;

/// Bytes from which an allocation is given back to the system as soon as it is freed.
#[cfg(target_env = "gnu")]
const GIVEN_BACK: i32 = 256 << 10;
/// Bytes that a thread's heap may keep at its end: what a header takes is not to be given back and had anew for each file.
#[cfg(target_env = "gnu")]
const KEPT: i32 = 1 << 20;

fn main() -> ExitCode {
    // glibc raises this by itself up to 32 MiB, and then keeps what decoders have used, for each thread that ever decoded.
    // SAFETY: no other thread runs yet.
    #[cfg(target_env = "gnu")]
    unsafe {
        libc::mallopt(libc::M_MMAP_THRESHOLD, GIVEN_BACK);
        libc::mallopt(libc::M_TRIM_THRESHOLD, KEPT);
    }
    imagraph::cli::run()
}
