"""Points stock nbgrader (`nbgrader validate`, formgrader, `nbgrader generate_feedback`) at this repository.

`autograder build` makes the notebooks; `autograder grade` grades them and fills nbgrader's gradebook.
"""

from pathlib import Path

c = get_config()  # noqa: F821  (nbgrader puts it there)

c.CourseDirectory.root = str(Path(__file__).resolve().parent)
c.CourseDirectory.course_id = "dl"
# `nbgrader generate_assignment` would write here from `source/`, which this course does not have.
c.CourseDirectory.release_directory = "assignments/en"
