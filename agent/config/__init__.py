"""What a person decided: where things lie, which accounts there are, and where their secrets come from."""
