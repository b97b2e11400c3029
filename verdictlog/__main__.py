"""`python -m verdictlog` is the `verdictlog` command."""

from verdictlog.cli import main

main()
