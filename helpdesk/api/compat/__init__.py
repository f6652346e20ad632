"""Addresses and words other help desks use, over the same verbs: for programs written for them. Thin: they translate shapes.

`words` turns field names and values both ways, `lists` makes their kind of list, `ticketing` declares what several families
have in common. All addresses end with a slash here; `slashes` lets them come without.
"""
