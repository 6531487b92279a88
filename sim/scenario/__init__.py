"""What a user writes, read and checked.

``load`` turns an expression into a ``model.Scenario``; ``schema`` and ``catalogue`` say
what may be written, ``sources`` where values come from, ``problems`` what is wrong and where.
"""
