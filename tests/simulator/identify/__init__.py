"""Worlds of identify: its real `handle` under faults, and a plain program that foretells it."""
