"""A portal as data: the profile's language, loading and checking. Knows no browser and no page."""
