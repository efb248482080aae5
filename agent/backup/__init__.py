"""One backup run of one account: what to fetch, what a listing proves, what is gone, and the run itself."""
