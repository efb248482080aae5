"""`caselog doctor`: can everything work here, and what does a portal look like through its profile?"""
