"""Whether contents and inventories follow the profile that they name.

1. Each attribute of the profile stands in its set and has its shape; those that are required are there.
2. The parts of the stated footprint are one for each stage, and add up to the whole within the digits given.
3. A performance class is one of a table that applies, and the one that follows from the stated footprint.
4. An inventory's declared unit is one of the profile's, and its inputs lie within the profile's stages.

What is not shown is not judged: a reader who may see some sets judges those.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import date
from decimal import Decimal
from typing import TYPE_CHECKING, Any, get_args

from passport.model.content import PROFILE_ATTRIBUTE, PROFILE_SET, SetName
from passport.model.profile import Attribute, FootprintAttributes, PerformanceClasses, Profile
from passport.model.profile_shape import ListShape, Misfit, misfits_of, read_quantity, shown, words_of

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


def misfits_of_contents(profile: Profile, sets: Sets, *, granularity: str, at: date) -> list[Misfit]:
    """What of the contents that are shown does not follow a profile.

    Args:
        profile: The profile.
        sets: Attributes and values by set; a set that is not there is not judged.
        granularity: Of the passport: model, batch or item.
        at: The day whose performance classes count.
    """
    return list(_misfits(profile, sets, granularity, at))


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
    found = []
    units = [str(unit) for unit in profile.declared_units]
    if units and str(inventory.declared_unit) not in units:
        expected = f"one of {', '.join(units)}"
        found.append(Misfit("declaredUnit", "not a unit of the profile", expected, str(inventory.declared_unit)))
    stages = [str(stage) for each in profile.stages for stage in each.stages]
    staged = [(f"input {each.id}", each.stage) for each in inventory.all_inputs if each.kind != "internal"]
    staged += [(f"missing {each.name}", each.stage) for each in inventory.missing]
    for where, stage in staged:
        if stages and str(stage) not in stages:
            found.append(Misfit(where, "a stage outside the profile", f"one of {', '.join(stages)}", str(stage)))
    content = inventory.content_sets
    if content is not None and content.role_map != profile.role_map:
        found.append(Misfit("roleMap", "another role map", profile.role_map, content.role_map))
    return found + misfits_of_contents(
        profile, stated_sets(inventory), granularity=str(inventory.product.granularity), at=at
    )


def stated_sets(inventory: Inventory) -> Sets:
    """All sets of an inventory's contents, those with nothing in them included."""
    content = inventory.content_sets
    if content is None:
        return {name: {} for name in get_args(SetName)}
    return {name: content.values_of(name) for name in content.set_names}


def _misfits(profile: Profile, sets: Sets, granularity: str, at: date) -> Iterator[Misfit]:
    # 1. Places and shapes of values, and what is lacking.
    values = {name: value for stated in sets.values() for name, value in stated.items()}
    for attribute in profile.attributes:
        yield from _misfits_of_attribute(attribute, sets, values, granularity)
    # 2. The footprint and its parts.
    if profile.footprint is not None and profile.footprint.whole in values and profile.footprint.parts in values:
        yield from _misfits_of_footprint(profile, profile.footprint, values)
    # 3. The performance class.
    classes = profile.performance_classes
    if classes is not None and classes.attribute in values:
        yield from _misfits_of_class(classes, values, at)


def _misfits_of_attribute(
    attribute: Attribute, sets: Sets, values: Mapping[str, Any], granularity: str
) -> Iterator[Misfit]:
    at = next((name for name, stated in sets.items() if attribute.name in stated), None)
    where = f"set {attribute.set}: {attribute.name}"
    if at is None:
        if attribute.set in sets and _is_required(attribute, values, granularity):
            yield Misfit(where, f"missing, by {attribute.source}", words_of(attribute.value), "nothing")
    elif at != attribute.set:
        yield Misfit(f"set {at}: {attribute.name}", "in the wrong set", f"set {attribute.set}", f"set {at}")
    else:
        yield from misfits_of(attribute.value, values[attribute.name], where)


def _is_required(attribute: Attribute, values: Mapping[str, Any], granularity: str) -> bool:
    if granularity not in attribute.required:
        return False
    return attribute.when is None or values.get(attribute.when.attribute) in attribute.when.values


def _misfits_of_footprint(profile: Profile, stated: FootprintAttributes, values: Mapping[str, Any]) -> Iterator[Misfit]:
    """The parts, one for each stage, add up to the whole: each may be off by half a unit of its last digit."""
    attribute, parts, whole = profile.attribute(stated.parts), values[stated.parts], read_quantity(values[stated.whole])
    if attribute is None or not isinstance(attribute.value, ListShape):
        return
    if whole is None or next(misfits_of(attribute.value, parts, stated.parts), None):
        return  # said already
    where = f"set {attribute.set}: {stated.parts}"
    expected, found = [stage.name for stage in profile.stages], [part[stated.stage] for part in parts]
    if sorted(expected) != sorted(found):
        yield Misfit(where, "not each stage once", ", ".join(expected), ", ".join(found))
        return
    read = [quantity for part in parts if (quantity := read_quantity(part[stated.amount])) is not None]
    if any(quantity.unit != whole.unit for quantity in read):
        yield Misfit(where, "parts in another unit than the whole", whole.unit, ", ".join(each.unit for each in read))
        return
    total = sum((quantity.amount for quantity in read), Decimal(0))
    slack = sum((Decimal(5).scaleb(-each.decimals - 1) for each in (*read, whole)), Decimal(0))
    if abs(total - whole.amount) > slack:
        yield Misfit(
            where,
            "the stages do not add up",
            f"{whole.amount} {whole.unit}, by {stated.whole}",
            f"{total} {whole.unit}",
        )


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
