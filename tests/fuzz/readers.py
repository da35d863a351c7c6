"""The readers of bytes, found in the source itself: nobody has to remember to write a new one down.

A reader is a function that hands what it was given to a decoder of a library or to our own strict parser, or one whose
name says that it reads and that takes bytes. Whether a target reaches it is seen by running the targets: by itself
this module prints every function that they reach.
"""

from __future__ import annotations

import ast
import random
import re
import sys
from collections.abc import Iterable, Iterator
from pathlib import Path
from types import FrameType

from fuzz_mutation import inputs
from fuzz_target import Target

ROOT = Path(__file__).resolve().parent.parent.parent
ROOMS = ("contracts", "passport", "verifier", "api", "cli")

DECODERS = re.compile(
    r"""(?: orjson\.loads | json\.loads? | yaml\.\w*load\w* | csv\.(?:reader|DictReader) | tomllib\.loads?
    | pyarrow\.(?:csv|parquet|ipc|feather)\.\w+ | zipfile\.ZipFile | gzip\.(?:open|decompress|GzipFile)
    | zlib\.decompress\w* | lzma\.\w+ | bz2\.\w+ | base64\.\w*decode | binascii\.(?:a2b|unhex)\w* | rlp\.decode
    | cbor2?\.loads? | struct\.(?:unpack\w*|iter_unpack) | cryptography\..*\.load_\w+ | asn1crypto\..*\.load
    | numpy\.(?:load|frombuffer|fromfile|loadtxt|genfromtxt) | eth_abi\..*decode\w* | pickle\.loads? | lxml\..*
    | xml\..*
    | passport\.credentials(?:\.canonical)?\.(?:parse|parse_canonical|load_json|parse_together) )\Z""",
    re.VERBOSE,
)
NAMES = re.compile(r"(?:read|parse|decode|load|receive|verify|open)_")
BYTES = frozenset({"bytes", "bytes | None", "str | bytes", "bytes | str", "BinaryIO"})


def readers(rooms: Iterable[str] = ROOMS, root: Path = ROOT) -> Iterator[str]:
    """Every reader as `path::name`, in the order of the files."""
    for room in rooms:
        for path in sorted((root / room).rglob("*.py")):
            if "node_modules" not in path.parts:
                for name in readers_of(path.read_text("utf-8")):
                    yield f"{path.relative_to(root).as_posix()}::{name}"


def readers_of(source: str) -> Iterator[str]:
    """The readers of one module, with the classes that they stand in."""
    tree = ast.parse(source)
    imported = _imported(tree)
    yield from _in(tree, (), imported)


def _in(node: ast.AST, within: tuple[str, ...], imported: dict[str, str]) -> Iterator[str]:
    for each in ast.iter_child_nodes(node):
        if isinstance(each, ast.ClassDef):
            yield from _in(each, (*within, each.name), imported)
        elif isinstance(each, ast.FunctionDef | ast.AsyncFunctionDef) and (
            _takes_bytes(each) or any(_is_decoding(call, imported) for call in ast.walk(each))
        ):
            yield ".".join((*within, each.name))
        elif not isinstance(each, ast.FunctionDef | ast.AsyncFunctionDef):
            yield from _in(each, within, imported)


def _takes_bytes(function: ast.FunctionDef | ast.AsyncFunctionDef) -> bool:
    taken = [*function.args.posonlyargs, *function.args.args, *function.args.kwonlyargs]
    return bool(NAMES.match(function.name)) and any(
        each.annotation is not None and ast.unparse(each.annotation) in BYTES for each in taken
    )


def _is_decoding(node: ast.AST, imported: dict[str, str]) -> bool:
    return isinstance(node, ast.Call) and bool(DECODERS.match(_dotted(node.func, imported)))


def _dotted(node: ast.AST, imported: dict[str, str]) -> str:
    """What a name stands for, by the module's imports; nothing where they do not say."""
    if isinstance(node, ast.Name):
        return imported.get(node.id, "")
    if isinstance(node, ast.Attribute):
        before = _dotted(node.value, imported)
        return before and f"{before}.{node.attr}"
    return ""


def _imported(tree: ast.AST) -> dict[str, str]:
    names: dict[str, str] = {}
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            for each in node.names:
                first = each.name.partition(".")[0]
                names |= {each.asname: each.name} if each.asname else {first: first}
        elif isinstance(node, ast.ImportFrom) and node.module:
            names |= {each.asname or each.name: f"{node.module}.{each.name}" for each in node.names}
    return names


def reached(targets: Iterable[Target], *, bent: int = 40) -> set[str]:
    """Every function of the house that the targets run, with their corpus and some inputs that are bent.

    Args:
        targets: The targets.
        bent: How many inputs beside the corpus, of a target as cheap as most; the same ones each time.
    """
    seen: set[tuple[str, str]] = set()

    def note(frame: FrameType, event: str, _: object) -> None:
        if event == "call":
            seen.add((frame.f_code.co_filename, frame.f_code.co_qualname))

    before = sys.getprofile()
    try:
        for target in targets:
            seeds = target.seeds()
            draw = random.Random(f"reached {target.name}")
            several = [*seeds, *inputs(seeds, bent // target.cost, draw, max_bytes=target.max_bytes)]
            sys.setprofile(note)
            for data in several:
                target.outcome(data)
            sys.setprofile(None)
    finally:
        sys.setprofile(before)
    found = set()
    for file, name in seen:
        path = Path(file)
        if path.is_relative_to(ROOT):
            # A reader is the outermost function: what stands inside of one is a part of it.
            found.add(f"{path.relative_to(ROOT).as_posix()}::{name.partition('.<locals>')[0]}")
    return found


if __name__ == "__main__":
    from fuzz_targets import TARGETS

    print("\n".join(sorted(reached(TARGETS.values()))))  # noqa: T201
