"""What our server is held against: small servers, written as their libraries are meant to be used.

Each says what it was taught by a script, `{op: {"reply": body, "publication": body or null}}`: a
request is parsed, its reply is made and sent, and its publication goes to everybody who has asked
363. They know no rules, no users and no disk. Run with the script's path; the first line that one
prints is its port. Who starts them is `bench/field.py`.
"""
