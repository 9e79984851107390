"""Habits: when, on what device and by which channel a shopper comes, and when it orders.

habits          visits counted, a feature; families: the tags about them and their thresholds
weekend_shopper the tag: most orders on Saturdays and Sundays
"""
