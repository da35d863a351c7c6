"""The `passport` command: one module a command."""
