"""Runs imagraph and its peers by turns: `compare.py FOLDER`, for what it finds out. `run` installs what this needs."""
import datetime
import os
import re
import sys
import tempfile
from collections import defaultdict
from pathlib import Path

import pictures_beside
import report
import serving_beside

ROUNDS = int(os.environ.get("PEERS_ROUNDS", "5"))
TARGET = Path(__file__).parents[2] / "target"
IMAGRAPH = os.environ.get("IMAGRAPH", str(TARGET / "release/imagraph"))
# The same with libwebp.
IMAGRAPH_LIBWEBP = os.environ.get("IMAGRAPH_LIBWEBP", str(TARGET / "peers/imagraph-libwebp"))


def main(out: Path) -> None:
    kept, load = defaultdict(list), os.getloadavg()[0]
    with tempfile.TemporaryDirectory() as temporary:
        folder = Path(temporary)
        pictures_beside.make(folder, sys.executable)
        contenders = pictures_beside.engines(IMAGRAPH, IMAGRAPH_LIBWEBP, sys.executable)
        keep = lambda case, contender, *figures: kept[case, contender].append(figures)
        with serving_beside.servers(IMAGRAPH, folder) as started:
            for number in range(ROUNDS):
                print(f"round {number + 1} of {ROUNDS}", file=sys.stderr)
                pictures_beside.one_round(folder, contenders, keep)
                serving_beside.one_round(started, folder, keep)
    figures, heading = report.medians(kept), f"{datetime.date.today()}, {machine()}, {ROUNDS} rounds, load {load:.1f} at the start"
    table = report.table(figures, heading)
    (out / "table.md").write_text(table)
    (out / "chart.svg").write_text(report.chart(figures, heading))
    print(table)


def machine() -> str:
    model = re.search(r"model name\s*: (.+)", Path("/proc/cpuinfo").read_text())
    return f"{os.cpu_count()} cores of {model[1] if model else 'an unknown processor'}"


main(Path(sys.argv[1]))
