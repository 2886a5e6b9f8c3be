"""The page in a real browser, against the real server; its pure modules by `node --test`."""
