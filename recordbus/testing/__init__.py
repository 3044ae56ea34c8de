"""Doubles for time and identifiers, and real local servers: what tests of any part may use."""
