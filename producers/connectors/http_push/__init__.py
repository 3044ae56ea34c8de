"""Takes what departments push over HTTP and puts it on their own topics.

The invariant: a request is answered with 2xx only when Kafka holds every accepted record of it
durably, the department is the one that the token names, and a repeat has the effect of one.
"""
