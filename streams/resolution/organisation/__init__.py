"""How organisations meet, how they compare, and what no score may override."""
