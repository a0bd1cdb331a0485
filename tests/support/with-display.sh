#!/bin/bash
# SPDX-License-Identifier: GPL-3.0-or-later
# with-display.sh COMMAND…: runs COMMAND on a virtual display with a session bus and an accessibility bus, in a home of its own.
# Leaves nothing behind. Exit status 77 (skip) when the tools are missing. SG_SCREEN=WxH sets the size of the screen.
set -u
for tool in Xvfb xvfb-run dbus-run-session; do
    command -v "$tool" >/dev/null || { echo "SKIP: $tool is missing"; exit 77; }
done
home=$(mktemp -d); trap 'rm -rf "$home"' EXIT
mkdir -m700 -p "$home"/{run,config,data,cache}
export HOME=$home XDG_RUNTIME_DIR=$home/run XDG_CONFIG_HOME=$home/config XDG_DATA_HOME=$home/data XDG_CACHE_HOME=$home/cache
export GDK_BACKEND=x11 GSK_RENDERER=cairo GTK_A11Y=${GTK_A11Y:-atspi} GSETTINGS_BACKEND=${GSETTINGS_BACKEND:-memory}
export GTK_USE_PORTAL=0 LC_ALL=C.UTF-8 TZ=UTC
unset WAYLAND_DISPLAY DBUS_SESSION_BUS_ADDRESS AT_SPI_BUS_ADDRESS GTK_THEME
mkdir -p "$XDG_CONFIG_HOME/gtk-4.0"
printf '[Settings]\ngtk-font-name=DejaVu Sans 10\ngtk-enable-animations=0\n' >"$XDG_CONFIG_HOME/gtk-4.0/settings.ini"
exec 3>&2 # the program's standard error stays; the chatter of the bus daemons goes to a file
xvfb-run -a -s "-screen 0 ${SG_SCREEN:-1280x800}x24 -nolisten tcp -noreset" \
    dbus-run-session -- bash -c 'exec 2>&3; "$@"' _ "$@" 2>"$home/bus.log"
