"""The unit for systemd and the image name only existing commands, settings and paths.

Neither can be started here, but the names in them can be verified.
"""

import json
import re
import shlex

import pytest

from tests.support.tree import FLOORS, ROOT
from toteboard.cli import main
from toteboard.settings import PREFIX, TABLE

UNIT = (ROOT / "packaging" / "toteboard.service").read_text()
IMAGE = (ROOT / "Dockerfile").read_text()
COMPOSE = (ROOT / "packaging" / "compose" / "compose.yaml").read_text()
MONITORING = ROOT / "packaging" / "monitoring"
IGNORED = (ROOT / ".dockerignore").read_text().splitlines()


def test_the_unit_runs_a_command_that_there_is() -> None:
    (line,) = re.findall(r"^ExecStart=\S+/toteboard (.*)$", UNIT, re.M)
    command, *options = shlex.split(line)
    known = {option for each in main.commands[command].params for option in each.opts}
    assert {option for option in options if option.startswith("--")} <= known


def test_the_unit_waits_to_be_told_and_for_longer_than_a_stop_takes() -> None:
    assert re.search(r"^Type=notify$", UNIT, re.M)
    (seconds,) = re.findall(r"^TimeoutStopSec=(\d+)$", UNIT, re.M)
    assert int(seconds) > 10
    assert re.search(r"^RestartPreventExitStatus=2$", UNIT, re.M)


def test_the_unit_lets_an_upgrade_take_as_long_as_it_does() -> None:
    assert re.search(r"^TimeoutStartSec=infinity$", UNIT, re.M)


def test_the_image_sets_settings_that_there_are() -> None:
    named = re.findall(rf"{PREFIX}([A-Z_]+)=", IMAGE)
    assert named
    assert {name.lower() for name in named} <= TABLE.keys()


def test_the_image_asks_for_health_where_it_is_told() -> None:
    (port, path) = re.findall(r"http://127\.0\.0\.1:(\d+)(/\w+)", IMAGE)[0]
    assert int(port) == TABLE["operator_port"].default
    assert path == "/readyz"
    exposed = re.findall(r"^EXPOSE (.*)$", IMAGE, re.M)[0].split()
    assert exposed == [str(TABLE["port"].default)], "the operator port is for the inside"


def test_the_image_is_built_without_anything_done_before() -> None:
    stage = re.findall(r"^FROM node:\S+ AS (\w+)$", IMAGE, re.M)
    assert stage == ["page"]
    sources = re.findall(r"^COPY (?!--from)(.+) \S+$", IMAGE, re.M)
    named = [name for line in sources for name in line.split() if name != "."]
    assert all((ROOT / name).exists() for name in named)
    assert "COPY --from=page /src/toteboard/page/vendor toteboard/page/vendor" in IMAGE


def test_compose_sets_settings_and_forwards_to_the_port_that_there_are() -> None:
    named = re.findall(rf"{PREFIX}([A-Z_]+):", COMPOSE)
    assert named
    assert {name.lower() for name in named} <= TABLE.keys()
    caddy = (ROOT / "packaging" / "compose" / "Caddyfile").read_text()
    assert f"reverse_proxy toteboard:{TABLE['port'].default}" in caddy


@pytest.mark.parametrize("name", ["grafana.json", "alerts.yml"])
def test_boards_and_alerts_ask_for_metrics_that_there_are(name: str) -> None:
    page = (ROOT / "docs" / "reference" / "metrics.md").read_text()
    known = set(re.findall(r"toteboard_[a-z_]+", page))
    named = set(re.findall(r"toteboard_[a-z_]+", (MONITORING / name).read_text()))
    assert len(named) >= 5
    assert {each.removesuffix("_bucket") for each in named} <= known


def test_the_board_is_json_that_grafana_reads() -> None:
    board = json.loads((MONITORING / "grafana.json").read_text())
    assert {panel["type"] for panel in board["panels"]} == {"timeseries"}
    assert all(target["expr"] for panel in board["panels"] for target in panel["targets"])


def test_the_image_does_not_run_as_root() -> None:
    last_stage = IMAGE.rpartition("\nFROM ")[2]
    assert re.search(r"^USER (?!root)\w+$", last_stage, re.M)


@pytest.mark.parametrize(
    "needed", [*FLOORS, "clients/python", "pyproject.toml", "requirements.lock", "README.md"]
)
def test_the_image_is_built_from_what_it_is_given(needed: str) -> None:
    assert IGNORED[0] == "*"
    assert f"!{needed}" in IGNORED
    assert (ROOT / needed).exists()


def test_the_cluster_of_compose_sets_settings_that_there_are() -> None:
    cluster = (ROOT / "packaging" / "compose" / "cluster.yaml").read_text()
    named = set(re.findall(rf"{PREFIX}([A-Z_]+):", cluster))
    assert {"CLUSTER", "NODE_ADDRESS", "NODE_LISTEN", "KEY_FILE"} == named
    assert {name.lower() for name in named} <= TABLE.keys()
    assert all(f"node{number}:7000" in cluster for number in (1, 2, 3))
    script = ROOT / "packaging" / "compose" / "cluster-database.sh"
    assert f"./{script.name}:" in cluster
    assert "ANY 1 (db2, db3)" in script.read_text()
