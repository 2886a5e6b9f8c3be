"""The commands on hooks, the receivers of the event stream (docs/how-to/event-stream.md)."""

import os
from contextlib import closing
from pathlib import Path

import click

from storage.hooks import HookState, ReplayHook, hook_states
from storage.opening import open_for_reading
from toteboard.exits import missing_database, say_json
from toteboard.hook_settings import Hook
from toteboard.number_options import number_option
from toteboard.people import name_argument, perform_and_print
from toteboard.settings import click_options, load


@click.group("hooks", no_args_is_help=False)
def hooks() -> None:
    """List the hooks of the event stream, or replay one."""


@hooks.command("list")
@click_options("database")
def list_hooks(config: Path | None, **given: str | None) -> None:
    """Print the hooks of the settings file, one line of JSON each, without their secrets."""
    settings = load(given, os.environ, config).settings
    path = Path(settings.database)
    if not path.exists():
        raise missing_database(path)
    with closing(open_for_reading(path)) as database:
        states = hook_states(database)
    for hook in settings.hooks:
        say_json(**_shown(hook, states.get(hook.name)))


@hooks.command("replay")
@name_argument
@click.option(
    "--from",
    "from_ms",
    metavar="MS",
    type=number_option(int, 0, 10**15),
    required=True,
    help="Time of the first fact to send again, in epoch milliseconds.",
)
@click_options("database", "key_file")
def replay_hook(name: str, from_ms: int, config: Path | None, **given: str | None) -> None:
    """Send the facts since a time to the hook NAME again.

    A hook that has stopped, because its receiver answered 410, starts again."""
    perform_and_print(load(given, os.environ, config).settings, ReplayHook(name, from_ms))


def _shown(hook: Hook, state: HookState | None) -> dict[str, object]:
    """Return a hook without its secret. `added_at` is null before a server has run with it."""
    return {
        "name": hook.name,
        "url": hook.url,
        "kinds": list(hook.kinds),
        "sources": list(hook.sources),
        "added_at": None if state is None else state.added_at,
        "stopped": state is not None and state.stopped_at is not None,
        "stopped_at": None if state is None else state.stopped_at,
    }
