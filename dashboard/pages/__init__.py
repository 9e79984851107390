"""The pages: HTML that the server writes, and what keeps it live.

`routes.py` has the URLs, `views.py` the views and the sections each is made of, `asked.py` what a reader asked for,
`render.py` turns an answer into HTML, `live.py` sends the sections that changed. `told.py` and `charts.py` prepare what
the templates only lay out.
"""
