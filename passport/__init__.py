"""Product carbon footprints as signed, nested passports (the SDK)."""
