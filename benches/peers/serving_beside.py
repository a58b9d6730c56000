"""imagraph's gateway beside GraphQL servers: requests for each second of the server's CPU."""
import base64
import json
import os
import re
import subprocess
import time
import urllib.request
from contextlib import contextmanager
from pathlib import Path

from measure import ON_CORE_0, cpu

HERE = Path(__file__).parent
FIELDS = "id name path width height size format mimeType hasTransparency pHash"
FIRST_PORT = 18_470
ID = base64.urlsafe_b64encode(b"2mp.jpg").decode().rstrip("=")
QUERIES = {
    "one file": f'{{ file(id: "{ID}") {{ {FIELDS} }} }}',
    "100 aliases": "{ " + " ".join(f'a{n}: file(id: "{ID}") {{ {FIELDS} }}' for n in range(100)) + " }",
}
SECONDS = 3


@contextmanager
def servers(imagraph: str, folder: Path):
    """Yields the process and port of each server."""
    env = {**os.environ, "NODE_ENV": "production"}
    schema, answer = folder / "schema.graphql", folder / "answer.json"
    schema.write_bytes(subprocess.run([imagraph, "schema"], check=True, capture_output=True).stdout)
    library = folder / "library"
    library.mkdir(exist_ok=True)
    (library / "2mp.jpg").write_bytes((folder / "2mp.jpg").read_bytes())
    started = {}

    def start(name: str, command: list[str], **more: str) -> None:
        port = FIRST_PORT + len(started)
        command = [part.replace("PORT", str(port)) for part in command]
        process = subprocess.Popen(ON_CORE_0 + command, env={**env, **more}, stdout=subprocess.DEVNULL)
        started[name] = (process, port)

    try:
        start("imagraph", [imagraph, "serve", "--library", str(library), "--listen", "127.0.0.1:PORT"],
              IMAGRAPH_LOG="warn")
        image = ask(started["imagraph"][1], QUERIES["one file"])["file"]
        answer.write_text(json.dumps(image))
        given = [str(schema), str(answer), "PORT"]
        mercurius, apollo = str(HERE / "servers/mercurius.mjs"), str(HERE / "servers/apollo.mjs")
        start("mercurius", ["node", mercurius, *given], MERCURIUS_JIT="0")
        start("mercurius with JIT", ["node", mercurius, *given], MERCURIUS_JIT="1")
        start("Apollo Server", ["node", apollo, *given])
        for name, (_, port) in started.items():
            for query in QUERIES.values():
                if ask(port, query) != ask(started["imagraph"][1], query):
                    raise SystemExit(f"{name} answers otherwise")
        yield started
    finally:
        for process, _ in started.values():
            process.terminate()
            process.wait()


def ask(port: int, query: str) -> dict:
    """The data of an answer, from a server that may still be starting."""
    body = json.dumps({"query": query}).encode()
    request = urllib.request.Request(f"http://127.0.0.1:{port}/graphql", body, {"Content-Type": "application/json"})
    until = time.monotonic() + 20
    while True:
        try:
            with urllib.request.urlopen(request, timeout=10) as answer:
                return json.load(answer)["data"]
        except OSError:
            if time.monotonic() > until:
                raise
            time.sleep(0.1)


def load(port: int, query: str, folder: Path, seconds: int) -> int:
    """The number of requests answered well."""
    lua = folder / "wrk.lua"
    body = json.dumps({"query": query})
    lua.write_text(f"wrk.method = 'POST'\nwrk.body = [==[{body}]==]\nwrk.headers['Content-Type'] = 'application/json'\n")
    command = ["taskset", "-c", "1", "wrk", "-t1", "-c16", f"-d{seconds}s", "-s", str(lua),
               f"http://127.0.0.1:{port}/graphql"]
    said = subprocess.run(command, check=True, capture_output=True, text=True).stdout
    if "Non-2xx" in said or "Socket errors" in said:
        raise SystemExit(said)
    return int(re.search(r"(\d+) requests in", said)[1])


def one_round(started: dict, folder: Path, keep) -> None:
    """Calls `keep(case, contender, CPU ms a request, MB)` for each."""
    for case, query in QUERIES.items():
        for name, (process, port) in started.items():
            load(port, query, folder, 1)
            before = cpu(process.pid)
            answered = load(port, query, folder, SECONDS)
            keep(f"GraphQL, {case}", name, (cpu(process.pid) - before) * 1000 / answered, None)
