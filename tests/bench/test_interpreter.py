import pytest

from bench.interpreter import FASTER, Interpreter, best, description, signs

DEBIAN = {"CONFIG_ARGS": "'--enable-shared' '--without-ensurepip'", "PGO_PROF_USE_FLAG": ""}
PYENV = {
    "CONFIG_ARGS": "'--prefix=/usr/local' '--enable-shared'",
    "PY_CORE_CFLAGS": "-DNDEBUG -g -fwrapv -O3 -DPy_BUILD_CORE",
    "PGO_PROF_USE_FLAG": "-fprofile-use -fprofile-correction",
    "PY_LDFLAGS_NOLTO": "-Wl,-rpath,/usr/local/lib",
}
PLAIN = Interpreter("/plain", "3.11.7")
SILENT = Interpreter("/silent", "3.11.2")
SAYS_SO = Interpreter("/says-so", "3.12.1", ("PGO", "LTO"))


@pytest.mark.parametrize(
    ("config", "found"),
    [
        ({"CONFIG_ARGS": "'--enable-optimizations' '--with-lto'"}, ("PGO", "LTO")),
        ({"CONFIG_ARGS": "'--enable-optimizations' '--with-lto=thin'"}, ("PGO", "LTO")),
        ({"CONFIG_ARGS": "'--enable-optimizations' '--without-lto'"}, ("PGO",)),
        ({"CONFIG_ARGS": "'--enable-optimizations=no' '--with-lto=no'"}, ()),
        ({"PY_CORE_CFLAGS": "-O3 -fprofile-use -flto=auto -fno-lto"}, ("PGO", "LTO")),
        ({"PY_CFLAGS_NODIST": "-fprofile-instr-use=code.profclangd"}, ("PGO",)),
        ({"CFLAGS_NODIST": "-flto"}, ("LTO",)),
        ({"CONFIG_ARGS": None}, ()),
        (PYENV, ()),
        (DEBIAN, ()),
        ({}, ()),
    ],
)
def test_flags_that_a_build_used_are_signs(
    config: dict[str, object], found: tuple[str, ...]
) -> None:
    assert signs(config) == found


def test_flags_that_say_pgo_are_preferred_without_a_measurement() -> None:
    assert best([PLAIN, SILENT, SAYS_SO], {}) is SAYS_SO


def test_without_flags_the_clearly_faster_interpreter_is_chosen() -> None:
    assert best([PLAIN, SILENT], {"/plain": FASTER, "/silent": 1.0}) is SILENT


def test_without_a_clear_difference_the_first_interpreter_is_chosen() -> None:
    assert best([PLAIN, SILENT], {"/plain": FASTER - 0.01, "/silent": 1.0}) is PLAIN


def test_a_description_names_the_flags() -> None:
    assert description(SAYS_SO, [PLAIN], {}) == "Python 3.12.1, optimised (PGO, LTO)"
    lto_only = Interpreter("/lto", "3.12.1", ("LTO",))
    assert description(lto_only, [], {}) == "Python 3.12.1, not optimised (LTO)"


def test_a_description_without_flags_quotes_the_loop() -> None:
    loop_s = {"/plain": 1.35, "/silent": 1.0}
    assert description(SILENT, [PLAIN], loop_s) == (
        "Python 3.11.2, optimised (a loop is 1.35 times as fast as in Python 3.11.7)"
    )
    assert description(PLAIN, [SILENT], loop_s) == "Python 3.11.7, no sign that it is optimised"


def test_another_minor_version_that_is_slower_shows_no_optimisation() -> None:
    older = Interpreter("/older", "3.12.1")
    text = description(SILENT, [older], {"/older": 2.0, "/silent": 1.0})
    assert text == "Python 3.11.2, no sign that it is optimised"
