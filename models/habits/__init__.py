"""Habits: when, on what device and by which channel a shopper comes.

habits          visits counted, a feature; families: the tags about them and their thresholds
zones           the shopper's hour of the day
"""
