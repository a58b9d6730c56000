"""CPU time and memory of processes on core 0."""
import os
import subprocess
import time
from dataclasses import dataclass

TICKS_A_SECOND = os.sysconf("SC_CLK_TCK")
ON_CORE_0 = ["taskset", "-c", "0"]


@dataclass
class Used:
    """CPU seconds, and the highest resident size in MB."""
    cpu: float
    memory: float


def run(command: list[str], stdin: str | None = None) -> Used:
    """Runs a command to its end."""
    given = open(stdin) if stdin else subprocess.DEVNULL
    process = subprocess.Popen(ON_CORE_0 + command, stdin=given, stdout=subprocess.DEVNULL)
    highest = 0.0
    # The kernel's own figure for an ended process includes what it was forked from, so it is asked while it runs.
    while (ended := os.wait4(process.pid, os.WNOHANG))[0] == 0:
        highest = max(highest, resident(process.pid))
        time.sleep(0.002)
    _, status, usage = ended
    process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode:
        raise SystemExit(f"{command[:3]} ended with {process.returncode}")
    return Used(usage.ru_utime + usage.ru_stime, highest)


def resident(pid: int) -> float:
    """The highest resident size so far in MB; 0 of one that is ending."""
    with open(f"/proc/{pid}/status") as status:
        lines = [line for line in status if line.startswith("VmHWM:")]
    return int(lines[0].split()[1]) / 1024 if lines else 0.0


def cpu(pid: int) -> float:
    """CPU seconds of a process that goes on."""
    with open(f"/proc/{pid}/stat") as stat:
        fields = stat.read().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / TICKS_A_SECOND
