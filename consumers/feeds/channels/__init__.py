"""The ways in which subscribers are told, each behind one contract."""
