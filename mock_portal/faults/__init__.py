"""What can go wrong on purpose: which kinds exist, when one fires, and what it does to an answer."""
