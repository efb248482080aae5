"""What both skins share: requests, sessions, sign-in, forms, faults' places and the control door."""
