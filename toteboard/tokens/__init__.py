"""Sign-in with the operator's tokens: verifying a JWT, and the keys of its issuer.

`verification.py` decides what a token may be. `key_sources.py` has the keys: from a file, a shared
secret, or the issuer's JWKS, which a task of its own fetches.
"""
