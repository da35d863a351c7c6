"""Whether contents and inventories follow the profile that they name.

1. Each attribute of the profile stands in its set and has its shape; those that are required are there.
2. Figures that follow from each other do: the parts of the stated footprint and the whole, and others it names.
3. A performance class is one of a table that applies, and the one that follows from the stated footprint.
4. A later life links to the passports of former ones, or says why there are none.
5. The declared unit is one of the profile's, and inputs lie within those of its stages that the passport computes.

What is not shown is not judged: a reader who may see some sets judges those.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from datetime import date
from typing import TYPE_CHECKING, Any, get_args

from passport.model.content import PROFILE_ATTRIBUTE, PROFILE_SET, SetName
from passport.model.profile import Attribute, Profile
from passport.model.profile_figures import misfits_of_figures
from passport.model.profile_fit import Misfit, misfits_of, shown
from passport.model.profile_rules import PerformanceClasses, SecondLife
from passport.model.profile_shape import words_of
from passport.model.quantity import read_quantity

if TYPE_CHECKING:
    from passport.model.inventory import Inventory

Sets = Mapping[str, Mapping[str, Any]]


def profile_of(sets: Sets) -> str | None:
    """The name of the profile that contents say they follow; None where they say nothing.

    Args:
        sets: Attributes and values by set, as shown to a reader.
    """
    named = sets.get(PROFILE_SET, {}).get(PROFILE_ATTRIBUTE)
    return named if isinstance(named, str) or named is None else shown(named)


def misfits_of_contents(
    profile: Profile, sets: Sets, *, granularity: str, at: date, has_former: bool | None = None
) -> list[Misfit]:
    """What of the contents that are shown does not follow a profile.

    Args:
        profile: The profile.
        sets: Attributes and values by set; a set that is not there is not judged.
        granularity: Of the passport: model, batch or item.
        at: The day that counts: performance classes are those of that day, and nothing past lies after it.
        has_former: Whether the passport links to former lives; None where that is not known.
    """
    return list(_misfits(profile, sets, granularity, at, has_former))


def misfits_of_frame(
    profile: Profile, *, declared_unit: str, role_map: str | None, stages: Iterable[tuple[str, str]]
) -> list[Misfit]:
    """What of a passport around its contents does not follow a profile.

    Args:
        profile: The profile.
        declared_unit: Of the passport.
        role_map: That its content sets name; None without any.
        stages: Of inputs and rows, each with its place: as many as are known.
    """
    found = []
    units = [str(unit) for unit in profile.declared_units]
    if units and declared_unit not in units:
        found.append(Misfit("declaredUnit", "not a unit of the profile", f"one of {', '.join(units)}", declared_unit))
    inside = [str(stage) for each in profile.stages for stage in each.stages]
    for where, stage in stages:
        if inside and stage not in inside:
            message = "a stage outside the profile, or beyond the gate, where the passport's total ends"
            found.append(Misfit(where, message, f"one of {', '.join(inside)}", stage))
    if role_map is not None and role_map != profile.role_map:
        found.append(Misfit("roleMap", "another role map", profile.role_map, role_map))
    return found


def outside_profile(profile: Profile, sets: Sets) -> list[str]:
    """Attributes that a profile says nothing of: they may be stated, and nobody judges them."""
    return [
        name for values in sets.values() for name in values if name != PROFILE_ATTRIBUTE and not profile.attribute(name)
    ]


def misfits_of_inventory(profile: Profile, inventory: Inventory, *, at: date) -> list[Misfit]:
    """What of an inventory does not follow a profile.

    Args:
        profile: The profile that it names, or is to be held against.
        inventory: The issuer's account.
        at: The day whose performance classes count.
    """
    staged = [(f"input {each.id}", str(each.stage)) for each in inventory.all_inputs if each.kind != "internal"]
    staged += [(f"missing {each.name}", str(each.stage)) for each in inventory.missing]
    content = inventory.content_sets
    frame = misfits_of_frame(
        profile,
        declared_unit=str(inventory.declared_unit),
        role_map=content.role_map if content is not None else None,
        stages=staged,
    )
    return frame + misfits_of_contents(
        profile,
        stated_sets(inventory),
        granularity=str(inventory.product.granularity),
        at=at,
        has_former=inventory.links is not None and bool(inventory.links.former),
    )


def stated_sets(inventory: Inventory) -> Sets:
    """All sets of an inventory's contents, those with nothing in them included."""
    content = inventory.content_sets
    if content is None:
        return {name: {} for name in get_args(SetName)}
    return {name: content.values_of(name) for name in content.set_names}


def _misfits(profile: Profile, sets: Sets, granularity: str, at: date, has_former: bool | None) -> Iterator[Misfit]:
    # 1. Places and shapes of values, and what is lacking.
    values = {name: value for stated in sets.values() for name, value in stated.items()}
    for attribute in profile.attributes:
        yield from _misfits_of_attribute(attribute, sets, values, granularity, at)
    # 2. The footprint and its parts, and whatever else follows.
    yield from misfits_of_figures(profile, values)
    # 3. The performance class.
    classes = profile.performance_classes
    if classes is not None and classes.attribute in values:
        yield from _misfits_of_class(classes, values, at)
    # 4. Former lives.
    if profile.second_life is not None and has_former is not None:
        yield from _misfits_of_life(profile.second_life, values, is_linked=has_former)


def _misfits_of_attribute(
    attribute: Attribute, sets: Sets, values: Mapping[str, Any], granularity: str, at_day: date
) -> Iterator[Misfit]:
    at = next((name for name, stated in sets.items() if attribute.name in stated), None)
    where = f"set {attribute.set}: {attribute.name}"
    if at is None:
        if attribute.set in sets and _is_required(attribute, values, granularity):
            yield Misfit(where, f"missing, by {attribute.asked_by}", words_of(attribute.value), "nothing")
    elif at != attribute.set:
        yield Misfit(f"set {at}: {attribute.name}", "in the wrong set", f"set {attribute.set}", f"set {at}")
    else:
        yield from misfits_of(attribute.value, values[attribute.name], where, at=at_day)


def _is_required(attribute: Attribute, values: Mapping[str, Any], granularity: str) -> bool:
    if granularity not in attribute.required:
        return False
    return attribute.when is None or values.get(attribute.when.attribute) in attribute.when.values


def _misfits_of_life(rule: SecondLife, values: Mapping[str, Any], *, is_linked: bool) -> Iterator[Misfit]:
    """A later life is linked to former ones or says why not; a first one is linked to none."""
    life, absent = values.get(rule.attribute), values.get(rule.absent)
    if life in rule.later and not is_linked and absent is None:
        expected = f"links to the passports of former lives, or {rule.absent}"
        yield Misfit("links.former", f"a later life without a former one, by {rule.source}", expected, shown(life))
    if life in rule.first and is_linked:
        yield Misfit(rule.attribute, "a first life with former ones", f"one of {', '.join(rule.later)}", shown(life))
    if absent is not None and (is_linked or life in rule.first):
        found = "links to former lives" if is_linked else f"{rule.attribute} {shown(life)}"
        yield Misfit(rule.absent, "a reason for what is not so", "nothing: leave it out", found)


def _misfits_of_class(classes: PerformanceClasses, values: Mapping[str, Any], at: date) -> Iterator[Misfit]:
    where, stated = classes.attribute, values[classes.attribute]
    kind, amount = values.get(classes.kind), read_quantity(values.get(classes.amount))
    if not isinstance(kind, str) or amount is None:
        yield Misfit(where, "a class of nothing", f"{classes.kind} and {classes.amount} beside it", shown(stated))
        return
    table = classes.table_of(kind, at)
    if table is None:
        yield Misfit(
            where,
            f"no classes apply to {shown(kind)} on {at}, as known on {classes.as_of}: {classes.statement.en}",
            "nothing: leave it out",
            shown(stated),
        )
    elif amount.unit != table.unit:
        yield Misfit(where, "the classes are of another unit", table.unit, amount.unit)
    else:
        right = next(each.name for each in table.classes if each.up_to is None or amount.amount <= each.up_to)
        if stated != right:
            yield Misfit(where, f"not the class that {classes.amount} is in, by {table.source}", right, shown(stated))
