"""The database: all the SQL of the product. Sockets, messages and trio do not belong here.

Its sibling `protocol` defines the messages. The two do not import each other.

| what | where |
|---|---|
| the file: opened, locked, upgraded, copied | `opening`, `lock`, `migrations`, `copies` |
| a connection; the rows that it writes | `database`, `changes` |
| what the server may write and ask by name | `store`, `reads` |
| rows by subject | `users`, `accounts`, `catalogue`, `journal`, `pools`, `kept_replies` |
| what `toteboard check` verifies | `audit`, and the modules that it names |
"""
