"""Contents of a passport beyond its footprint, in sets that are disclosed by role, as an inventory states them.

A value is text, or lists and objects of text: numbers stand as text with their unit, as people write them down.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Annotated, Any, Literal

from pydantic import AfterValidator, Field, StringConstraints, WithJsonSchema, model_validator

from passport.model.base import DocumentModel
from passport.model.inputs import InputId
from passport.model.role_map import Audience, role_map

MAX_ATTRIBUTES = 1000
MAX_VALUE_DEPTH = 8
MAX_VALUE_TEXTS = 2000
MAX_VALUE_CHARACTERS = 20_000
MAX_AUDIENCE_ROWS = 10_000

AttributeName = Annotated[str, StringConstraints(pattern=r"^[A-Za-z][A-Za-z0-9._-]{0,99}$")]
PROFILE_ATTRIBUTE = "profile"
"""Under this name the first set says which profile a passport's contents follow."""
PROFILE_SET: Literal["1"] = "1"
SetName = Literal["1", "2", "3", "4"]
ProfileName = Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9-]{0,49}/[1-9][0-9]{0,3}$")]
"""A profile and its version: `battery/1`."""


def _texts(value: object, depth: int) -> Iterator[str]:
    """Every text in a value, keys among them, and an empty one for each list and object, which count as well."""
    if isinstance(value, str):
        yield value
        return
    yield ""
    if depth >= MAX_VALUE_DEPTH:
        raise ValueError(f"nested deeper than {MAX_VALUE_DEPTH} lists and objects")
    if isinstance(value, Mapping):
        for name, entry in value.items():
            if not isinstance(name, str):
                raise ValueError("the names of an object's members are texts")
            yield name
            yield from _texts(entry, depth + 1)
    elif isinstance(value, list | tuple):
        for entry in value:
            yield from _texts(entry, depth + 1)
    else:
        kind = "nothing" if value is None else type(value).__name__
        raise ValueError(
            f"text, or lists and objects of text, is expected (a number as text with its unit), found {kind}"
        )


def check_content_value(value: Any) -> Any:
    """Return `value` if it is text, or lists and objects of text, within bounds.

    Raises:
        ValueError: It is not.
    """
    characters = 0
    for number, text in enumerate(_texts(value, 0), start=1):
        characters += len(text)
        if number > MAX_VALUE_TEXTS or characters > MAX_VALUE_CHARACTERS:
            raise ValueError(
                f"more than {MAX_VALUE_TEXTS} texts, lists and objects"
                f" or {MAX_VALUE_CHARACTERS} characters in one value"
            )
    return value


ContentValue = Annotated[
    Any,
    AfterValidator(check_content_value),
    WithJsonSchema(
        {"description": "Text, or lists and objects of text.", "type": ["string", "array", "object"]}, mode="validation"
    ),
]


class ContentSets(DocumentModel):
    """What a passport commits to, set by set, and who may be shown which inputs of its footprint.

    Attributes:
        role_map: Which role may see which set.
        sets: Values of attributes, by set; an attribute stands in one set only.
        row_audiences: For each role, the inputs whose rows it may see.
    """

    role_map: Literal["urn:carbon-passport:role-map:eu-2023-1542-annex-xiii:1"]
    sets: dict[SetName, Annotated[dict[AttributeName, ContentValue], Field(max_length=MAX_ATTRIBUTES)]]
    row_audiences: dict[Audience, Annotated[tuple[InputId, ...], Field(max_length=MAX_AUDIENCE_ROWS)]] = Field(
        default_factory=dict
    )

    @model_validator(mode="after")
    def _each_once(self) -> ContentSets:
        at: dict[str, str] = {}
        for name, attributes in self.sets.items():
            for attribute in attributes:
                if attribute in at:
                    raise ValueError(f"attribute {attribute!r} stands in the sets {at[attribute]} and {name}")
                at[attribute] = name
        for role, inputs in self.row_audiences.items():
            if len(set(inputs)) != len(inputs):
                raise ValueError(f"an input stands twice among the rows for {role}")
        return self

    def following(self, profile: str) -> ContentSets:
        """The same contents, and in the first set the profile that they follow.

        Args:
            profile: Its name.
        """
        first = {**self.values_of(PROFILE_SET), PROFILE_ATTRIBUTE: profile}
        return self.model_copy(update={"sets": {**self.sets, PROFILE_SET: first}})

    def values_of(self, set_name: str) -> Mapping[str, Any]:
        """The attributes of one set of the role map; none where the inventory states none."""
        return next((values for name, values in self.sets.items() if name == set_name), {})

    @property
    def set_names(self) -> tuple[str, ...]:
        """All sets of the role map: each is committed to, so that an empty one does not show."""
        return tuple(role_map(self.role_map).sets)
