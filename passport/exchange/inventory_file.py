"""Inventory files: JSON and YAML in, inventories with the lines they came from out.

    >>> from passport.exchange.inventory_file import read_inventory_bytes
    >>> read_inventory_bytes(b"format: carbon-passport/inventory/1.0", name="cell.yaml")
    Traceback (most recent call last):
    passport.exchange.inventory_problems.InventoryError: ... problems:
      cell.yaml:1: product: a required field is missing (hint: add `product`)
    ...

Nothing outside the file is read, nothing in it is executed, and every size is bounded.
"""

from __future__ import annotations

import os
import stat
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal

from pydantic import ValidationError

from passport.errors import BoundError, DocumentError, SchemaError
from passport.exchange.inventory_problems import InventoryError, describe, problems_of
from passport.exchange.inventory_values import to_values
from passport.exchange.located import Lines, Mapping, Node, Scalar, find, first_unfit, path_text
from passport.exchange.located_json import read_json
from passport.exchange.located_yaml import read_yaml
from passport.model.digest import Digest, digest_of
from passport.model.inventory import INVENTORY_FORMAT, Inventory

MAX_FILE_BYTES = 16 * 2**20
MAX_FILES = 100_000
SUFFIXES = {".json": "json", ".yaml": "yaml", ".yml": "yaml"}

FileFormat = Literal["json", "yaml"]


@dataclass(frozen=True, slots=True)
class Positions:
    """Where the values of a file stand.

    Attributes:
        name: The file's name.
    """

    name: str
    _root: Node = field(repr=False)

    def line(self, *path: str | int) -> int:
        """The line, from 1, of a value or of the nearest thing around it that is there: `line("inputs", 3, "unit")`."""
        return find(self._root, path)[1].line

    def where(self, *path: str | int) -> str:
        """A place as errors name it: `cell.yaml:12: inputs[3].unit`."""
        return f"{self.name}:{self.line(*path)}: {path_text(path)}"


@dataclass(frozen=True, slots=True)
class InventoryFile:
    """An inventory and the file it was read from.

    Attributes:
        inventory: What the file says.
        path: The file, as it was named by the caller.
        digest: Digest of the file's bytes.
        positions: The lines of its values.
    """

    inventory: Inventory
    path: Path
    digest: Digest
    positions: Positions


def read_inventories(paths: Iterable[Path | str]) -> list[InventoryFile]:
    """Read inventory files and, of directories, every file in them that ends in .yaml, .yml or .json.

    Args:
        paths: Files and directories; a file met twice is read once.

    Returns:
        The files in the order of `paths`, those of a directory sorted by path.

    Raises:
        InventoryError: Files that are not inventories; every problem of every file is listed.
        DocumentError: A path that is not there, a directory without inventories.
    """
    read: dict[Path, InventoryFile] = {}
    problems: list[DocumentError] = []
    for path in _files(paths):
        try:
            read[path] = read_inventory(path)
        except InventoryError as error:
            problems.extend(error.problems)
        except DocumentError as error:
            problems.append(error)
    if problems:
        raise InventoryError(problems)
    return list(read.values())


def read_inventory(path: Path | str) -> InventoryFile:
    """Read one inventory file, JSON or YAML by its suffix, or by its first character if it has another.

    Raises:
        InventoryError: The file is no inventory; `problems` has all that is wrong with it.
        DocumentError: The file cannot be read, or is neither JSON nor YAML.
    """
    path = Path(path)
    return read_inventory_bytes(_bytes_of(path), name=str(path))


def read_inventory_bytes(
    data: bytes, *, name: str = "inventory", file_format: FileFormat | None = None
) -> InventoryFile:
    """Read an inventory from the bytes of a file.

    Args:
        data: The file's bytes.
        name: Its name, for errors.
        file_format: `json` or `yaml`; by the suffix of `name`, else by the first character, if not given.

    Raises:
        InventoryError: No inventory; `problems` has all that is wrong with it.
        DocumentError: Neither JSON nor YAML, or beyond our bounds.
    """
    text = _text_of(data, name)
    chosen = file_format or SUFFIXES.get(Path(name).suffix.lower()) or ("json" if _looks_like_json(text) else "yaml")
    root = read_json(text, name=name) if chosen == "json" else read_yaml(text, name=name)
    _refuse_other_formats(root, name)
    values = to_values(root, Inventory)
    try:
        inventory = Inventory.model_validate(values.data, by_alias=True, by_name=False)
    except ValidationError as error:
        errors = error.errors(include_url=False)
        raise InventoryError(problems_of(errors, root=root, values=values, name=name)) from None
    if values.misfits:
        raise InventoryError(problems_of([], root=root, values=values, name=name))
    return InventoryFile(inventory, Path(name), digest_of(data), Positions(name, root))


def _files(paths: Iterable[Path | str]) -> Iterator[Path]:
    """Every file meant, once."""
    seen: set[Path] = set()
    for path in map(Path, paths):
        inside = _inventories_in(path) if path.is_dir() else [path]
        if not inside:
            raise DocumentError(
                "a directory without inventories",
                where=str(path),
                expected=f"files that end in {', '.join(SUFFIXES)}",
                found="none",
            )
        for file in inside:
            real = file.resolve()
            if real in seen:
                continue
            if len(seen) >= MAX_FILES:
                raise BoundError("too many inventories", where=str(path), expected=f"at most {MAX_FILES}", found="more")
            seen.add(real)
            yield file


def _inventories_in(directory: Path) -> list[Path]:
    """The inventory files below a directory, sorted; hidden ones and links to directories are left alone."""

    def refuse(error: OSError) -> None:
        raise _unreadable(Path(error.filename or directory), error)

    found = []
    for folder, subfolders, names in os.walk(directory, onerror=refuse, followlinks=False):
        subfolders[:] = [name for name in subfolders if not name.startswith(".")]
        for name in names:
            if not name.startswith(".") and Path(name).suffix.lower() in SUFFIXES:
                found.append(Path(folder, name))
    return sorted(found)


def _bytes_of(path: Path) -> bytes:
    try:
        # Without O_NONBLOCK the opening of a named pipe would wait for somebody to write into it.
        descriptor = os.open(path, os.O_RDONLY | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_BINARY", 0))
        with open(descriptor, "rb") as file:
            if not stat.S_ISREG(os.fstat(descriptor).st_mode):
                raise DocumentError("not a file", where=str(path), expected="an inventory file")
            return file.read(MAX_FILE_BYTES + 1)
    except (OSError, ValueError) as error:  # ValueError: a NUL in the path
        if isinstance(error, DocumentError):
            raise
        raise _unreadable(path, error) from error


def _unreadable(path: Path, error: OSError | ValueError) -> DocumentError:
    return DocumentError(
        "cannot be read", where=str(path), expected="an inventory file", found=getattr(error, "strerror", None) or error
    )


def _text_of(data: bytes, name: str) -> str:
    """The bytes as text: UTF-8, within bounds, without control characters."""
    if len(data) > MAX_FILE_BYTES:
        raise BoundError(
            "the file is too large", where=name, expected=f"at most {MAX_FILE_BYTES // 2**20} MiB", found="more"
        )
    try:
        text = data.decode("utf-8-sig")  # editors on Windows begin files with a byte order mark
    except UnicodeDecodeError as error:
        line = data.count(b"\n", 0, error.start) + 1
        raise DocumentError(
            "not UTF-8",
            where=f"{name}:{line}",
            expected="text in UTF-8",
            found=f"byte 0x{data[error.start]:02x}",
            hint="save the file with encoding UTF-8",
        ) from error
    unfit = first_unfit(text)
    if unfit is not None:
        raise DocumentError(
            "a character that text does not have",
            where=f"{name}:{Lines(text).mark(unfit).line}",
            expected="text without control characters",
            found=f"U+{ord(text[unfit]):04X}",
        )
    if not text.strip():
        raise DocumentError("the file is empty", where=name, expected="an inventory")
    return text


def _looks_like_json(text: str) -> bool:
    return text.lstrip()[:1] in ("{", "[")


def _refuse_other_formats(root: Node, name: str) -> None:
    """Say at once that a file is something else, rather than list every field it lacks."""
    if not isinstance(root, Mapping):
        raise InventoryError(
            [
                SchemaError(
                    "not an inventory",
                    where=f"{name}:{root.mark.line}",
                    expected="a mapping of fields",
                    found=describe(root),
                )
            ]
        )
    stated = root.entries.get("format")
    if stated is None or (isinstance(stated, Scalar) and stated.text == INVENTORY_FORMAT):
        return
    hint = None
    if isinstance(stated, Scalar) and stated.text.startswith("carbon-passport/inventory/"):
        hint = "this version reads inventories of format 1.0 only"
    raise InventoryError(
        [
            SchemaError(
                "not an inventory of a format that is read here",
                where=f"{name}:{root.key_marks['format'].line}: format",
                expected=INVENTORY_FORMAT,
                found=describe(stated),
                hint=hint,
            )
        ]
    )
