#!/bin/bash
# SPDX-License-Identifier: GPL-3.0-or-later
# screenshots.sh BUILD-FOLDER: makes assets/screenshots/window-{dark,light}.png from the real window on the built-in exchange
# (one seed, so the same market every time), on a virtual display of its own.
set -eu
build=$(cd "${1:?the build folder}" && pwd)
source=$(cd "$(dirname "$0")/../.." && pwd)
mkdir -p "$source/assets/screenshots"
export SPREADGLASS=$build/spreadglass SG_BINARY_DIR=$build GSETTINGS_SCHEMA_DIR=$build/schemas
exec "$source/tests/support/with-display.sh" /usr/bin/python3 "$source/tests/gui/screenshots.py" "$source/assets/screenshots"
