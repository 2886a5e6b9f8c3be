"""One sentence for each setting: the text of `--help` and of docs/reference/settings.md.

The effect comes first, then what happens at the limit, then the special value. Kind, bounds and
default are added from `TABLE`. Every setting needs a sentence here.
"""

from typing import Final

CONFIG: Final = (
    "TOML file of settings, as `toteboard config` prints it; the environment and the command line "
    "take precedence over it.  [default: the file that TOTEBOARD_CONFIG names, if any]"
)
ABOUT: Final = {
    "host": (
        "Addresses at which clients and browsers connect, separated by commas; `::` accepts IPv4 "
        "too."
    ),
    "port": "Public port for WebSockets, the page, sign-in and health; 0 takes any free port.",
    "operator_port": (
        "Port for metrics, health and the operator's API; 0 takes any free port, -1 disables the "
        "port."
    ),
    "operator_host": (
        "Addresses of the operator port, separated by commas; do not make them public, because "
        "metrics need no password."
    ),
    "signup": (
        "Whether players can sign up on the page; if false, only the command line adds users."
    ),
    "jwt_issuer": (
        "Issuer (`iss`) whose tokens sign users in at `POST /r/token/`; requires `jwt_audience`, "
        "and none switches it off."
    ),
    "jwt_audience": "Audience (`aud`) that a token must name.",
    "jwt_jwks_url": "Address of the issuer's key set, https only; fetched every 10 minutes.",
    "jwt_public_key": "PEM file with the issuer's public key, read at startup.",
    "jwt_secret": "Secret shared with the issuer, for HS256 only.",
    "jwt_algorithms": (
        "Algorithms that a token may have, separated by commas; with `jwt_secret` only HS256."
    ),
    "jwt_name_claim": "Claim with the name of a new user.",
    "jwt_session_ttl": (
        "How long a session key is valid after a sign-in with a token; the client then comes with "
        "a fresh token."
    ),
    "public_url": (
        "WebSocket address that the page connects to, for a proxy that serves the WebSocket "
        "elsewhere; none means the host that served the page."
    ),
    "trusted_hops": (
        "Reverse proxies in front of the public port whose `X-Forwarded-For`, `-Proto` and `-Host` "
        "are trusted; leave it at 0 without a proxy, or clients can forge their address."
    ),
    "workers": (
        "Processes that hold the connections of clients, beside the one that decides; 1 means a "
        "single process that does both."
    ),
    "cluster": (
        "URL of the PostgreSQL database with the log of the cluster that this server is a node of; "
        "none means a server that stands alone."
    ),
    "cluster_keep": (
        "How long the log of the cluster is kept for a node that is away; one that was away for "
        "longer needs a copy of another node's file."
    ),
    "node_address": (
        "Address at which the other nodes of the cluster reach this one; required with `cluster`, "
        "and another one for each node."
    ),
    "node_listen": (
        "Address at which this node listens for the others, behind NAT or a proxy; none means "
        "`node_address`."
    ),
    "node_tls_cert": (
        "PEM file with this node's certificate chain for TLS between nodes, read at startup: both "
        "sides show it, so it must allow both uses, and name the host of `node_address`. None "
        "means no TLS between nodes."
    ),
    "node_tls_key": "PEM file with the private key of `node_tls_cert`.",
    "node_tls_ca": (
        "PEM file with the authorities that sign the certificates of the nodes; no other authority "
        "is trusted."
    ),
    "database": (
        "File of the database; `serve` and `user add` create it, the other commands refuse a "
        "missing file. With `cluster`, `serve` fetches it from another node."
    ),
    "key_file": (
        "File with the secret that seals session keys in the database, created if it does not "
        "exist; none means the systemd credential `toteboard.key`, else `<database>.key`."
    ),
    "clock_patience": (
        "How long the server keeps the old time after the machine's clock was set by more than "
        "30 s, in case it is set back; 0s accepts the new time as soon as the server notices the "
        "step."
    ),
    "log_format": (
        "Format of the log on standard output: JSON, one line per event, or text for people; none "
        "means text on a terminal, else JSON."
    ),
    "log_level": "Lowest level that is logged; `listening` is logged at every level.",
    "tls_cert": (
        "PEM file with the certificate chain for the public port, read at startup; requires "
        "`tls_key`, and none means no TLS."
    ),
    "tls_key": "PEM file with the private key of `tls_cert`.",
    "max_message_size": (
        "Bytes of the largest message that a client may send, at most 16 MiB; a larger one closes "
        "the connection (1009)."
    ),
    "rate_limit": (
        "Requests per second that a connection may send; more are refused with `rate_limited`. 0 "
        "means no limit."
    ),
    "rate_burst": (
        "Requests that a connection may send in a burst before `rate_limit` applies; more than "
        "this plus ten times `rate_limit` in any ten seconds close it (1008)."
    ),
    "cost_limit": (
        "Bytes of replies to queries per second for each user, across all the user's connections; "
        "further queries are refused with `rate_limited`. 0 means no limit."
    ),
    "chat_limit": (
        "Chat lines per second that a user may send to a game, across all the user's connections, "
        "with bursts of 5; more are refused with `rate_limited`. 0 means no limit."
    ),
    "connections_per_user": (
        "Connections that a user may have open; another is refused with HTTP 429."
    ),
    "joins_per_connection": (
        "Games that a connection may have joined at a time; another join is refused with "
        "`limit_reached`."
    ),
    "mailbox_size": (
        "Changes, and as many queries, that may wait for one game; beyond that, senders wait up to "
        "2 seconds and are then refused with `overloaded`."
    ),
    "outbox_size": (
        "Messages that may wait for a slow client before the server disconnects it (1008 "
        "`lagging`); waiting odds updates of a pool are merged first."
    ),
    "outbox_bytes": (
        "Bytes that may wait for a slow client before the server disconnects it (1008 `lagging`)."
    ),
    "games_per_source": (
        "Games of a source that are not closed; another is refused with `limit_reached`."
    ),
    "pools_per_game": (
        "Pools of a game that are not resolved; another is refused with `limit_reached`."
    ),
    "handshake_timeout": (
        "Longest time from accepting a connection to the end of its handshake or first request; "
        "then it is closed."
    ),
    "ping_interval": (
        "Time between two pings of a connection; a client that sends no pong within the same time "
        "is disconnected (1008)."
    ),
    "resume_limit": (
        "Facts replayed at most to a client that rejoins with `since`; a client that missed more "
        "gets `resync`."
    ),
    "presence_limit": (
        "Largest number of subscribers of a game for which each join and leave is published by "
        "name; above it, only the number is published, once a second."
    ),
    "distribution_interval": (
        "Shortest time between two odds updates (361) of a pool; bets placed in between share one "
        "message."
    ),
    "max_bet_delay": (
        "Longest time that a host may let bets wait in play (`bet_delay`) before they are decided "
        "again and accepted. 0 means that bets never wait."
    ),
    "correction_window": (
        "How long a result can be corrected (3992) and an event taken back (3951)."
    ),
    "pool_policy": (
        "Policy of a pool that names none: `plain`, `social`, `tote`, `us` or one of the tables "
        "`[policies.NAME]` of the settings file."
    ),
    "max_game_admins": ("Admins that a game may have; appointing another is refused."),
    "http_connections_per_address": (
        "HTTP connections that one address (or IPv6 /64) may have open; a request on another is "
        "refused with 429. 0 means no limit."
    ),
    "guests": (
        "Whether clients may connect without signing in, to look at games (`/?guest=1`); if false, "
        "they are refused with HTTP 401."
    ),
    "guest_connections": (
        "Guests that may be connected, `http_connections_per_address` of them from one address; "
        "another is refused with HTTP 429."
    ),
    "session_ttl": "How long a new session key is valid.",
    "initial_balance": "Amount of DON that a new user starts with.",
    "admins_may_bet": (
        "Whether the admins of a game and of its source may bet in it, although they register its "
        "events."
    ),
    "allowed_origins": (
        "Origins such as `https://games.example` from which browsers may connect, separated by "
        "commas; others are refused with HTTP 403. None means every origin for WebSockets, and "
        "only the server's own page for sign-in."
    ),
}
