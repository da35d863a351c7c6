"""One module per check: each takes what it judges and returns its row."""
