#!/bin/sh
# Runs the gateway so that a limit on the size of its files is an error of a write, not its end.
trap '' XFSZ
exec "$TESTED_BINARY" "$@"
