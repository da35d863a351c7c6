"""The few pages for people: the service's description, and one for each kind of problem. They need no script."""

from __future__ import annotations

import json
from collections.abc import Mapping
from html import escape
from typing import Any, Final

from api.problem_kinds import Kind

_STYLE: Final = (
    "body{font:16px/1.5 system-ui,sans-serif;max-width:60rem;margin:2rem auto;padding:0 1rem;color:#111;"
    "background:#fff}code,pre{font-family:ui-monospace,monospace;background:#f2f2f2;padding:.1em .3em;"
    "overflow-wrap:anywhere}table{border-collapse:collapse}td,th{border:1px solid #767676;padding:.2em .6em;"
    "text-align:left;vertical-align:top}section{border-top:1px solid #767676;margin-top:2rem}"
)


def problem_page(kind: Kind) -> str:
    """The page behind a problem's type."""
    text = f"<p>HTTP status {kind.status}</p><p>{_text(kind.meaning)}</p>"
    return page(kind.title, text + '<p><a href="/docs">What this service offers</a></p>')


def description_page(document: Mapping[str, Any]) -> str:
    """The page that describes every operation, from the service's own OpenAPI document."""
    info = document["info"]
    parts = [
        f"<p>{_text(info.get('summary', ''))}</p>",
        f"<p>{_text(info.get('description', ''))}</p>",
        '<p>For programs: <a href="/openapi.json">openapi.json</a></p>',
    ]
    for path, operations in document["paths"].items():
        parts += [_operation(method, path, operation) for method, operation in operations.items()]
    return page(f"{info['title']} {info['version']}", "\n".join(parts))


def _operation(method: str, path: str, operation: Mapping[str, Any]) -> str:
    parts = [
        f'<section id="{escape(operation["operationId"])}"><h2>{_text(operation["summary"])}</h2>',
        f"<p><code>{method.upper()} {escape(path)}</code></p><p>{_text(operation.get('description', ''))}</p>",
    ]
    rows = [
        (f"{one['name']} ({one['in']}{', required' if one.get('required') else ''})", _said(one))
        for one in operation.get("parameters", ())
    ]
    if rows:
        parts.append(_table("Parameter", rows))
    if "requestBody" in operation:
        types = ", ".join(f"<code>{escape(name)}</code>" for name in operation["requestBody"]["content"])
        parts.append(f"<p>Body: {types}</p>")
    answers = [(status, answer["description"]) for status, answer in operation["responses"].items()]
    parts.append(_table("Status", answers))
    return "\n".join([*parts, "</section>"])


def _said(parameter: Mapping[str, Any]) -> str:
    """A parameter's description with its bounds."""
    schema = parameter.get("schema", {})
    shapes = [shape for shape in schema.get("anyOf", [schema]) if shape.get("type") != "null"]
    told = {key: value for shape in shapes for key, value in shape.items() if key in ("minimum", "maximum", "enum")}
    text = str(parameter.get("description", ""))
    return f"{text} ({json.dumps(told)[1:-1]})" if told else text


def _table(head: str, rows: list[tuple[str, str]]) -> str:
    body = "".join(f"<tr><td><code>{escape(name)}</code></td><td>{_text(text)}</td></tr>" for name, text in rows)
    return f'<table><thead><tr><th scope="col">{head}</th><th scope="col">Meaning</th></tr></thead>{body}</table>'


def _text(text: str) -> str:
    """Plain text as HTML; what stands between back-ticks as code."""
    pieces = escape(" ".join(text.split())).split("`")
    return "".join(f"<code>{piece}</code>" if index % 2 else piece for index, piece in enumerate(pieces))


def page(title: str, body: str, *, language: str = "en") -> str:
    """A page of HTML.

    Args:
        title: In plain text.
        body: HTML.
        language: Of its words.
    """
    return (
        f'<!DOCTYPE html>\n<html lang="{escape(language)}"><head><meta charset="utf-8"><title>{escape(title)}</title>'
        f'<meta name="viewport" content="width=device-width"><style>{_STYLE}</style></head>\n'
        f"<body><main><h1>{escape(title)}</h1>\n{body}\n</main></body></html>\n"
    )
