"""Write the descriptions of the services anew after an interface has changed: `python -m api.openapi`."""

from __future__ import annotations

from pathlib import Path
from typing import Final

from api.app import create_app
from api.describe import description_text
from api.relay_app import create_relay_app
from api.relay_settings import RelaySettings
from api.settings import ServiceSettings
from api.witness_app import create_witness_app
from api.witness_settings import WitnessServiceSettings

FILES: Final = ("openapi.json", "relay_openapi.json", "witness_openapi.json")


def current_text(name: str = "openapi.json") -> str:
    """The description of a service as its code stands; it depends on no setting.

    Args:
        name: Its file.
    """
    nowhere = Path(".")
    if name == "relay_openapi.json":
        return description_text(create_relay_app(RelaySettings(workspace=nowhere, gas_per_day=1), None).openapi())
    if name == "witness_openapi.json":
        return description_text(create_witness_app(WitnessServiceSettings(folder=nowhere), None).openapi())
    return description_text(create_app(ServiceSettings(workspace=nowhere)).openapi())


if __name__ == "__main__":
    for file in FILES:
        Path(__file__).with_name(file).write_text(current_text(file), encoding="utf-8")
