"""The HTTP service: a router per resource that parses, calls one function and answers."""
