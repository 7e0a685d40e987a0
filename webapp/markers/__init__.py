"""Assets in the field: where they stand, what they are, their photos, and the code on their label."""
