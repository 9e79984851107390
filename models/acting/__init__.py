"""Messages that ask somebody to act: whether a shopper may be written to now, and what that brings.

settings        what the shop decides of them
consent         the feature `Consent`: by which channels the shopper may be reached
quiet_hours     when nobody is to be disturbed, by the clock where the shopper is
arms            who is left alone to compare with: a sticky share of the shoppers, programme by programme
experiments     who came back with a message and who without: trials counted by arm
gate            the feature `Acting`: asked at the moment of firing, it lets a message go or says why not
lift            what the counts of the arms say at any look: rates, lift, verdict
rate_ratio      an exact test of how two rates compare, with its interval
confidence_sequence   an interval of the difference between two rates
planning        how many more trials an experiment needs
"""
