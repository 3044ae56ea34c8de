"""Worlds of people to resolve, and what resolution makes of them."""
