"""The words that people read, in English and Chinese, under one key each; documents and JSON are never translated."""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum
from typing import Final

from cli.words.answers import ANSWERS
from cli.words.audit import AUDIT
from cli.words.chain import CHAIN
from cli.words.compute import COMPUTE
from cli.words.demo import DEMO
from cli.words.ledger import LEDGER
from cli.words.summaries import SUMMARIES
from passport.exchange.pictures.words import PICTURE_WORDS


class Language(StrEnum):
    """A language of the catalogue."""

    EN = "en"
    ZH = "zh"


WORDS: Final[dict[str, tuple[str, str]]] = {
    **AUDIT,
    **SUMMARIES,
    **ANSWERS,
    **CHAIN,
    **COMPUTE,
    **DEMO,
    **LEDGER,
    **PICTURE_WORDS,
}


def word(key: str, language: Language, **facts: object) -> str:
    """The words under a key, with the facts filled in.

    Raises:
        KeyError: The catalogue has no such key.
    """
    english, chinese = WORDS[key]
    text = chinese if language is Language.ZH else english
    return text.format(**facts) if facts else text


def language_of(environment: Mapping[str, str]) -> tuple[Language, str]:
    """The language that the environment asks for, and which variable said so; English when none does."""
    for name in ("PASSPORT_LANG", "LC_ALL", "LC_MESSAGES", "LANG"):
        value = environment.get(name, "")
        if value:
            return (Language.ZH if value.lower().startswith("zh") else Language.EN), name
    return Language.EN, "default"
