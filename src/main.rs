use std::process::ExitCode;

/// What freed memory glibc keeps. It raises its threshold by itself up to 32 MiB, and then keeps what decoders have used,
/// for each thread that ever decoded.
#[cfg(target_env = "gnu")]
struct Kept {
    /// Bytes from which an allocation is given back to the system as soon as it is freed.
    allocation: i32,
    /// Bytes that a thread's heap may keep at its end: what a header takes is not to be given back and had anew for each
    /// file.
    heap: i32,
}

#[cfg(target_env = "gnu")]
const SERVING: Kept = Kept { allocation: 256 << 10, heap: 1 << 20 };
/// Of a command that looks at one file after the other and ends: to have anew what a small picture takes is a tenth of its
/// time.
#[cfg(target_env = "gnu")]
const LOOKING: Kept = Kept { allocation: 4 << 20, heap: 8 << 20 };

fn main() -> ExitCode {
    #[cfg(target_env = "gnu")]
    keep(if looks_at_files() { LOOKING } else { SERVING });
    imagraph::cli::run()
}

#[cfg(target_env = "gnu")]
fn looks_at_files() -> bool {
    let looking = ["inspect", "compare", "duplicates"];
    std::env::args_os().nth(1).is_some_and(|command| looking.iter().any(|name| command == *name))
}

#[cfg(target_env = "gnu")]
fn keep(kept: Kept) {
    // SAFETY: no other thread runs yet.
    unsafe {
        libc::mallopt(libc::M_MMAP_THRESHOLD, kept.allocation);
        libc::mallopt(libc::M_TRIM_THRESHOLD, kept.heap);
    }
}
