"""`--help` explains every command, option and argument; of a setting it has the same sentence as
docs/reference/settings.md."""

import re

import click
import pytest

from tests.support.tree import ROOT
from toteboard.cli import main
from toteboard.settings import TABLE, Setting


def every_command(group: click.Group = main) -> dict[str, click.Command]:
    """Return the commands by name, including those of groups."""
    found: dict[str, click.Command] = {"toteboard": main} if group is main else {}
    for name, command in group.commands.items():
        found[name] = command
        if isinstance(command, click.Group):
            found |= {f"{name} {k}": each for k, each in every_command(command).items()}
    return found


@pytest.mark.parametrize(("name", "command"), every_command().items(), ids=every_command())
def test_help_explains_every_option_and_argument(name: str, command: click.Command) -> None:
    assert command.help
    for parameter in command.get_params(click.Context(command)):
        if isinstance(parameter, click.Option):
            assert re.match(r"[A-Z].*\w.*[.]", parameter.help or ""), parameter.name
        else:
            assert parameter.human_readable_name in command.help, parameter.name


@pytest.mark.parametrize("setting", TABLE.values(), ids=TABLE)
def test_help_says_what_a_setting_does_its_bounds_and_its_default(setting: Setting) -> None:
    options = {option.name: option for option in main.commands["serve"].params}
    option = options[setting.name]
    assert isinstance(option, click.Option)
    assert option.help is not None
    assert option.help.startswith(f"{setting.about}  [")
    assert option.help.endswith(f"default: {setting.shown_default}]")
    assert setting.bounds in option.help
    assert re.fullmatch(r"[A-Z][^\n]+[.]", setting.about)


def test_the_reference_has_every_command_and_no_other() -> None:
    page = (ROOT / "docs" / "reference" / "commands.md").read_text()
    described = re.findall(r"^\| `toteboard ([a-z-]+(?: [a-z-]+)?)", page, re.M)
    commands = every_command()
    groups = {name for name, command in commands.items() if isinstance(command, click.Group)}
    assert sorted(described) == sorted(commands.keys() - groups)
