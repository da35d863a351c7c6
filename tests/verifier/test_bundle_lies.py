"""Bundles whose bytes were changed, rearranged or written otherwise, with the hash made to fit."""

from __future__ import annotations

import base64
import json
import random
from collections.abc import Iterator
from pathlib import Path

from bundle_text import BundleText, judge, outcome
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from judged import row
from verifier_world import World

from passport.errors import PassportError
from verifier.checks.did_pin import MISSING
from verifier.trust import Trust

SEED = 20261122


def _lines(text: BundleText) -> Iterator[tuple[str, int]]:
    for name in text.sections:
        for index in range(len(text.sections[name])):
            yield name, index


def _flip(data: bytes, at: int, bit: int) -> bytes:
    return data[:at] + bytes([data[at] ^ (1 << bit)]) + data[at + 1 :]


def _may_be_withheld(section: str) -> bool:
    """A statement with its rows, a delivery and a pinned document may be kept from anybody; that is passed and said.

    Of two documents that show a key either will do.
    """
    return section in ("delivery", "did", "pinned", "statement")


def test_every_line_changed_dropped_doubled_and_swapped(
    world: World, text: BundleText, trust: Trust, tmp_path: Path
) -> None:
    """Each line of the bundle in turn, with the header's hash and counts made to fit: never the same pass."""
    rng = random.Random(SEED)
    honest = judge(world, text.write(tmp_path / "honest"), trust).to_json()
    path = tmp_path / "b"
    tried = 0
    wrong: list[tuple[object, ...]] = []

    def attempt(changed: BundleText, what: str, section: str, index: int) -> None:
        nonlocal tried
        tried += 1
        try:
            report = judge(world, changed.write(path), trust)
        except PassportError:
            return
        if report.verdict != "passed":
            return
        says_withheld = report.coverage.withheld > honest["coverage"]["withheld"]
        if section == "delivery":
            says_withheld = row(report, "metal", "custody").reason == "row ore: the delivery is not at hand"
        elif section == "did":
            says_withheld = text.sections["pinned"] != []
        elif section == "pinned":
            says_withheld = any(note.code == MISSING for record in report.records.values() for note in record.notes)
        if not (what == "drop" and _may_be_withheld(section) and says_withheld):
            wrong.append((what, section, index, text.sections[section][index]))

    for section, index in _lines(text):
        lines = text.sections[section]
        key, payload = lines[index]
        changes = [
            ("key", (_flip(key, rng.randrange(len(key)), rng.randrange(8)), payload)),
            ("payload", (key, _flip(payload, rng.randrange(len(payload)), rng.randrange(8)))),
        ]
        if section != "node":  # of which there are many, and which are their own hashes
            changes += [
                ("payload", (key, _flip(payload, rng.randrange(len(payload)), 0))),
                ("cut", (key, payload[:-1])),
                ("beheaded", (key, payload[1:])),
                ("shorter key", (key[:-1], payload)),
                ("longer", (key, payload + b"A")),
                ("space", (key, payload + b" ")),
            ]
        for what, line in changes:
            changed = text.copy()
            changed.sections[section][index] = line
            if b"\n" not in line[0] + line[1] and b" " not in line[0]:
                attempt(changed, what, section, index)
        changed = text.copy()
        del changed.sections[section][index]
        attempt(changed, "drop", section, index)
        if section == "node" and index % 5:
            continue
        changed = text.copy()
        changed.sections[section].insert(index, lines[index])
        attempt(changed, "double", section, index)
        if len(lines) == 1:
            continue
        other = (index + 1) % len(lines)
        changed = text.copy()
        changed.sections[section][index] = (key, lines[other][1])
        changed.sections[section][other] = (lines[other][0], payload)
        if lines[other][1] != payload:
            attempt(changed, "swap", section, index)
        changed = text.copy()
        changed.sections[section][index], changed.sections[section][other] = lines[other], lines[index]
        attempt(changed, "order", section, index)
    for index, (key, payload) in enumerate(text.sections["statement"]):
        for what, parts in _rearranged(payload.split(b"\t")):
            changed = text.copy()
            changed.sections["statement"][index] = (key, b"\t".join(parts))
            attempt(changed, what, "statement", index)
    assert not wrong, wrong
    assert tried >= 500


def _rearranged(parts: list[bytes]) -> Iterator[tuple[str, list[bytes]]]:
    """A statement with its opened rows, each of them dropped, doubled, put elsewhere or joined to the one before."""
    for at, part in enumerate(parts):
        yield "drop", [*parts[:at], *parts[at + 1 :]]
        yield "double", [*parts[:at], part, *parts[at:]]
        yield "empty", [*parts[:at], b"", *parts[at:]]
        if at:
            yield "order", [*parts[: at - 1], part, parts[at - 1], *parts[at + 1 :]]
            yield "join", [*parts[: at - 1], parts[at - 1] + part, *parts[at + 1 :]]
    yield "empty", [*parts, b""]


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow])
@given(data=st.data())
def test_any_change_of_any_bytes(world: World, bundle: Path, trust: Trust, tmp_path: Path, data: st.DataObject) -> None:
    """Some bytes anywhere replaced by any others, with the header made to fit where it can be."""
    text = BundleText.read(bundle)
    section, index = data.draw(st.sampled_from(list(_lines(text))))
    key, payload = text.sections[section][index]
    line = key + b" " + payload
    start = data.draw(st.integers(0, len(line) - 1))
    end = data.draw(st.integers(start, min(start + 40, len(line))))
    changed = line[:start] + data.draw(st.binary(max_size=40)).replace(b"\n", b"") + line[end:]
    if changed == line:
        return
    new_key, _, new_payload = changed.partition(b" ")
    text.sections[section][index] = (new_key, new_payload)
    assert outcome(world, text.write(tmp_path / "b"), trust) != "passed"


def test_base64_with_other_trailing_bits(world: World, text: BundleText, trust: Trust, tmp_path: Path) -> None:
    """The same bytes spelt otherwise."""
    tried = 0
    for section in ("did", "header", "node"):
        for index, (key, payload) in enumerate(text.sections[section]):
            if len(payload) % 4 == 0 or (section == "node" and index % 4):
                continue
            alphabet = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"
            other = payload[:-1] + bytes([alphabet[alphabet.index(payload[-1:]) ^ 1]])
            pad = b"=" * (-len(payload) % 4)
            assert base64.urlsafe_b64decode(other + pad) == base64.urlsafe_b64decode(payload + pad)
            for spelt in (other, payload + pad):
                changed = text.copy()
                changed.sections[section][index] = (key, spelt)
                assert outcome(world, changed.write(tmp_path / "b"), trust) != "passed"
                tried += 1
    assert tried > 10


def test_json_written_otherwise(world: World, text: BundleText, trust: Trust, tmp_path: Path) -> None:
    """The same values with spaces between them."""
    for section in ("history", "imported", "key", "passport", "statement"):
        for index, (key, payload) in enumerate(text.sections[section]):
            parts = payload.split(b"\t")
            for at, part in enumerate(parts):
                changed = text.copy()
                pretty = json.dumps(json.loads(part), ensure_ascii=False, separators=(", ", ": ")).encode()
                changed.sections[section][index] = (key, b"\t".join([*parts[:at], pretty, *parts[at + 1 :]]))
                assert outcome(world, changed.write(tmp_path / "b"), trust) != "passed", (section, key)
