"""The kit that producers, streams and consumers share. It never imports one of them."""
