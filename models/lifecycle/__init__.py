"""Lifecycle: the tag `stage:...`, the tag `bot`, how far a visit came (funnel), and how long a shopper is remembered
(lifetime)."""
