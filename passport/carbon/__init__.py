"""The engine over columns of numbers, usable without any passport.

Graph, solve, update, uncertainty, contributions, allocation and the sets of global warming potentials belong here;
documents, chain and HTTP do not.
"""
