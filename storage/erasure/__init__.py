"""Erasure by a person: the one way in which something leaves the archive."""
