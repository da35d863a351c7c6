"""Write `openapi.json` anew after the interface has changed: `python -m api.openapi`."""

from __future__ import annotations

from pathlib import Path

from api.app import create_app
from api.describe import description_text
from api.settings import ServiceSettings


def current_text() -> str:
    """The description of the service as its code stands; it depends on no setting."""
    return description_text(create_app(ServiceSettings(workspace=Path("."))).openapi())


if __name__ == "__main__":
    Path(__file__).with_name("openapi.json").write_text(current_text(), encoding="utf-8")
