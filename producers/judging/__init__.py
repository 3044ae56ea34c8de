"""What people and courts decide about two mentions: audited, then published (R-09, R-38)."""
