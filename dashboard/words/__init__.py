"""What the page says, in the reader's language: texts; numbers, money, times and names as that language writes them.

`Words` of `words.py` is all that others need. `catalog.py` reads the translations (`zh_CN.po`: the English text is the
key), `names.py` knows what segments, tags and messages are called, `reasons.py` what the engine gives as reasons.
"""

from dashboard.words.words import Words

__all__ = ["Words"]
