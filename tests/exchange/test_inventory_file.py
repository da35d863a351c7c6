"""Inventory files: what they say is kept to the digit, and what is wrong with them is said with its line."""

from __future__ import annotations

import json
import os
from collections.abc import Callable
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from passport.errors import BoundError, DocumentError, SchemaError
from passport.exchange.inventory_file import (
    MAX_FILE_BYTES,
    InventoryFile,
    read_inventories,
    read_inventory,
    read_inventory_bytes,
)
from passport.exchange.inventory_problems import MAX_LISTED, InventoryError
from passport.exchange.inventory_values import to_values
from passport.exchange.located import MAX_DEPTH, MAX_ENTRIES, Listing, Mapping, Node, Scalar, Style
from passport.exchange.located_json import read_json
from passport.exchange.located_yaml import read_yaml
from passport.model.digest import digest_of
from passport.model.inventory import DirectInput, FactorInput, Granularity, Inventory, PassportInput, Per
from passport.model.units import Unit

EXAMPLE = """\
format: carbon-passport/inventory/1.0
product:
  id: https://fjord-cells.example/products/cell-58
  pactIds: ["urn:pact:fjord-cells.example:product-id:cell-58"]
  name: 58 Ah cell
  names: {zh: 58 安时电芯, no: Battericelle}
  description: Lithium-ion cell
  idScheme: {id: "https://fjord-cells.example", name: Fjord Cells}
  granularity: batch
  batchNumber: 007
  category:
    - {code: "46410", name: Batteries, schemeId: "https://unstats.un.org/", schemeName: UN CPC 2.1}
declaredUnit: piece
declaredAmount: 1
massPerDeclaredUnit: 0.950
period: {start: 2025-01-01T00:00:00Z, end: 2026-01-01T01:00:00+01:00}
country: NO
facility: {id: "https://fjord-cells.example/plants/1", name: Plant 1}
standards: [ISO14067, PACT-3.0]
gwp: [AR6]
boundary: Cradle to gate
exempted: {percent: 1e0, reason: Small auxiliaries}
carbonContents: {fossilCarbonContent: 0}
packagingEmissionsIncluded: false
coveredQuantity: 1200000
comment: null
inputs:
  - id: grid
    kind: factor
    name: Grid electricity
    stage: mainProduction
    per: period
    known: measured
    quantity: 24000.5000
    unit: megawatt hour
    factor:
      name: Grid mix
      unit: kilowatt hour
      components: {fossilGhgEmissions: 0.300000000000001}
      source: {name: Some table, version: 2024}
      year: 2023
      geography: NO
      primary: true
  - id: losses
    kind: direct
    name: Solvent burnt
    stage: mainProduction
    known: calculated
    emissions: {fossilGhgEmissions: 5.1e-2}
  - id: cathode
    kind: passport
    name: Cathode material
    stage: rawMaterialAcquisition
    known: measured
    quantity: '0.31'
    unit: kilogram
    product: https://kathode.example/products/c1
"""


def as_json(text: str = EXAMPLE) -> dict[str, Any]:
    """The inventory of a YAML text, as JSON values."""
    return read_inventory_bytes(text.encode(), name="example.yaml").inventory.to_json()


def problem_of(text: str | bytes, name: str = "x.yaml") -> DocumentError:
    """The one error that a file gives; if it has several problems, the only one of them."""
    data = text if isinstance(text, bytes) else text.encode()
    with pytest.raises(DocumentError) as caught:
        read_inventory_bytes(data, name=name)
    if isinstance(caught.value, InventoryError):
        assert len(caught.value.problems) == 1, str(caught.value)
    return caught.value


def changed(old: str, new: str) -> str:
    """The example with one thing changed."""
    assert EXAMPLE.count(old) == 1, f"{old!r} stands {EXAMPLE.count(old)} times in the example"
    return EXAMPLE.replace(old, new)


def test_the_example_says_what_it_says() -> None:
    file = read_inventory_bytes(EXAMPLE.encode(), name="cells/cell.yaml")
    inventory = file.inventory
    assert (inventory.country, inventory.product.names["no"]) == ("NO", "Battericelle")
    assert inventory.product.batch_number == "007"
    assert inventory.product.granularity is Granularity.BATCH
    assert inventory.mass_per_declared_unit == Decimal("0.95")
    assert inventory.exempted.percent == 1
    assert inventory.period.start == datetime(2025, 1, 1, tzinfo=UTC)
    assert inventory.period.end == datetime(2026, 1, 1, tzinfo=UTC)
    assert inventory.packaging_emissions_included is False
    assert inventory.comment is None
    grid, losses, cathode = inventory.inputs
    assert isinstance(grid, FactorInput)
    assert isinstance(losses, DirectInput)
    assert isinstance(cathode, PassportInput)
    assert (grid.quantity, grid.unit, grid.per) == (Decimal("24000.5"), Unit.MEGAWATT_HOUR, Per.PERIOD)
    assert grid.factor.components == {"fossilGhgEmissions": Decimal("0.300000000000001")}
    assert (grid.factor.year, grid.factor.primary, grid.factor.source.version) == (2023, True, "2024")
    assert losses.emissions == {"fossilGhgEmissions": Decimal("0.051")}
    assert cathode.quantity == Decimal("0.31")
    assert file.path == Path("cells/cell.yaml")
    assert file.digest == digest_of(EXAMPLE.encode())


def test_places_are_the_lines_of_the_file() -> None:
    positions = read_inventory_bytes(EXAMPLE.encode(), name="cell.yaml").positions
    assert EXAMPLE.splitlines()[34 - 1].strip() == "quantity: 24000.5000"
    assert positions.where("inputs", 0, "quantity") == "cell.yaml:34: inputs[0].quantity"
    assert positions.line("inputs", 2) == 50
    assert positions.line("inputs", 2, "digest") == 50  # not in the file: the input it would be in
    assert positions.line("product", "names", "zh") == 6
    assert positions.line() == 1


def test_json_and_yaml_say_the_same() -> None:
    document = as_json()
    pretty = json.dumps(document, indent=1, ensure_ascii=False).encode()
    escaped = json.dumps(document).encode()
    yaml = read_inventory_bytes(EXAMPLE.encode(), name="example.yaml").inventory
    assert read_inventory_bytes(pretty, name="example.json").inventory == yaml
    assert read_inventory_bytes(escaped, name="example.json").inventory == yaml
    assert read_inventory_bytes(pretty, name="example.yaml").inventory == yaml  # JSON is YAML, nearly


def test_the_format_is_that_of_the_suffix_or_else_of_the_first_character() -> None:
    document = json.dumps(as_json()).encode()
    for name, data in (
        ("a.JSON", document),
        ("a", b"\n " + document),
        ("a.txt", EXAMPLE.encode()),
        ("b.yml", document),
    ):
        assert read_inventory_bytes(data, name=name).inventory.country == "NO"
    assert read_inventory_bytes(EXAMPLE.encode(), name="a.json", file_format="yaml").inventory.country == "NO"
    assert problem_of(EXAMPLE, "a.json").message == "not JSON"


def test_a_byte_order_mark_and_windows_line_ends_do_no_harm() -> None:
    windows = b"\xef\xbb\xbf" + EXAMPLE.replace("\n", "\r\n").encode()
    plain = read_inventory_bytes(EXAMPLE.encode(), name="a.yaml")
    file = read_inventory_bytes(windows, name="a.yaml")
    assert file.inventory == plain.inventory
    assert file.positions.line("inputs", 2) == 50
    assert file.digest != plain.digest


def test_json_numbers_keep_their_digits() -> None:
    text = json.dumps(as_json()).replace('"0.300000000000001"', "0.30000000000000100")
    text = text.replace('"24000.5"', "240005e-1").replace('"1200000"', "1200000")
    inventory = read_inventory_bytes(text.encode(), name="a.json").inventory
    assert inventory == read_inventory_bytes(EXAMPLE.encode(), name="a.yaml").inventory


def test_text_beyond_the_basic_plane_comes_through_json_escapes() -> None:
    document = as_json() | {"comment": "battery \U0001f50b"}
    text = json.dumps(document)
    assert "\\ud83d\\udd0b" in text
    assert read_inventory_bytes(text.encode(), name="a.json").inventory.comment == "battery \U0001f50b"


# What stands in a file that cannot be read at all: name, file name, bytes, where, message, found, hint.
UNREADABLE: list[tuple[str, str, bytes, str, str, str | None, str | None]] = [
    ("empty", "x.yaml", b"", "x.yaml", "the file is empty", None, None),
    ("only space", "x.json", b" \n\t", "x.json", "the file is empty", None, None),
    ("only a comment", "x.yaml", b"# nothing\n", "x.yaml", "the file is empty", None, None),
    ("utf-16", "x.yaml", "format: x".encode("utf-16"), "x.yaml:1", "not UTF-8", "byte 0xff", "encoding UTF-8"),
    ("latin-1", "x.yaml", b"a: 1\nb: caf\xe9\n", "x.yaml:2", "not UTF-8", "byte 0xe9", "encoding UTF-8"),
    ("utf-8 cut short", "x.yaml", b"a: \xe4\xb8", "x.yaml:1", "not UTF-8", "byte 0xe4", "encoding UTF-8"),
    ("NUL", "x.yaml", b"a: 1\nb: \x00", "x.yaml:2", "a character that text does not have", "U+0000", None),
    ("escape", "x.json", b'{"a":\n"\x1b[2J"}', "x.json:2", "a character that text does not have", "U+001B", None),
    (
        "escaped NUL, json",
        "x.json",
        b'{"a":\n"\\u0000"}',
        "x.json:2",
        "a character that text does not have",
        "U+0000",
        None,
    ),
    ("escaped NUL, yaml", "x.yaml", b'a:\n  "\\0"', "x.yaml:2", "a character that text does not have", "U+0000", None),
    ("half a pair", "x.json", b'{"a": "\\ud83d"}', "x.json:1", "a character that text does not have", "U+D83D", None),
    (
        "two documents",
        "x.yaml",
        b"a: 1\n---\nb: 2\n",
        "x.yaml:2",
        "more than one document in a file",
        "a second",
        "`---`",
    ),
    ("anchor", "x.yaml", b"a: 1\nb: &c 2\n", "x.yaml:2", "anchors and aliases are not read", "&c", "in quotes"),
    ("alias", "x.yaml", b"a: *b\n", "x.yaml:1", "anchors and aliases are not read", "*b", "in quotes"),
    ("tag", "x.yaml", b"a: !!python/name:os.system\n", "x.yaml:1", "tags are not read", "os.system", "in quotes"),
    ("own tag", "x.yaml", b"a: !secret 1\n", "x.yaml:1", "tags are not read", "!secret", "in quotes"),
    ("tab", "x.yaml", b"a:\n\tb: 1\n", "x.yaml:2", "not YAML", "cannot start any token", "never with tabs"),
    ("colon", "x.yaml", b"a: 1\nb: c: d\n", "x.yaml:2", "not YAML", "mapping values", "quote text"),
    (
        "bracket left open",
        "x.yaml",
        b"a: [1, 2\nb: 3\n",
        "x.yaml:2",
        "not YAML",
        "parsing a flow sequence",
        "quote text",
    ),
    (
        "name twice, yaml",
        "x.yaml",
        b"a: 1\nb: 2\na: 3\n",
        "x.yaml:3",
        "the name 'a' stands twice",
        "lines 1 and 3",
        None,
    ),
    (
        "name twice, json",
        "x.json",
        b'{"a": 1,\n"\\u0061": 2}',
        "x.json:2",
        "the name 'a' stands twice",
        "lines 1 and 2",
        None,
    ),
    ("list as name", "x.yaml", b"? [a]\n: 1\n", "x.yaml:1", "a name is a list or a mapping", None, None),
    ("cut short", "x.json", b'{"a":\n[1,', "x.json:2", "the file ends too early", "end of the file", "complete"),
    ("cut in text", "x.json", b'{"a": "bcd', "x.json:1", "not JSON", "'\"'", "complete"),
    ("NaN", "x.json", b'{"a": NaN}', "x.json:1", "not JSON", "'NaN'", "`missing`"),
    ("-Infinity", "x.json", b'{"a": -Infinity}', "x.json:1", "not JSON", "'-Infinity'", "`missing`"),
    ("comma at the end", "x.json", b'{"a": [1,]}', "x.json:1", "not JSON", "']'", "no comma"),
    ("no comma", "x.json", b'{"a": 1\n"b": 2}', "x.json:2", "not JSON", "'\"b\"'", None),
    ("comment", "x.json", b'// mine\n{"a": 1}', "x.json:1", "not JSON", "'//'", "YAML has"),
    ("single quotes", "x.json", b"{'a': 1}", "x.json:1", "not JSON", "'a'", "double quotes"),
    ("leading zero", "x.json", b'{"a": 01}', "x.json:1", "not JSON", "'01'", "leading zeros"),
    ("more after the end", "x.json", b'{"a": 1}\n{"b": 2}', "x.json:2", "not JSON", "'{'", None),
    ("bad escape", "x.json", b'{"a": "\\x41"}', "x.json:1", "not JSON text", "escape", None),
    ("other brackets", "x.json", b'{"a": [1}', "x.json:1", "not JSON", "'}'", None),
]


@pytest.mark.parametrize(
    ("name", "data", "where", "message", "found", "hint"), [c[1:] for c in UNREADABLE], ids=[c[0] for c in UNREADABLE]
)
def test_a_file_that_cannot_be_read(
    name: str, data: bytes, where: str, message: str, found: str | None, hint: str | None
) -> None:
    error = problem_of(data, name)
    assert (error.where, error.message) == (where, message)
    assert found is None or found in str(error.found)
    assert hint is None or hint in str(error.hint)


@pytest.mark.parametrize("name", ["x.json", "x.yaml"])
def test_nesting_is_bounded(name: str) -> None:
    deepest = "[\n" * MAX_DEPTH + "]" * MAX_DEPTH
    assert problem_of(deepest, name).message == "not an inventory"
    for depth in (MAX_DEPTH + 1, 100_000):
        error = problem_of("[\n" * depth + "]" * depth, name)
        assert isinstance(error, BoundError)
        assert (error.where, error.message) == (f"{name}:{MAX_DEPTH + 1}", "too deeply nested")


@pytest.mark.parametrize("name", ["x.json", "x.yaml"])
def test_numbers_of_entries_and_values_are_bounded(name: str) -> None:
    error = problem_of("[" + "1," * MAX_ENTRIES + "1]", name)
    assert isinstance(error, BoundError)
    assert (error.message, error.expected) == ("too many entries in one list or mapping", "at most 10000")
    row = "[" + "[]," * 9_999 + "[]]"
    error = problem_of("[" + f"{row}," * 50 + "[]]", name)
    assert isinstance(error, BoundError)
    assert (error.message, error.expected) == ("too many values", "at most 500000")


def test_size_is_bounded() -> None:
    filling = b"#" * (MAX_FILE_BYTES - len(EXAMPLE.encode()))
    assert read_inventory_bytes(EXAMPLE.encode() + filling, name="x.yaml").inventory.country == "NO"
    error = problem_of(EXAMPLE.encode() + filling + b"#", "x.yaml")
    assert isinstance(error, BoundError)
    assert (error.message, error.expected) == ("the file is too large", "at most 16 MiB")


WRONG: list[dict[str, str]] = yaml.safe_load((Path(__file__).parent / "wrong_inventories.yaml").read_text("utf-8"))


@pytest.mark.parametrize("case", WRONG, ids=[case["case"] for case in WRONG])
def test_a_file_with_one_thing_wrong(case: dict[str, str]) -> None:
    error = problem_of(changed(case["old"], case["new"].replace("{2001 letters}", "x" * 2001)))
    assert isinstance(error, SchemaError)
    assert error.where == case["where"]
    assert error.message.startswith(case["message"])
    for fact in ("expected", "found", "hint"):
        assert case.get(fact, "") in str(getattr(error, fact))


# JSON knows kinds of values, and a value of the wrong kind is not bent into the right one.
WRONG_KINDS: list[tuple[str, Any, str, str, str]] = [
    ("boundary", 12, "boundary", "text", "'12'"),
    ("boundary", True, "boundary", "text", "'true'"),
    ("packagingEmissionsIncluded", 1, "packagingEmissionsIncluded", "true or false", "'1'"),
    ("packagingEmissionsIncluded", "true", "packagingEmissionsIncluded", "true or false", "'true'"),
    ("declaredAmount", True, "declaredAmount", "a number", "'true'"),
    ("ledgerCeiling", {"amount": 1, "minimumBatch": True}, "ledgerCeiling.minimumBatch", "a whole number", "'true'"),
    ("ledgerCeiling", {"amount": 1, "minimumBatch": "7"}, "ledgerCeiling.minimumBatch", "a whole number", "'7'"),
    ("ledgerCeiling", {"amount": 1, "minimumBatch": 7.0}, "ledgerCeiling.minimumBatch", "a whole number", "'7.0'"),
    ("country", None, "country", "text", "'null'"),
    ("standards", [1], "standards[0]", "text", "'1'"),
]


@pytest.mark.parametrize(("field", "given_value", "path", "expected", "found"), WRONG_KINDS)
def test_a_json_value_of_the_wrong_kind(field: str, given_value: Any, path: str, expected: str, found: str) -> None:
    error = problem_of(json.dumps(as_json() | {field: given_value}), "x.json")
    assert (error.where, error.expected, error.found) == (f"x.json:1: {path}", expected, found)


@pytest.mark.parametrize(
    ("name", "text"), [("x.yaml", "- 1\n"), ("x.yaml", "hello"), ("x.json", '"a"'), ("x.json", "[]")]
)
def test_a_file_without_fields(name: str, text: str) -> None:
    error = problem_of(text, name)
    assert (error.where, error.message, error.expected) == (f"{name}:1", "not an inventory", "a mapping of fields")


def test_all_problems_are_told_at_once_in_the_order_of_the_file() -> None:
    text = changed("country: NO", "country: norway").replace("unit: kilogram", "unti: kilogram")
    text = text.replace("year: 2023", "year: last").replace("5.1e-2", "5.1.2")
    with pytest.raises(InventoryError) as caught:
        read_inventory_bytes(text.encode(), name="x.yaml")
    assert [problem.where for problem in caught.value.problems] == [
        "x.yaml:17: country",
        "x.yaml:41: inputs[0].factor.year",
        "x.yaml:49: inputs[1].emissions.fossilGhgEmissions",
        "x.yaml:50: inputs[2].unit",
        "x.yaml:56: inputs[2].unti",
    ]
    lines = str(caught.value).splitlines()
    assert lines[0] == "5 problems:"
    assert lines[1:] == [f"  {problem}" for problem in caught.value.problems]


def test_a_long_list_of_problems_is_cut_in_the_message_only() -> None:
    text = changed("standards: [ISO14067, PACT-3.0]", f"standards: [{'[], ' * 30}]")
    with pytest.raises(InventoryError) as caught:
        read_inventory_bytes(text.encode(), name="x.yaml")
    assert len(caught.value.problems) == 30
    assert len(str(caught.value).splitlines()) == MAX_LISTED + 2
    assert str(caught.value).endswith("... and 10 more")


def test_files_and_directories_are_read_in_order(tmp_path: Path) -> None:
    names = ["b/two.yml", "a.yaml", "b/one.json", "c.yaml"]
    for name in (*names, ".hidden.yaml", ".git/x.yaml"):
        path = tmp_path / name
        path.parent.mkdir(exist_ok=True)
        path.write_text(json.dumps(as_json()) if name.endswith("json") else EXAMPLE, encoding="utf-8")
    (tmp_path / "notes.txt").write_text("not an inventory", encoding="utf-8")
    read = read_inventories([tmp_path / "c.yaml", str(tmp_path)])
    assert [file.path.relative_to(tmp_path).as_posix() for file in read] == [
        "c.yaml",
        "a.yaml",
        "b/one.json",
        "b/two.yml",
    ]
    assert all(isinstance(file, InventoryFile) and file.inventory.country == "NO" for file in read)


def test_problems_of_several_files_are_told_at_once(tmp_path: Path) -> None:
    (tmp_path / "a.yaml").write_text(changed("country: NO", "country: no"), encoding="utf-8")
    (tmp_path / "b.json").write_text('{"format": ', encoding="utf-8")
    (tmp_path / "c.yaml").write_text(EXAMPLE, encoding="utf-8")
    with pytest.raises(InventoryError) as caught:
        read_inventories([tmp_path])
    assert [problem.where for problem in caught.value.problems] == [
        f"{tmp_path / 'a.yaml'}:17: country",
        f"{tmp_path / 'b.json'}:1",
    ]


def test_a_directory_without_inventories_is_named(tmp_path: Path) -> None:
    (tmp_path / "notes.txt").write_text("x", encoding="utf-8")
    with pytest.raises(DocumentError) as caught:
        read_inventories([tmp_path])
    assert (caught.value.where, caught.value.message) == (str(tmp_path), "a directory without inventories")
    assert caught.value.expected == "files that end in .json, .yaml, .yml"


def test_what_is_not_a_file_is_named(tmp_path: Path) -> None:
    absent = tmp_path / "absent.yaml"
    for path, found in ((absent, "No such file or directory"), (tmp_path, "Is a directory")):
        with pytest.raises(DocumentError) as caught:
            read_inventory(path)
        assert (caught.value.where, caught.value.message, caught.value.found) == (str(path), "cannot be read", found)
    with pytest.raises(DocumentError, match=r"cannot be read.*null"):
        read_inventory("a\0b")


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="no named pipes on this system")
def test_a_named_pipe_is_refused_without_waiting(tmp_path: Path) -> None:
    pipe = tmp_path / "pipe.yaml"
    os.mkfifo(pipe)
    with pytest.raises(DocumentError, match="not a file"):
        read_inventory(pipe)


def test_values_know_the_model_behind_each_mapping() -> None:
    values = to_values(read_yaml(EXAMPLE, name="x"), Inventory)
    assert values.misfits == {}
    assert values.models[()] is Inventory
    assert values.models[("inputs", 1)] is DirectInput
    assert values.models[("inputs", 2)] is PassportInput


def refusal(read: Callable[[], object]) -> DocumentError | None:
    """The error with which something is refused, if it is."""
    try:
        read()
    except DocumentError as error:
        return error
    return None


def plain(node: Node) -> Any:
    """The values of located JSON, as the standard library would give them."""
    if isinstance(node, Mapping):
        return {name: plain(entry) for name, entry in node.entries.items()}
    if isinstance(node, Listing):
        return [plain(entry) for entry in node.items]
    assert isinstance(node, Scalar)
    return node.text if node.style is Style.QUOTED else json.loads(node.text)


TEXTS = st.text(st.characters(exclude_categories=["Cs", "Cc"], exclude_characters="\ufffe\uffff"), max_size=8)
VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | TEXTS,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(TEXTS, inner, max_size=4),
    max_leaves=20,
)


@given(VALUES, st.sampled_from([None, 1, "\t"]), st.booleans())
def test_json_is_read_as_the_standard_library_reads_it(value: Any, indent: int | str | None, escaped: bool) -> None:
    text = json.dumps(value, indent=indent, ensure_ascii=escaped)
    assert plain(read_json(text, name="x")) == value


@given(st.text(st.sampled_from('{}[],:"\\ \n\t0123456789.eE+-truefalsnulNaN/u'), max_size=30))
def test_what_the_standard_library_refuses_is_refused(text: str) -> None:
    def refuse(constant: str) -> None:
        raise ValueError(constant)

    try:
        expected = json.loads(text, parse_constant=refuse, parse_float=Decimal)
    except ValueError:
        with pytest.raises(DocumentError):
            read_json(text, name="x")
        return
    refused = refusal(lambda: read_json(text, name="x"))
    if refused is None:
        assert plain(read_json(text, name="x")) == json.loads(text)
    else:  # what the standard library lets pass and we do not
        assert "twice" in refused.message or "character" in refused.message, (text, str(refused), expected)


@given(
    st.integers(0, len(EXAMPLE)),
    st.integers(0, 60),
    st.text(max_size=6) | st.sampled_from(["- ", "\t", "}", "&a ", "? "]),
)
def test_no_change_of_a_yaml_file_makes_it_crash(start: int, length: int, put: str) -> None:
    judged(EXAMPLE[:start] + put + EXAMPLE[start + length :], "x.yaml")


DOCUMENT = json.dumps(as_json())


@given(
    st.integers(0, len(DOCUMENT)),
    st.integers(0, 60),
    st.text(max_size=6) | st.sampled_from(["{}", "[", "null", "-1e400", '"']),
)
def test_no_change_of_a_json_file_makes_it_crash(start: int, length: int, put: str) -> None:
    judged(DOCUMENT[:start] + put + DOCUMENT[start + length :], "x.json")


@given(st.binary(max_size=60), st.sampled_from(["x.json", "x.yaml", "x"]))
def test_no_bytes_make_it_crash(data: bytes, name: str) -> None:
    with pytest.raises(DocumentError):
        read_inventory_bytes(data, name=name)


def judged(text: str, name: str) -> None:
    """A changed file is an inventory that says so again when written, or is refused with a place and a sentence."""
    data = text.encode("utf-8", "surrogatepass")
    refused = refusal(lambda: read_inventory_bytes(data, name=name))
    if refused is None:
        inventory = read_inventory_bytes(data, name=name).inventory
        again = json.dumps(inventory.to_json()).encode()
        assert read_inventory_bytes(again, name="x.json").inventory == inventory
    else:
        for problem in getattr(refused, "problems", (refused,)):
            assert str(problem.where).startswith(name)
            assert problem.message
