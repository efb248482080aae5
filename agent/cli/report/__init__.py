"""`caselog report`: what somebody who is to help needs to know, without anybody's secrets, names and texts."""
