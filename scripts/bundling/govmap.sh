#!/bin/sh
# Opens the desk in the browser; with a project's name behind it, that project.
here=$(CDPATH= cd -- "$(dirname -- "$0")" && pwd)
exec "$here/govmap" serve "$@"
