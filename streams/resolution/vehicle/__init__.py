"""How vehicles meet, how they compare, and what no score may override."""
