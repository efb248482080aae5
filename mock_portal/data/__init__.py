"""The cases that a mock portal is born with: a function of seed, account and time, and of nothing else."""
