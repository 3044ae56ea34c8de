"""The portal: where subscribing agencies fetch, give receipts, compare and ask again."""
