"""Other formats in and out: inventory files that people write, and inventories made from public databases."""
