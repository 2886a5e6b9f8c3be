"""What users ask for: the host of the games, and the bettors."""

from collections.abc import Callable
from itertools import count
from typing import Any

from attrs import Factory, define

from tests.campaigns.books import Books
from tests.campaigns.dice import Dice
from tests.campaigns.sim.device import Device
from tests.campaigns.sim.house import House

TARGETS = "Argentina,Brazil,Argentina:7,Brazil:7"
SIDES = ("argentina", "brazil", "none", "yes", "no", "brazil:7")
LEAVES = ("argentina:7", "brazil:7", "argentina:7", "brazil:7", "none")
ACTIONS = ("goal", "yellow-card")
QUESTIONS = (
    *(1, 2, 100, 372, 380, 387, 388, 389, 390, 393, 450, 451, 610, 611, 800, 810, 840),
    *(3811, 3812, 3901),
)


@define
class People:
    """Makes devices send requests, each with a mark of its own."""

    house: House
    books: Books
    dice: Dice
    host: str
    _numbers: "count[int]" = Factory(lambda: count(1))
    immaterial: set[int] = Factory(set)
    """When the events happened that the host called not material (`is_material` of 395)."""
    _moments: set[int] = Factory(set)

    def ask(self, device: Device) -> None:
        """Send one random request that the device's owner may want."""
        bets: list[tuple[float, Callable[[Device], None]]] = [
            (9, self.bet), (1, self.join), (0.3, self.leave), (2, self.question), (0.5, self.chat),
            (0.15, self.limit), (0.1, self.rest),
        ]  # fmt: skip
        hosts: list[tuple[float, Callable[[Device], None]]] = [
            (3, self.pool), (3, self.event), (1.5, self.update), (1.5, self.switch),
            (0.5, self.cancel), (0.4, self.close_game), (0.6, self.game), (0.2, self.open_game),
            (1.2, self.admin), (0.4, self.hot), (0.05, self.close_source), (0.3, self.source),
            (0.3, self.scratch), (0.5, self.confirm), (0.6, self.take_back), (0.8, self.correct),
        ]  # fmt: skip
        self.dice.one_of(*bets, *(hosts if device.name == self.host else []))(device)

    # Requests of all users.

    def bet(self, device: Device) -> None:
        pool_id = self._one(self.books.pools())
        number = next(self._numbers)
        amount = number if self.dice.happens(0.8) else 20_000 + number
        if pool_id is not None:
            target, user_id = self.dice.choice(SIDES[:2] if number % 4 else SIDES), device.user_id
            shown = f"{amount // 100}.{amount % 100:02}"
            self._wish(
                device, 392, (392, user_id, amount), pool_id=pool_id, target=target, amount=shown
            )

    def join(self, device: Device) -> None:
        for game_id in self.dice.some(self.books.open_games(), 3):
            device.wish(363, game_id=game_id)

    def leave(self, device: Device) -> None:
        game_id = self._one([place.game_id for place in device.places.values() if place.is_live])
        if game_id is not None:
            device.wish(364, game_id=game_id)

    def question(self, device: Device) -> None:
        about = {
            "game_id": self._one(self.books.games()),
            "pool_id": self._one(self.books.pools()),
            "source_id": self._one(self.books.sources()),
        }
        op = self.dice.choice(QUESTIONS)
        named = {372: "game_id", 380: "source_id", 3811: "source_id", 393: "pool_id"}
        named |= dict.fromkeys((387, 388, 389, 390, 3901, 451), "game_id")
        if op not in named:
            device.wish(op)
        elif about[named[op]] is not None:
            wanted: dict[str, Any] = {named[op]: about[named[op]]}
            device.wish(op, **wanted)

    def chat(self, device: Device) -> None:
        if device.places:
            device.wish(900, text="hello")

    def limit(self, device: Device) -> None:
        period, kind = self.dice.choice(("day", "week")), self.dice.choice(("spend", "loss"))
        amount = self.dice.choice(("30", "600", "5000", "none"))
        self._wish(device, 8300, None, limits={period: {kind: amount}})

    def rest(self, device: Device) -> None:
        until = self.house.now() + self.dice.choice((200, 900))
        self._wish(device, 8310, None, until=until)

    # Requests of the host.

    def source(self, device: Device) -> None:
        self._wish(device, 365, None, source_name=f"source {next(self._numbers)}")

    def close_source(self, device: Device) -> None:
        if len(sources := self.books.sources()) > 1:
            self._wish(device, 366, None, source_id=sources[-1])

    def game(self, device: Device) -> None:
        source_id = self._one(self.books.sources())
        if source_id is None:
            return
        name, dice = f"game {next(self._numbers)}", self.dice
        often = 0.3 if self.books.open_games() else 0
        times = {
            "open_at": self._soon(dice.choice((200, 1_500, 40_000)), often),
            "close_at": self._soon(dice.choice((2_000, 9_000, 70_000)), often),
            "live_start_at": self._soon(dice.choice((400, 1_500)), 0.5),
        }
        if None not in times.values() and times["close_at"] < times["open_at"]:  # type: ignore[operator]
            del times["close_at"]
        self._wish(
            device,
            dice.one_of((3, 370), (often, 3701)),
            (370, name),
            source_id=source_id,
            game_name=name,
            actions="goal,yellow-card",
            targets=TARGETS,
            **{key: value for key, value in times.items() if value is not None},
        )

    def open_game(self, device: Device) -> None:
        self._about_a_game(device, 3702)

    def admin(self, device: Device) -> None:
        for game_id in self.books.open_games():
            self._wish(device, 616, None, game_id=game_id)

    def update(self, device: Device) -> None:
        game_id = self._one(self.books.open_games())
        name = f"action-{next(self._numbers)}"
        if game_id is not None:
            close_at = self._soon(self.dice.choice((500, 5_000, 90_000)), 0.2)
            more = {} if close_at is None else {"close_at": close_at}
            self._wish(device, 373, (373, name), game_id=game_id, actions=[name], **more)

    def close_game(self, device: Device) -> None:
        self._about_a_game(device, 375)

    def pool(self, device: Device) -> None:
        game_id = self._one(self.books.open_games())
        if game_id is None:
            return
        dice, description = self.dice, f"pool {next(self._numbers)}"
        again = dice.happens(0.2)
        more = {
            "stop_accepting_bets_at": self._soon(dice.choice((100, 3_000)), 0.2),
            "targets": "Argentina:7,Brazil:7" if dice.happens(0.1) else None,
            "policy": dice.choice((None, None, "tote", "us")),
            "bet_delay": dice.choice((None, None, 300, 2_000)),
            "confirm_for": dice.choice((None, None, None, 300, 2_000)),
        }
        self._wish(
            device,
            385,
            (385, description),
            game_id=game_id,
            description=description,
            action=dice.choice(ACTIONS),
            type=dice.one_of((5, 1), (2, 2), (1, 3), (1, 4)),
            recreate_on_end=again,
            finish_at=self.house.now() + dice.choice((1_100, 2_500, 30_000)) + 2_000 * again,
            **{key: value for key, value in more.items() if value is not None},
        )

    def event(self, device: Device) -> None:
        game_id, pool_id = self._one(self.books.open_games()), self._one(self.books.pools())
        happened_at = self.house.now() - self.dice.choice((0, 0, 3, 40, 700))
        while happened_at in self._moments:
            happened_at -= 1
        self._moments.add(happened_at)
        named: dict[str, Any] = {
            "game_id": game_id,
            "action_id": self.dice.choice(ACTIONS),
            "target_id": self.dice.choice(LEAVES),
        }
        if pool_id is not None and self.dice.happens(0.3):
            named = {
                "game_id": self.books.game_of({"pool_id": pool_id}),
                "action_id": f"pool-{pool_id}",
                "target_id": self.dice.choice(("yes", "no")),
            }
        elif self.dice.happens(0.2):
            named["also"] = self.dice.choice(LEAVES[:4])
        if self.dice.another(f"material {happened_at}").happens(0.4):
            named["is_material"] = False
            self.immaterial.add(happened_at)
        if named["game_id"] is not None:
            self._wish(device, 395, (395, happened_at), happened_at=happened_at, **named)

    def switch(self, device: Device) -> None:
        dice, pool_id = self.dice, self._one(self.books.pools())
        name, when = dice.choice((("block", 397), ("allow", 398), ("allow", 398)))
        at = self._soon(dice.choice((50, 1_000)), 0.4)
        times = {} if at is None else {f"{name}_at": at}
        game_id = self._one(self.books.open_games())
        if dice.happens(0.2) and game_id is not None:
            op = 3975 if name == "block" else 3985
            self._wish(device, op, None, game_id=game_id, action=dice.choice(ACTIONS), **times)
        elif pool_id is not None:
            self._wish(device, when, None, pool_id=pool_id, **times)

    def cancel(self, device: Device) -> None:
        pool_id = self._one(self.books.pools())
        if pool_id is not None:
            self._wish(device, 399, None, pool_id=pool_id)

    def scratch(self, device: Device) -> None:
        pool_id = self._one(self.books.pools())
        if pool_id is not None:
            target = self.dice.choice(("argentina", "brazil", "none"))
            self._wish(device, 3994, None, pool_id=pool_id, target=target, reason="fog")

    def confirm(self, device: Device) -> None:
        pool_id = self._one(self.books.pools())
        if pool_id is not None:
            self._wish(device, 3952, None, pool_id=pool_id)

    def take_back(self, device: Device) -> None:
        game_id = self._one(self.books.open_games())
        event_id = None if game_id is None else self._one(self.books.events(game_id))
        if event_id is not None:
            self._wish(device, 3951, None, game_id=game_id, event_id=event_id, reason="offside")

    def correct(self, device: Device) -> None:
        """Correct a result, also of a closed game, and sometimes one that does not stand."""
        results = dict(self.books.results())
        pool_id = self._one([*results])
        if pool_id is not None:
            target = self.dice.choice((*SIDES, None))
            result = {"cancel": True} if target is None else {"winning_target": target}
            seq = results[pool_id] - self.dice.choice((0, 0, 0, 0, 1))
            self._wish(
                device, 3992, None, pool_id=pool_id, corrects_seq=seq, reason="video", **result
            )

    def hot(self, device: Device) -> None:
        pool_id = self._one(self.books.pools())
        if pool_id is not None:
            at = self.house.now() + 1_000
            self._wish(device, 396, None, pool_id=pool_id, likely_to_happen_at=at)

    # Helpers.

    def _about_a_game(self, device: Device, op: int) -> None:
        game_id = self._one(self.books.open_games())
        if game_id is not None:
            self._wish(device, op, None, game_id=game_id)

    def _wish(self, device: Device, op: int, mark: Any, **parameters: Any) -> None:
        """Request a change, usually with a key, and occasionally twice in succession."""
        wish = device.wish(op, keyed=self.dice.happens(0.8), mark=mark, **parameters)
        if wish.key is not None and self.dice.happens(0.1):
            device.send(wish)

    def _one(self, there: list[str]) -> str | None:
        """Return one of the values. The newest is more likely."""
        if not there:
            return None
        return there[-1] if self.dice.happens(0.3) else self.dice.choice(there)

    def _soon(self, within_ms: int, probability: float) -> int | None:
        if not self.dice.happens(probability):
            return None
        return self.house.now() + self.dice.randint(1, within_ms)
