"""The pages of the published site: what they show, and what serves them.

A page is a function ``make(connection, asked)`` that gives a dataclass, with all SQL in it. It is served twice: as
HTML, through a template in ``templates/site/``, and as JSON at the same path with ``.json``
(`dataset.serving.site.web`). Which pages there are is said in `dataset.serving.site.registry`. Charts are SVG, made
from the same dataclass (`dataset.serving.site.charts`). There is no script on these pages, no style within them, and
nothing from outside.
"""
