"""`caselog demo`: the whole main job on the mock portal, from sign-in to Excel."""
