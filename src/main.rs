use std::process::ExitCode;

/// Bytes from which an allocation is given back to the system as soon as it is freed.
#[cfg(target_env = "gnu")]
const GIVEN_BACK: i32 = 256 << 10;
/// Bytes that a thread's heap may keep at its end: what a header takes is not to be given back and had anew for each file.
#[cfg(target_env = "gnu")]
const KEPT: i32 = 1 << 20;

fn main() -> ExitCode {
    #[cfg(target_env = "gnu")]
    if !ends_with_its_files() {
        give_memory_back();
    }
    imagraph::cli::run()
}

/// A command that looks at files one after the other and ends: what one picture took the next one takes, and to have it
/// anew costs a fifth of a small picture's time.
#[cfg(target_env = "gnu")]
fn ends_with_its_files() -> bool {
    std::env::args_os().nth(1).is_some_and(|command| command == "inspect" || command == "compare")
}

/// glibc raises its threshold by itself up to 32 MiB, and then keeps what decoders have used, for each thread that ever
/// decoded.
#[cfg(target_env = "gnu")]
fn give_memory_back() {
    // SAFETY: no other thread runs yet.
    unsafe {
        libc::mallopt(libc::M_MMAP_THRESHOLD, GIVEN_BACK);
        libc::mallopt(libc::M_TRIM_THRESHOLD, KEPT);
    }
}
