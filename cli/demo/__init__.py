"""The work behind `passport demo`: the companies and their story, and the cheats that must be caught."""
