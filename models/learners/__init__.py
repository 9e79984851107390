"""What is learned about one shopper, one observation after the other: River's steps, on state that is plain numbers.

A profile stores what `dump` gives and goes on after `load`: no pickle, and no object of a library that may change.
"""
