"""What Gerbang is measured against: the same job, written the straightforward way."""
