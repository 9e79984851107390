"""The kernel: what all features are made of, and none of them.

events, record  the typed events, and the decoded record around one
feature         the base class of features; moment: what a feature sees of one event or timer
shopper         a shopper's profile as stored; activity: what every event changes in it
recent_ids      deduplication by message id
outputs, ids    the messages of the output topics, and their deterministic ids
tags            how held tags are stored; `Moment.turn` and its neighbours emit them
effects         what a fold leaves besides profiles; settings: the domain's numbers
zones           hours, weekdays and calendar days by time zone
"""
