"""Asks a gateway through ImageKit's own SDK: python ask.py BASE_URL KEY CALL ARGUMENT, the argument in JSON.
Prints what the SDK returns, or what it throws, as one JSON object."""

import json
import sys
from pathlib import Path

import imagekitio

base_url, key, call, argument = sys.argv[1:]
client = imagekitio.ImageKit(base_url=base_url, private_key=key, max_retries=0)


def upload(path=None, file=None, **fields):
    """What the file is: bytes of this machine, or a text, which the SDK takes as bytes."""
    return client.files.upload(file=Path(path).read_bytes() if path else file.encode(), **fields)


calls = {
    "upload": lambda fields: upload(**fields),
    "metadata": lambda id: client.files.metadata.get(id),
    "details": lambda id: client.files.get(id),
    "list": lambda query: client.assets.list(**query),
}

try:
    answer = calls[call](json.loads(argument))
    data = [item.to_dict() for item in answer] if isinstance(answer, list) else answer.to_dict()
    print(json.dumps({"data": data}, default=str))
except imagekitio.APIStatusError as error:
    print(json.dumps({"error": type(error).__name__, "status": error.status_code, "body": error.body}))
