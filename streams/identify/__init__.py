"""Decides which mentions are one person, vehicle or organisation, and says so of every record."""
