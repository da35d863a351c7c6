"""The words that people read, by what they speak of; `cli.catalogue` puts them together."""
