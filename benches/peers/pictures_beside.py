"""imagraph's engine beside its peers: CPU and memory for one picture."""
import os
import subprocess
from pathlib import Path

from measure import Used, run

HERE = Path(__file__).parent


def script(name: str) -> str:
    return str(HERE / "engines" / name)


def engines(imagraph: str, libwebp: str, python: str) -> dict[str, dict[str, list[str]]]:
    sharp = ["node", script("sharp-phash.mjs")]
    hashes = {
        "imagraph": [imagraph, "inspect", "--json"],
        "sharp + sharp-phash": sharp,
        "Pillow + ImageHash": [python, script("imagehash_phash.py")],
    }
    headers = {
        "imagraph": [imagraph, "inspect", "--json", "--no-pixels"],
        "sharp.metadata": ["node", script("sharp-metadata.mjs")],
        "probe-image-size": ["node", script("probe-image-size.mjs")],
        "Pillow": [python, script("pillow_metadata.py")],
        "exiftool": ["exiftool", "-stay_open", "True", "-@", "-"],
    }
    with_libwebp = {"imagraph": [libwebp, "inspect", "--json"], "sharp + sharp-phash": sharp}
    return {"hash": hashes, "libwebp": with_libwebp, "header": headers}


# What is measured, of which file, over how many copies, by whom.
CASES = [
    ("pHash, 12 MP JPEG", "12mp.jpg", 12, "hash"),
    ("pHash, 12 MP progressive JPEG", "12mp-progressive.jpg", 8, "hash"),
    ("pHash, 2 MP JPEG", "2mp.jpg", 40, "hash"),
    ("pHash, 2 MP PNG", "2mp.png", 20, "hash"),
    ("pHash, 2 MP lossy WebP", "2mp-lossy.webp", 20, "hash"),
    ("the same with libwebp", "2mp-lossy.webp", 20, "libwebp"),
    ("metadata without pixels", "2mp-exif.jpg", 400, "header"),
]


def copies(folder: Path, name: str, count: int) -> list[str]:
    """Names of one file: no peer may remember what it has seen."""
    linked = [folder / f"{index}-{name}" for index in range(count)]
    for path in linked:
        if not path.exists():
            os.link(folder / name, path)
    return [str(path) for path in linked]


def measure(command: list[str], files: list[str], folder: Path) -> Used:
    if command[0] != "exiftool":
        return run(command + files)
    orders = folder / "exiftool.txt"
    asked = [f"-json\n-n\n{file}\n-execute\n" for file in files]
    orders.write_text("".join(asked) + "-stay_open\nFalse\n")
    return run(command, stdin=str(orders))


def one_round(folder: Path, contenders: dict, keep) -> None:
    """Calls `keep(case, contender, CPU ms a picture, MB over idle)` for each."""
    for case, name, count, kind in CASES:
        files = copies(folder, name, count)
        for contender, command in contenders[kind].items():
            idle = measure(command, [str(folder / "tiny.jpg")], folder)
            busy = measure(command, files, folder)
            keep(case, contender, (busy.cpu - idle.cpu) * 1000 / count, busy.memory - idle.memory)


def make(folder: Path, python: str) -> None:
    subprocess.run([python, str(HERE / "pictures.py"), str(folder)], check=True)
