"""`passport profile`: what kinds of products state beside their footprint, and whether inventories do."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from cli.exit_codes import ExitCode
from cli.output import plain
from cli.session import Session, command

if TYPE_CHECKING:
    from passport.exchange.inventory_file import InventoryFile
    from passport.model.profile import Attribute, Profile

LIST_EXAMPLES = """\
passport profile list
"""
SHOW_EXAMPLES = """\
passport profile show battery/1
passport profile show battery/1 --json      the profile's file
"""
CHECK_EXAMPLES = """\
passport profile check pack.yaml
passport profile check inventories/ --profile product/1      hold them against another one than they name
"""


@command(workspace=False)
def list_profiles(session: Session) -> None:
    """An inventory names one as `profile: battery/1` beside `contentSets`, and `passport issue` holds it to that."""
    from passport.model.profile import profile, profile_names

    output = session.output
    known = [profile(name) for name in profile_names()]
    for each in known:
        output.result(
            f"{each.name:<16} {each.titles.of(output.language)} ({output.word('profile.as_of', day=each.as_of)})"
        )
    output.document(
        {"profiles": [{"name": each.name, "titles": each.titles.to_json(), "as_of": str(each.as_of)} for each in known]}
    )


@command(workspace=False)
def show(
    session: Session, name: Annotated[str, typer.Argument(help="A profile and its version.", metavar="NAME")]
) -> None:
    """Every attribute with its set, shape and unit, when it is required, what asks for it and how far that is known."""
    from passport.model.profile import profile

    output = session.output
    known = profile(name)
    for line in _head(session, known):
        output.result(line)
    for attribute in known.attributes:
        output.result(_line(session, attribute))
    output.document({"profile": known.to_json()})


@command(workspace=False)
def check(
    session: Session,
    inventories: Annotated[
        list[Path], typer.Argument(help="Inventory files or folders of them.", metavar="INVENTORY...")
    ],
    *,
    profile: Annotated[
        str | None, typer.Option("--profile", help="Hold them against this one.", metavar="NAME")
    ] = None,
) -> None:
    """Exit code 0: all follow their profiles; 1: one does not; 3: one names none, or one that is not known here."""
    from passport.exchange.inventory_file import read_inventories
    from passport.model.profile import profile as known_profile

    if profile is not None:
        known_profile(profile)
    checked = [_check(session, file, profile) for file in read_inventories(inventories)]
    session.output.document({"files": checked})
    outcomes = {each["outcome"] for each in checked}
    if "failed" in outcomes:
        raise typer.Exit(ExitCode.REFUSED)
    if "unknown" in outcomes:
        raise typer.Exit(ExitCode.UNDECIDED)


def _check(session: Session, file: InventoryFile, asked: str | None) -> dict[str, Any]:
    from passport.errors import UsageError
    from passport.model.profile import profile
    from passport.model.profile_check import misfits_of_inventory, outside_profile, stated_sets

    output, inventory = session.output, file.inventory
    name = asked or inventory.profile
    stated: dict[str, Any] = {"file": str(file.path), "profile": name, "outcome": "unknown", "misfits": []}
    stated |= {"outside": [], "reason": None}
    if name is None:
        output.result(output.word("profile.none", file=file.path))
        return stated | {"reason": "the inventory names no profile"}
    try:
        known = profile(name)
    except UsageError as error:
        output.result(f"{plain(file.path)}: {plain(error)}")
        return stated | {"reason": error.message}
    misfits = misfits_of_inventory(known, inventory, at=session.clock().date())
    outside = outside_profile(known, stated_sets(inventory))
    for misfit in misfits:
        output.result(f"  {plain(misfit)}")
    if outside:
        output.remark(output.word("profile.outside", file=file.path, names=", ".join(outside)))
    if misfits:
        output.result(output.word("profile.misfits", file=file.path, count=len(misfits), profile=name))
    else:
        output.result(output.word("profile.follows", file=file.path, profile=name))
    outcome = "failed" if misfits else "passed"
    return stated | {"outcome": outcome, "misfits": [each.to_json() for each in misfits], "outside": outside}


def _head(session: Session, profile: Profile) -> list[str]:
    output = session.output
    language = output.language
    lines = [f"{profile.name}: {profile.titles.of(language)}", profile.description.of(language)]
    lines.append(output.word("profile.as_of", day=profile.as_of))
    if profile.declared_units:
        lines.append(output.word("profile.units", units=", ".join(profile.declared_units)))
    if profile.functional_unit:
        unit = profile.functional_unit
        lines.append(output.word("profile.per", unit=unit.unit, title=unit.titles.of(language)))
    for stage in profile.stages:
        key = "profile.stage" if stage.stages else "profile.beyond"
        stages, title = ", ".join(stage.stages), stage.titles.of(language)
        lines.append(output.word(key, name=stage.name, title=title, stages=stages))
    if profile.footprint:
        stated = profile.footprint
        per = stated.per or output.word("profile.declared")
        lines.append(output.word("profile.compared", whole=stated.whole, parts=stated.parts, per=per))
    if profile.performance_classes:
        classes = profile.performance_classes
        count, day = len(classes.tables), classes.as_of
        lines.append(output.word("profile.classes", count=count, day=day, statement=classes.statement.of(language)))
    lines += [output.word("profile.reading", source=each.source, how=each.how) for each in profile.readings]
    return [*lines, ""]


def _line(session: Session, attribute: Attribute) -> str:
    from passport.model.profile_shape import words_of

    output = session.output
    title = attribute.titles.of(output.language)
    need = output.word("profile.optional")
    if attribute.required:
        need = output.word("profile.required", levels=", ".join(attribute.required))
        if attribute.when:
            values = ", ".join(attribute.when.values)
            need += " " + output.word("profile.when", attribute=attribute.when.attribute, values=values)
    reference = f" [{attribute.reference}]" if attribute.reference else ""
    shape = words_of(attribute.value)
    standing = output.word(f"profile.{attribute.standing}")
    return f"{attribute.set} {attribute.name}: {title}; {shape}; {need}; {attribute.source} ({standing}){reference}"
