"""Lifecycle: the tag `stage:...`, the tag `bot`, and how long a shopper is remembered (lifetime)."""
