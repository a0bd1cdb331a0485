#!/bin/sh
# SPDX-License-Identifier: GPL-3.0-or-later
# make-man.sh PROGRAM VERSION OUTPUT: the manual page. What never changes is written here; verbs and options are those that the
# program itself tells, so that the page cannot be behind it.
set -eu
program=$1 version=$2 output=$3
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

"$program" --help >"$work/window"
verbs=$(awk '/^verbs:/ { on = 1; next } on && /^$/ { exit } on { print $1 }' "$work/window")
for verb in $verbs; do
    "$program" "$verb" --help >"$work/$verb"
done

roff() { # text as roff takes it
    sed -e 's/…/.../g' -e 's/\\/\\e/g' -e 's/-/\\-/g' -e 's/`/\\(ga/g' -e "s/'/\\\\(aq/g" -e 's/^\./\\\&./'
}

{
    cat <<TEXT
.\" SPDX-License-Identifier: GPL-3.0-or-later
.TH SPREADGLASS 1 "" "Spreadglass $version" "User Commands"
.SH NAME
spreadglass \- the spread of two instruments, live, and whether it can be believed
.SH SYNOPSIS
.B spreadglass
.RI [ VERB ]
.RI [ OPTIONS ]
.SH DESCRIPTION
Spreadglass watches two instruments on Binance, keeps their history, and answers one question at every moment:
how far is this spread from where it belongs, and can that number be believed?
Without a verb it opens a window; the verbs are the same engine without one.
Market data only: no account, no key, and no order is ever sent.
.SH VERBS
TEXT
    for verb in $verbs; do
        printf '.TP\n.B %s\n' "$verb"
        awk -v verb="$verb" '/^verbs:/ { on = 1; next } on && $1 == verb { sub(/^ *[^ ]+ +/, ""); print; exit }' "$work/window" | roff
        printf '.br\n'
        sed -n '1s/^usage: //p' "$work/$verb" | roff
    done
    cat <<'TEXT'
.SH OPTIONS
In brackets behind each text: where the option belongs. Defaults stand in brackets within it.
TEXT
    # Every option once, in the order of its first appearance, with the verbs that take it.
    for verb in window $verbs; do
        sed -n 's/^  \(--.*\)/\1/p' "$work/$verb" | sed "s/^/$verb	/"
    done | awk -F '\t' '
        { cut = match($2, /  +/); name = cut ? substr($2, 1, cut - 1) : $2; text = cut ? substr($2, cut + RLENGTH) : ""
          if (!(name in texts)) { order[++n] = name; texts[name] = text }
          where[name] = where[name] (where[name] == "" ? "" : ", ") $1 }
        END { for (i = 1; i <= n; i++) print order[i] "\t" texts[order[i]] "\t" where[order[i]] }' | roff |
        awk -F '\t' '{ print ".TP\n.B " $1 "\n" $2 "\n[" $3 "]" }'
    cat <<'TEXT'
.SH EXIT STATUS
.TP
.B 0
It did what was asked.
.TP
.B 1
The world did not allow it: a file, a connection, a certificate. The reason is on standard error.
.TP
.B 2
The call is wrong: an unknown verb, or an option or value that does not fit.
.SH FILES
.TP
.I $XDG_DATA_HOME/spreadglass/spreadglass.db
The store: bars, gaps and alerts of Binance's instruments. \fB\-\-data\-dir\fR names another folder; the built\-in exchange keeps nothing.
One program keeps an instrument at a time; a second one reads, says so, and takes over when the first has ended.
A store that cannot be had (locked, read\-only, full, damaged, of a later version) is tried again; what was never stored is told at the end.
.SH EXAMPLES
.TP
.B spreadglass \-\-demo
The window on the built\-in local exchange: no account and no network are needed.
.TP
.B spreadglass watch \-\-pair BTCUSDT/ETHUSDT \-\-interval 1m
The live session as text, until Ctrl+C.
.TP
.B spreadglass analyze a.csv b.csv \-\-pair A/B
The statistics of two price series from files.
.TP
.B spreadglass doctor
What keeps it from working here, and what to do about it.
TEXT
} >"$output"
