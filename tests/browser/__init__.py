"""Tests that drive the pages."""
