"""What the description of the service (OpenAPI) says beyond what the routers' signatures tell."""

from __future__ import annotations

import json
from collections.abc import Mapping
from importlib import resources
from typing import Any, Final

from fastapi import FastAPI
from fastapi.openapi.utils import get_openapi
from pydantic import BaseModel
from pydantic.json_schema import models_json_schema

from api.problem_kinds import KINDS, Kind
from api.problems import PROBLEM_TYPE, RETRY_AFTER_S
from api.schemas import AuditReport, Problem
from api.uploads import BUNDLE_TYPE, PASSPORT_TYPES

API_VERSION: Final = "1.0.0"
TITLE: Final = "carbon-passport"
SUMMARY: Final = "Verify product carbon footprint passports and the trees they stand on."
_REF: Final = "#/components/schemas/{model}"
Responses = dict[int | str, dict[str, Any]]


def problems(*names: str) -> Responses:
    """Problem answers of an operation, with an example of each kind."""
    by_status: dict[int, list[Kind]] = {}
    for name in (*names, "internal"):
        by_status.setdefault(KINDS[name].status, []).append(KINDS[name])
    return {status: _problem_answer(kinds) for status, kinds in sorted(by_status.items())}


def report_answer() -> Responses:
    """The answer of an audit."""
    content = {"schema": {"$ref": _REF.format(model="AuditReport")}}
    return {200: {"description": "The report, whatever the verdict.", "content": {"application/json": content}}}


def passport_answer(description: str, media_types: tuple[str, ...]) -> Responses:
    """The answer that is a document, with its ETag."""
    content = {media_type: {"schema": {"type": "object"}} for media_type in media_types}
    etag = {"description": "The document's digest.", "schema": {"type": "string"}}
    unchanged = {"description": "The document is the one that `If-None-Match` names.", "headers": {"ETag": etag}}
    return {200: {"description": description, "content": content, "headers": {"ETag": etag}}, 304: unchanged}


def upload_body() -> dict[str, Any]:
    """The body of `POST /v1/verify`."""
    passport = {"schema": {"type": "object"}}
    bundle = {"schema": {"type": "string", "format": "binary"}}
    content = {**dict.fromkeys(PASSPORT_TYPES, passport), BUNDLE_TYPE: bundle}
    return {"requestBody": {"required": True, "description": "A signed passport or a bundle.", "content": content}}


def describe(app: FastAPI) -> dict[str, Any]:
    """The whole description, made once."""
    if app.openapi_schema is None:
        document = get_openapi(
            title=app.title, version=app.version, summary=app.summary, description=app.description, routes=app.routes
        )
        judges = "/v1/verify" in document["paths"]
        named: list[type[BaseModel]] = [AuditReport, Problem] if judges else [Problem]
        _, models = models_json_schema([(model, "serialization") for model in named], ref_template=_REF)
        parts = document.setdefault("components", {}).setdefault("schemas", {})
        parts.update(models["$defs"])
        document["components"]["schemas"] = dict(sorted(parts.items()))
        if judges:
            _add_examples(document["paths"]["/v1/verify"]["post"])
        app.openapi_schema = document
    return app.openapi_schema


def committed_description(name: str = "openapi.json") -> str:
    """A description that is kept with the code, as text; a test compares it with the real one.

    Args:
        name: Its file.
    """
    return resources.files("api").joinpath(name).read_text(encoding="utf-8")


def description_text(document: Mapping[str, Any]) -> str:
    """A description as it is kept."""
    return json.dumps(document, ensure_ascii=False, indent=1) + "\n"


def _add_examples(verify: dict[str, Any]) -> None:
    """A passport, and the report on it by a service that knows nobody; the framework would leave out their nulls."""
    passport, report = json.loads(_example("passport.json")), json.loads(_example("report.json"))
    for media_type in PASSPORT_TYPES:
        verify["requestBody"]["content"][media_type]["example"] = passport
    verify["responses"]["200"]["content"]["application/json"]["example"] = report


def _problem_answer(kinds: list[Kind]) -> dict[str, Any]:
    examples = {
        kind.name: {
            "value": {
                "type": kind.type,
                "title": kind.title,
                "status": kind.status,
                "detail": kind.meaning,
                "instance": "/v1/...",
            }
        }
        for kind in kinds
    }
    content = {"schema": {"$ref": _REF.format(model="Problem")}, "examples": examples}
    answer: dict[str, Any] = {
        "description": "; or ".join(kind.title for kind in kinds) + ".",
        "content": {PROBLEM_TYPE: content},
    }
    if any(kind.is_passing for kind in kinds):
        schema = {"type": "integer", "example": RETRY_AFTER_S}
        answer["headers"] = {"Retry-After": {"description": "Seconds until asking again may help.", "schema": schema}}
    return answer


def _example(name: str) -> str:
    return resources.files("api").joinpath("examples", name).read_text(encoding="utf-8")
