"""A company's folder: who it is, its keys, its store, the chain it speaks to, and what it publishes.

workspace.json            public facts: party, DID, chain, contracts; nothing secret
keys/                     encrypted key files (controller, anchoring and credential key apart)
passport.db               the store
public/                   what the company's web server serves
registration.json         what a registrar needs to register the company
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from passport.first_use import on_first_use

if TYPE_CHECKING:
    from passport.workspace.chain import NodeChoice, create_chain, deploy_chain, open_chain, reach_node
    from passport.workspace.keys_on_chain import registered_generation
    from passport.workspace.settings import (
        CHAIN_FILE,
        MAX_SETTINGS_BYTES,
        REGISTRATION_FILE,
        WORKSPACE_FILE,
        ChainSettings,
        Clock,
        HostName,
        Registration,
        WorkspaceSettings,
    )
    from passport.workspace.workspace import Workspace

__all__ = [
    "CHAIN_FILE",
    "MAX_SETTINGS_BYTES",
    "REGISTRATION_FILE",
    "WORKSPACE_FILE",
    "ChainSettings",
    "Clock",
    "HostName",
    "NodeChoice",
    "Registration",
    "Workspace",
    "WorkspaceSettings",
    "create_chain",
    "deploy_chain",
    "open_chain",
    "reach_node",
    "registered_generation",
]

if not TYPE_CHECKING:
    __getattr__, __dir__ = on_first_use(
        __name__,
        {
            "chain": "NodeChoice create_chain deploy_chain open_chain reach_node",
            "keys_on_chain": "registered_generation",
            "settings": (
                "CHAIN_FILE MAX_SETTINGS_BYTES REGISTRATION_FILE WORKSPACE_FILE ChainSettings Clock HostName "
                "Registration WorkspaceSettings"
            ),
            "workspace": "Workspace",
        },
    )
