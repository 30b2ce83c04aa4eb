"""``make demo``: a sample class, graded end to end, with reports to look at."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import sample_class

from autograder.sandbox import Unavailable, choose


def main(folder: Path) -> int:
    sample_class.write(folder / "submitted")
    try:
        isolation = choose("auto", classroom=True).name
    except Unavailable as error:
        print(f"WARNING: {error}\nThe demo's own submissions are graded without isolation.", file=sys.stderr)
        isolation = "D"
    command = [
        sys.executable, "-m", "autograder.cli", "grade", str(folder / "submitted"), "--isolation", isolation,
        "--gradebook", f"sqlite:///{(folder / 'gradebook.db').resolve()}", "--report", str(folder / "reports"),
    ]  # fmt: skip
    code = subprocess.run(command, check=False).returncode
    if code == 0:
        print(f"\nthe class page:      {folder}/reports/class.html")
        print(f"a student's page:    {folder}/reports/feedback/en/{sample_class.LECTURE}/bo.html")
        print(f"reports as JSON:     {folder}/reports/{sample_class.LECTURE}/")
        print(f"nbgrader gradebook:  {folder}/gradebook.db")
    return code


if __name__ == "__main__":
    sys.exit(main(Path(sys.argv[1])))
