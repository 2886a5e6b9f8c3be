"""The event stream: facts of games, posted to the receivers that the settings name (hooks).

`reader.py` has one task for each hook, which follows the journals in the file at its own pace.
`endpoint.py` signs and posts. `stream.py` puts them together.
"""
