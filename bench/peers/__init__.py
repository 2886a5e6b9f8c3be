"""The peers: small servers that use their libraries in the documented way.

Each replies as its script says, `{op: {"reply": body, "publication": body or null}}`. It parses a
request, builds and sends the reply, and sends the publication to every connection that has joined
(363). The peers have no rules, no users and no storage. They are run with the path of the script,
and the first line that they print is the port. `bench/field.py` starts them.
"""
