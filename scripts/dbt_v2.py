"""dbt v2 as a command, with the project's vars on its command line: python scripts/dbt_v2.py build."""

import os
import sys

from runner.engine_v2 import DBT, command, environment
from runner.errors import CannotRunError

if __name__ == "__main__":
    try:
        os.execve(DBT, command(sys.argv[1:], {}), environment())
    except CannotRunError as error:
        sys.exit(f"Error: {error}")
