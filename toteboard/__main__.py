"""`python -m toteboard`: the command line without the script that installing makes."""

from toteboard.cli import main

main(prog_name="toteboard")
