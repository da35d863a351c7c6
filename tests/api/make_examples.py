"""Make `api/examples` anew after the format of passports or reports has changed: run this file."""

from __future__ import annotations

import json
import tempfile
from pathlib import Path

from small_world import build, judged_at
from starlette.testclient import TestClient

from api.app import create_app
from api.settings import ServiceSettings
from passport.workspace import Workspace

EXAMPLES = Path(__file__).resolve().parents[2] / "api" / "examples"


def main() -> None:
    """A passport of the small world, and the report on it by a service that knows nobody."""
    with tempfile.TemporaryDirectory() as folder:
        world = build(Path(folder) / "world")
        passport = world.signed(world.foil)
        with Workspace.create(Path(folder) / "stranger", clock=judged_at) as stranger:
            settings = ServiceSettings(workspace=stranger.folder)
        with TestClient(create_app(settings, clock=judged_at)) as service:
            report = service.post("/v1/verify", content=passport).json()
    (EXAMPLES / "passport.json").write_bytes(passport + b"\n")
    (EXAMPLES / "report.json").write_text(json.dumps(report, ensure_ascii=False, indent=1) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
