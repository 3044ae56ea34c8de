"""Questions about entities: who somebody is in the records, to what they are tied, and why."""
