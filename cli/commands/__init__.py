"""One module a command; each parses its options, calls the library once and says what came of it."""
