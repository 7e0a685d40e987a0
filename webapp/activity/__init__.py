"""Who did what, on which object, when, from where: written by itself with every change, never changed after."""
