"""One spelling for names that look the same, so that writing one otherwise does not make it another one."""

from __future__ import annotations

import unicodedata

_UNSEEN = "CMZ"
"""Unicode categories of what an eye passes over: controls and formats, marks on letters, blanks."""

_MINUS = "\N{MINUS SIGN}"

_LOOK_ALIKES = str.maketrans(
    "авеѕіјкмнһорстухѵԁԛԝӏαβεζηικμνορτυχ",
    "abesijkmhhopctyxvdqwlabezhikmnoptyx",
)
"""Small Cyrillic and Greek letters whose small or capital form looks like a Latin one, by Unicode's table of
confusables (UTS 39)."""


def plain(text: str) -> str:
    """A text in one case, width and kind of dash, in Latin letters, without blanks and what is not seen.

    Args:
        text: As somebody wrote it.
    """
    seen = (
        each
        for each in unicodedata.normalize("NFKD", text.casefold()).casefold()
        if unicodedata.category(each)[0] not in _UNSEEN
    )
    return "".join(_spelled(each) for each in seen)


def _spelled(character: str) -> str:
    if unicodedata.category(character) == "Nd":
        return str(unicodedata.decimal(character))
    if unicodedata.category(character) == "Pd" or character == _MINUS:
        return "-"
    return character.translate(_LOOK_ALIKES)
