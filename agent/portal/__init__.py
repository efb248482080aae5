"""A portal as the rest of the agent sees it: pages to read, a form to send, an environment to change."""
