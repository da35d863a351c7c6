"""The page of one passport for people, where its id or a code on the goods leads: what it states and what it links to.

It needs no script and no login, and everything outsiders wrote is text on it.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from html import escape
from typing import Any, Final
from urllib.parse import quote

from api.page_words import Language, page_word
from api.pages import page
from passport.errors import UsageError
from passport.model.content import PROFILE_ATTRIBUTE
from passport.model.profile import Profile, profile
from verifier.outcome import Outcome
from verifier.record import Linked

_WEB: Final = re.compile(r"https?://[A-Za-z0-9][A-Za-z0-9.:-]*([/?#][!-~]*)?", re.ASCII)
_LANGUAGES: Final[Mapping[Language, str]] = {"en": "English", "zh": "中文"}
_NUMBERS: Final = ("modelNumber", "batchNumber", "itemNumber")


def passport_page(
    credential: Mapping[str, Any],
    digest: str,
    links: Sequence[Linked],
    contents: Mapping[str, Any],
    *,
    language: Language,
) -> str:
    """The page as HTML.

    Args:
        credential: The passport without proof, judged by its schema.
        digest: Its digest.
        links: What it links to, compared with what is at hand.
        contents: The attributes that everybody may see.
        language: Of the page's own words.
    """
    subject = credential["credentialSubject"]
    names = subject["characteristics"].get("names", {})
    title = " / ".join([subject["name"], *names.values()])
    address = f"/v1/passports/{quote(digest, safe='')}"
    other: Language = "zh" if language == "en" else "en"
    parts = [
        f'<p><a href="?lang={other}" lang="{other}" hreflang="{other}">{_LANGUAGES[other]}</a></p>',
        f"<p><strong>{_word('unchecked', language)}</strong> "
        f'<a href="{address}/audit">{_word("audit", language)}</a> · '
        f'<a href="{address}">{_word("signed", language)}</a></p>',
        _facts(credential, digest, language),
        f"<section><h2>{_word('links', language)}</h2>{_links(links, language)}</section>",
        f"<section><h2>{_word('contents', language)}</h2>{_contents(contents, language)}</section>",
    ]
    return page(title, "\n".join(parts), language=language)


def _facts(credential: Mapping[str, Any], digest: str, language: Language) -> str:
    subject = credential["credentialSubject"]
    stated = subject["characteristics"]["carbonPassport"]
    entity = credential["issuer"]["issuerAlsoKnownAs"][0]["registeredId"]
    declared = f"{stated['declaredAmount']} {stated['declaredUnit']}"
    rows = [
        ("product", subject["id"]),
        ("issuer", f"{credential['issuer']['name']} ({entity})"),
        ("granularity", page_word(subject["idGranularity"], language)),
        *((name, subject[name]) for name in _NUMBERS if name in subject),
        ("footprint", page_word("amount", language, total=stated["total"], declared=declared)),
        ("missing", str(stated["missingInputs"])),
        ("period", page_word("to", language, **stated["period"])),
        ("valid", page_word("to", language, start=credential["validFrom"], end=credential["validUntil"])),
        ("id", credential["id"]),
        ("digest", digest),
    ]
    return _rows([(_word(key, language), escape(str(value))) for key, value in rows])


def _links(links: Sequence[Linked], language: Language) -> str:
    if not links:
        return f"<p>{_word('no links', language)}</p>"
    rows = []
    for link in links:
        who = f"{escape(link.name)}, {escape(link.issuer)}<br>" if link.name else ""
        name = f'<a href="/passports/{quote(link.id, safe="")}?lang={language}">{escape(link.id)}</a>'
        held = _word(link.held, language)
        if link.outcome is Outcome.FAILED:
            held += f"; <strong>{_word('broken', language)}</strong>: {escape(link.reason or '')}"
        rows.append(
            (
                _word(f"of {link.kind}", language),
                f"{who}{name if link.held == 'matches' else escape(link.id)}"
                f"<br><code>{escape(link.digest)}</code><br>{held}",
            )
        )
    return _rows(rows)


def _contents(contents: Mapping[str, Any], language: Language) -> str:
    stated = {name: value for name, value in contents.items() if name != PROFILE_ATTRIBUTE}
    if not stated:
        return f"<p>{_word('no contents', language)}</p>"
    known = _profile(contents.get(PROFILE_ATTRIBUTE))
    head = (
        _word("profile", language, name=known.name, title=known.titles.of(language))
        if known
        else _word("no profile", language)
    )
    listed = [attribute.name for attribute in known.attributes if attribute.name in stated] if known else []
    rows = []
    for name in [*listed, *(each for each in stated if each not in listed)]:
        attribute = known.attribute(name) if known else None
        title = escape(attribute.titles.of(language)) if attribute else f"<code>{escape(name)}</code>"
        if known and attribute is None:
            title += f"<br><small>{_word('unknown attribute', language)}</small>"
        if attribute is not None:
            told = f" ({_word(attribute.standing, language)})" if attribute.standing in ("secondary", "unread") else ""
            title += f"<br><small>{_word('source', language)}: {escape(attribute.source)}{told}</small>"
        rows.append((title, _value(stated[name])))
    return f"<p>{head}</p>{_rows(rows)}"


def _profile(name: object) -> Profile | None:
    try:
        return profile(name) if isinstance(name, str) else None
    except UsageError:
        return None


def _value(value: object) -> str:
    """A value as HTML: text, with what is a link made one; lists and objects within the bounds of contents."""
    if isinstance(value, Mapping):
        inner = "".join(f"<li>{escape(str(name))}: {_value(each)}</li>" for name, each in value.items())
        return f"<ul>{inner}</ul>"
    if isinstance(value, list | tuple):
        return f"<ol>{''.join(f'<li>{_value(each)}</li>' for each in value)}</ol>" if value else "[]"
    text = str(value)
    if _WEB.fullmatch(text):
        return f'<a href="{escape(text)}" rel="nofollow noreferrer">{escape(text)}</a>'
    return escape(text)


def _rows(rows: Sequence[tuple[str, str]]) -> str:
    body = "".join(f'<tr><th scope="row">{name}</th><td>{value}</td></tr>' for name, value in rows)
    return f"<table>{body}</table>"


def _word(key: str, language: Language, **facts: object) -> str:
    return escape(page_word(key, language, **facts))
