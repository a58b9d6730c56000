//! What the process that decodes takes from itself before it reads a byte.

use std::process::exit;
use std::sync::{Arc, Barrier};
use std::time::Duration;
use std::{fs, io, thread};

use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};

use super::task::{End, Task};

/// Bytes of memory for what is not the picture: buffers, tables, a stack.
const SURROUNDINGS: u64 = 16 << 20;

/// Bytes of the stack of a thread that sleeps.
const WATCH_STACK: usize = 64 << 10;

/// Limits that hold until the end. With them the decoder opens no file and connects to nobody, and unless it is root's starts
/// nothing.
pub fn raise(task: &Task) -> io::Result<()> {
    end_after(Duration::from_millis(task.milliseconds))?;
    if let Some(taken) = address_space() {
        let more = (task.len as u64).saturating_add(task.max_memory).saturating_add(SURROUNDINGS);
        limit(Resource::As, taken.saturating_add(more), 0)?;
    }
    // At the second limit it would be killed, and nobody would know why.
    limit(Resource::Cpu, task.max_seconds, 1)?;
    for resource in [Resource::Core, Resource::Fsize, Resource::Nofile, Resource::Nproc] {
        limit(resource, 0, 0)?;
    }
    Ok(())
}

/// Where less is allowed already it stays at that.
fn limit(resource: Resource, limit: u64, grace: u64) -> io::Result<()> {
    let allowed = getrlimit(resource).maximum.unwrap_or(u64::MAX);
    let (current, maximum) = (limit.min(allowed), limit.saturating_add(grace).min(allowed));
    Ok(setrlimit(resource, Rlimit { current: Some(current), maximum: Some(maximum) })?)
}

/// Bytes that are mapped already, most of them the program; only Linux tells, and only it would hold to a limit.
fn address_space() -> Option<u64> {
    let status = fs::read_to_string("/proc/self/status").ok()?;
    let size = status.lines().find_map(|line| line.strip_prefix("VmSize:"))?;
    Some(size.trim().trim_end_matches(" kB").parse::<u64>().ok()? << 10)
}

/// A thread takes memory when it starts: it has started when this returns.
fn end_after(time: Duration) -> io::Result<()> {
    let started = Arc::new(Barrier::new(2));
    let ready = Arc::clone(&started);
    let watch = move || {
        ready.wait();
        thread::sleep(time);
        exit(End::Late as i32);
    };
    thread::Builder::new().stack_size(WATCH_STACK).spawn(watch)?;
    started.wait();
    Ok(())
}
