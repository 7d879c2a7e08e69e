"""Reads a request a line, writes an answer a line."""
import importlib
import json
import os
import pathlib
import pkgutil
import shutil
import sys

import RNS

from . import _wire
from .registry import COMMANDS


def load_families():
    for module in pkgutil.iter_modules([str(pathlib.Path(__file__).parent)]):
        if not module.name.startswith("_"):
            importlib.import_module("." + module.name, __package__)


def answer(line):
    request = json.loads(line)
    name, params = request["command"], request.get("params") or {}
    try:
        if name not in COMMANDS:
            raise KeyError(f"Unknown command: {name}")
        return {"id": request["id"], "success": True, "result": COMMANDS[name](**params)}
    except Exception as error:
        return {"id": request["id"], "success": False, "error": f"{type(error).__name__}: {error}"}


def main():
    out = sys.stdout
    sys.stdout = sys.stderr  # what the library prints
    RNS.loglevel = int(os.environ.get("REFERENCE_LOGLEVEL", "0"))
    load_families()
    print("READY", file=out, flush=True)
    for line in sys.stdin:
        print(json.dumps(answer(line)), file=out, flush=True)
    if RNS.Reticulum.get_instance() is not None:
        RNS.Transport.detach_interfaces()  # tells peers of links that they are down
    for directory in _wire.DIRECTORIES:
        shutil.rmtree(directory, ignore_errors=True)
    os._exit(0)


main()
