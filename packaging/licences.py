#!/usr/bin/env python3
"""Prints who wrote what is linked into aquatint, and under which licences: the file `copyright` of the Debian package.

Reads what `cargo metadata` says of the crates that are linked (not of build scripts, macros or tests), and the licence
files in their sources. Equal texts are printed once.

    packaging/licences.py [TARGET]        default: the target of this machine's rustc
"""

import json
import pathlib
import re
import subprocess
import sys


def output(*command):
    return subprocess.run(command, check=True, capture_output=True, text=True).stdout


def linked(metadata):
    """The packages whose code is in the program, by name and version."""
    packages = {package["id"]: package for package in metadata["packages"]}
    nodes = {node["id"]: node for node in metadata["resolve"]["nodes"]}
    root = metadata["resolve"]["root"]
    found, waiting = set(), [root]
    while waiting:
        for dependency in nodes[waiting.pop()]["deps"]:
            name = dependency["pkg"]
            normal = any(kind["kind"] is None for kind in dependency["dep_kinds"])
            kinds = {kind for target in packages[name]["targets"] for kind in target["kind"]}
            if normal and "proc-macro" not in kinds and name not in found:
                found.add(name)
                waiting.append(name)
    return sorted((packages[name] for name in found), key=lambda it: (it["name"], it["version"]))


def notices(package):
    """The texts of the licence files of a package."""
    folder = pathlib.Path(package["manifest_path"]).parent
    name = re.compile(r"^(LICEN[CS]E|COPYING|COPYRIGHT|NOTICE|UNLICENSE)", re.IGNORECASE)
    files = [path for path in folder.iterdir() if path.is_file() and name.match(path.name)]
    if package["license_file"]:
        files.append(folder / package["license_file"])
    return [path.read_text(errors="replace").strip() for path in sorted(set(files))]


def main():
    target = sys.argv[1] if len(sys.argv) > 1 else re.search(r"host: (\S+)", output("rustc", "-vV"))[1]
    metadata = json.loads(
        output("cargo", "metadata", "--format-version", "1", "--locked", "--filter-platform", target)
    )
    packages = linked(metadata)
    print("aquatint is licensed under MIT or Apache-2.0, at your option. The FFmpeg libraries that it uses are packages")
    print("of their own, with licences of their own. These crates are linked into it:\n")
    texts = {}
    for package in packages:
        licence = package["license"] or "see its text below"
        print(f"{package['name']} {package['version']}: {licence}")
        if package["repository"]:
            print(f"    {package['repository']}")
        if package["authors"]:
            print(f"    {', '.join(package['authors'])}")
        for text in notices(package):
            texts.setdefault(" ".join(text.split()), (text, []))[1].append(package["name"])
    for text, names in sorted(texts.values(), key=lambda it: it[1]):
        print(f"\n{'=' * 78}\nThe licence of {', '.join(dict.fromkeys(names))}:\n\n{text}")


main()
