"""Years of billing, played through the product's services and reckoned a second time by rules alone.

`plot` decides who does what when, `reckoning` (which imports nothing of the product) works out what must come of it,
`world` does the same things to the product, `comparison` sets one against the other.
"""
