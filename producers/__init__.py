"""Turn a department's own changes into `RecordChange` events on that department's own topic."""
