"""Everything that talks to a portal or to a person."""
