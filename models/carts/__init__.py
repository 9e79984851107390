"""Carts: what is in them, and the reminder of an abandoned one.

cart_events     cart and order events -> carts; the feature `Carts`, which emits the messages
basket          what is in one cart, whatever order its operations arrived in
abandonment     when a reminder is due, sent, suppressed, recovered, cancelled, expired: the state machine
cart_trigger    the messages about it, and their topic
abandoner       the tag `cart_abandoner`
"""
