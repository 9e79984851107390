"""Interests: what a shopper looks at.

affinity        decayed interest in categories; favourites: the tags `interest:<category>`
views           products looked at lately; hesitating: the tag about one looked at again and again
"""
