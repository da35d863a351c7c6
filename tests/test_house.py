"""The house as a whole: what is public is described, what is shipped is complete, and no machine is named."""

from __future__ import annotations

import ast
import doctest
import importlib
import os
import re
import subprocess
import sys
import tomllib
import zipfile
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
PACKAGES = ("passport", "verifier", "api", "cli", "contracts")
HEAVY = (
    *("alembic", "eth", "fastapi", "sqlalchemy", "starlette", "uvicorn", "web3"),
    *("matplotlib", "numba", "numpy", "pyarrow", "scipy"),
)

# Paths of somebody's machine, and hosts of package indexes (written so that this line is not found itself).
MACHINE_PATH = re.compile(r"(?<![\w.:/>~-])/(?:work|root|home/\w+|Users/\w+)/")
INDEX_HOST = re.compile(r"\b(?:pypi|files\.pythonhosted|registry\.npmjs|registry\.yarnpkg|deb\.debian)\.(?:org|com)\b")

LINK = re.compile(r"\]\(<?([^)#\s>]+)(?:#[^)\s]*)?>?(?: \"[^\"]*\")?\)")


def project_files() -> list[Path]:
    """Every file that is, or is about to be, under version control."""
    command = ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"]
    listed = subprocess.run(command, cwd=ROOT, check=True, capture_output=True).stdout.decode()
    return [path for name in sorted(set(listed.split("\0"))) if name and (path := ROOT / name).is_file()]


def modules() -> list[tuple[str, ast.Module]]:
    """Name and syntax tree of every module of the packages."""
    found = []
    for path in project_files():
        parts = path.relative_to(ROOT).with_suffix("").parts
        if path.suffix == ".py" and parts[0] in PACKAGES:
            name = ".".join(parts[:-1] if parts[-1] == "__init__" else parts)
            found.append((name, ast.parse(path.read_text("utf-8"), str(path))))
    return found


def declared_names(tree: ast.Module) -> list[str] | None:
    """What a module's `__all__` lists, or None when it has none."""
    for node in tree.body:
        targets = (
            node.targets if isinstance(node, ast.Assign) else [node.target] if isinstance(node, ast.AnnAssign) else []
        )
        if any(isinstance(target, ast.Name) and target.id == "__all__" for target in targets):
            names: list[str] = list(ast.literal_eval(node.value))
            return names
    return None


def reexports(tree: ast.Module) -> dict[str, str]:
    """The public names that a package takes from modules of ours, at once or on first use, with the module of each."""
    deferred = [node for node in tree.body if isinstance(node, ast.If) and ast.unparse(node.test) == "TYPE_CHECKING"]
    return {
        alias.asname or alias.name: node.module or ""
        for node in [*tree.body, *(inner for each in deferred for inner in each.body)]
        if isinstance(node, ast.ImportFrom) and (node.level or (node.module or "").split(".")[0] in PACKAGES)
        for alias in node.names
        if not (alias.asname or alias.name).startswith("_") and alias.name != "on_first_use"
    }


def test_every_module_says_what_it_is_for() -> None:
    """A docstring stands at the top of each module, private ones included."""
    found = modules()
    assert {name.split(".")[0] for name, _ in found} == set(PACKAGES)
    assert [name for name, tree in found if not ast.get_docstring(tree)] == []


def test_all_is_true() -> None:
    """`__all__` names what is there, once; a package that has it lists everything it re-exports."""
    wrong = []
    for name, tree in modules():
        listed = declared_names(tree)
        if listed is None:
            continue
        module = importlib.import_module(name)
        wrong += [f"{name}.{public} is not there" for public in listed if not hasattr(module, public)]
        wrong += [f"{name}.{public} is listed twice" for public in set(listed) if listed.count(public) > 1]
        if hasattr(module, "__path__"):
            wrong += [f"{name}.{public} is not in __all__" for public in reexports(tree).keys() - set(listed)]
    assert wrong == []


def test_names_loaded_on_first_use_are_those_that_type_checkers_see() -> None:
    """A package that loads names on first use hands out what its imports for type checkers say, and lists it."""
    packages = [(name, tree) for name, tree in modules() if "on_first_use(" in ast.unparse(tree)]
    packages.remove(next(each for each in packages if each[0] == "passport.first_use"))
    wrong = []
    for name, tree in packages:
        package, stated = importlib.import_module(name), reexports(tree)
        folder = ROOT.joinpath(*name.split("."))
        wrong += [f"{name}.{public} is a module too" for public in stated if (folder / f"{public}.py").exists()]
        wrong += [
            f"{name}.{public} is not that of {module}"
            for public, module in stated.items()
            if getattr(package, public) is not getattr(importlib.import_module(module), public)
        ]
        wrong += [f"dir() of {name} lacks {public}" for public in stated if public not in dir(package)]
        with pytest.raises(AttributeError, match=f"module '{name}' has no attribute 'no_such_name'"):
            _ = package.no_such_name
    assert wrong == []
    assert {name for name, _ in packages} >= {"passport", "passport.credentials", "passport.ledger"}


def test_examples_in_docstrings_run() -> None:
    """What a docstring shows is what happens."""
    named = [name for name, tree in modules() if ">>> " in ast.dump(tree)]
    results = {name: doctest.testmod(importlib.import_module(name), optionflags=doctest.ELLIPSIS) for name in named}
    assert {name: result for name, result in results.items() if result.failed or not result.attempted} == {}
    assert results, "contracts shows how to load one"


@pytest.mark.parametrize(
    "code",
    [
        "import passport",
        "import verifier",
        "import sys; sys.argv = ['passport', '--help']; from cli.main import run; run()",
    ],
    ids=["import passport", "import verifier", "passport --help"],
)
def test_nothing_heavy_is_imported_at_the_top(code: str) -> None:
    """The chain, the database and the web framework are loaded by whoever uses them, not by whoever looks in."""
    # At exit, because the command ends the process by itself; seen from the root of no project.
    report = f"import atexit, sys; atexit.register(lambda: print('heavy:', sorted(set({HEAVY}) & set(sys.modules))))"
    done = subprocess.run(
        [sys.executable, "-W", "error", "-c", f"{report}\n{code}"],
        cwd=ROOT,
        env={**os.environ, "TERM": "dumb"},
        capture_output=True,
        text=True,
        timeout=60,
    )
    assert done.returncode == 0, done.stderr
    assert done.stdout.splitlines()[-1] == "heavy: []"


def test_no_file_names_a_machine_or_an_index() -> None:
    """What is written down holds on every machine and with every index."""
    wrong = []
    for path in project_files():
        try:
            text = path.read_text("utf-8")
        except UnicodeDecodeError:
            continue
        for number, line in enumerate(text.splitlines(), 1):
            found = MACHINE_PATH.search(line) or INDEX_HOST.search(line)
            if found:
                wrong.append(f"{path.relative_to(ROOT)}:{number}: {found[0]}")
    assert wrong == []


@pytest.mark.parametrize(
    "line", ["/ro" + "ot/notes", "open('/ho" + "me/me/x')", "https://pypi" + ".org/simple", '"/wo' + 'rk/a"']
)
def test_the_search_for_machines_finds(line: str) -> None:
    """The patterns above do find what they are for."""
    assert MACHINE_PATH.search(line) or INDEX_HOST.search(line)


@pytest.mark.parametrize("line", ["https://example.com/work/1", "a/root/b", "merkle(root)/size", "~/work/x"])
def test_the_search_for_machines_finds_nothing_else(line: str) -> None:
    """Addresses and relative paths are free to use such words."""
    assert not MACHINE_PATH.search(line)
    assert not INDEX_HOST.search(line)


def links(document: Path) -> set[Path]:
    """The project's files that a Markdown document links to, code blocks left out."""
    text = re.sub(r"^```.*?^```", "", document.read_text("utf-8"), flags=re.DOTALL | re.MULTILINE)
    targets = (match[1] for match in LINK.finditer(text))
    return {(document.parent / target).resolve() for target in targets if not re.match(r"[a-z][a-z0-9+.-]*:", target)}


def documents() -> list[Path]:
    """Every Markdown document of the project."""
    return [path for path in project_files() if path.suffix == ".md"]


def test_every_link_leads_somewhere() -> None:
    """No document links to a file that is not there."""
    broken = [
        f"{document.relative_to(ROOT)} -> {os.path.relpath(target, document.parent)}"
        for document in documents()
        for target in links(document)
        if not target.exists()
    ]
    assert broken == []


def test_every_document_can_be_found_from_the_readme() -> None:
    """Each file in docs/ is linked, directly or over other documents, from README.md."""
    reached: set[Path] = set()
    ahead = [ROOT / "README.md"]
    while ahead:
        document = ahead.pop()
        if document not in reached:
            reached.add(document)
            ahead += [target for target in links(document) if target.suffix == ".md" and target.is_file()]
    reached |= {target for document in reached for target in links(document)}
    unlinked = [path for path in project_files() if path.is_relative_to(ROOT / "docs") and path not in reached]
    assert [str(path.relative_to(ROOT)) for path in unlinked] == []


def test_the_changelog_begins_with_this_version() -> None:
    """The version in pyproject.toml is the newest one described."""
    version = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]["version"]
    newest = re.search(r"^## (\S+)", (ROOT / "CHANGELOG.md").read_text("utf-8"), re.MULTILINE)
    assert newest
    assert newest[1] == version


def test_contributing_names_every_command() -> None:
    """Each target of the Makefile that has a help line is in CONTRIBUTING.md."""
    targets = re.findall(r"^([a-z-]+):.*## ", (ROOT / "Makefile").read_text("utf-8"), re.MULTILINE)
    text = (ROOT / "CONTRIBUTING.md").read_text("utf-8")
    assert "setup-dev" in targets
    assert [target for target in targets if f"make {target}" not in text] == []


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> set[str]:
    """Names of the files in a wheel built from the checkout, offline."""
    folder = tmp_path_factory.mktemp("wheel")
    command = [sys.executable, "-m", "build", "--wheel", "--no-isolation", "--outdir", str(folder), str(ROOT)]
    done = subprocess.run(command, capture_output=True, text=True, timeout=120)
    assert done.returncode == 0, done.stdout + done.stderr
    (built,) = folder.glob("*.whl")
    with zipfile.ZipFile(built) as archive:
        return set(archive.namelist())


def test_the_wheel_holds_the_packages_and_nothing_else(wheel: set[str]) -> None:
    """Every file of the packages is shipped but for what only compiling and testing the contracts needs."""
    ours = {str(path.relative_to(ROOT)) for path in project_files() if path.relative_to(ROOT).parts[0] in PACKAGES}
    tools = ("analyse.py", "build.py", "compile.js", "foundry.toml", "package.json", "package-lock.json", "solc-forge")
    ours -= {f"contracts/{name}" for name in tools}
    ours = {name for name in ours if not name.startswith("contracts/test/")}
    data = [
        path.relative_to(ROOT / "fixtures")
        for path in project_files()
        if path.is_relative_to(ROOT / "fixtures/battery")
    ]
    ours |= {f"cli/demo/{path}" for path in data}
    shipped = {name for name in wheel if not re.match(r"carbon_passport-[^/]+\.dist-info/", name)}
    assert shipped == ours


@pytest.mark.parametrize(
    "pattern",
    [
        *(rf"{package}/py\.typed" for package in PACKAGES),
        r"passport/model/schemas/.+\.json",
        r"contracts/.*\bPassportLog\.json",
        r"contracts/.*\bIssuerRegistry\.json",
        r"cli/demo/battery/companies\.yaml",
        r"cli/demo/battery/inventories/.+\.yaml",
        r"cli/demo/battery/SOURCES\.md",
        r"carbon_passport-.+\.dist-info/licenses/LICENSE",
        r"carbon_passport-.+\.dist-info/entry_points\.txt",
    ],
)
def test_the_wheel_brings_what_a_user_needs(wheel: set[str], pattern: str) -> None:
    """Types, schemas, compiled contracts, the demo's data, the licence and the command are inside."""
    assert any(re.fullmatch(pattern, name) for name in wheel)
