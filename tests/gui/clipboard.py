# SPDX-License-Identifier: GPL-3.0-or-later
"""The text on the clipboard, asked for as any other program asks: a selection conversion over X11, nothing but libX11 needed."""
import ctypes
import ctypes.util
import time

SELECTION_NOTIFY = 31
INCREMENTAL_LIMIT = 1 << 22


class _SelectionEvent(ctypes.Structure):
    _fields_ = [("type", ctypes.c_int), ("serial", ctypes.c_ulong), ("send_event", ctypes.c_int), ("display", ctypes.c_void_p),
                ("requestor", ctypes.c_ulong), ("selection", ctypes.c_ulong), ("target", ctypes.c_ulong), ("property", ctypes.c_ulong),
                ("time", ctypes.c_ulong)]


class _Event(ctypes.Union):
    _fields_ = [("type", ctypes.c_int), ("selection", _SelectionEvent), ("pad", ctypes.c_long * 24)]


def _library():
    x = ctypes.CDLL(ctypes.util.find_library("X11") or "libX11.so.6")
    x.XOpenDisplay.restype = ctypes.c_void_p
    x.XOpenDisplay.argtypes = [ctypes.c_char_p]
    x.XDefaultRootWindow.restype = ctypes.c_ulong
    x.XDefaultRootWindow.argtypes = [ctypes.c_void_p]
    x.XCreateSimpleWindow.restype = ctypes.c_ulong
    x.XCreateSimpleWindow.argtypes = [ctypes.c_void_p, ctypes.c_ulong] + [ctypes.c_int] * 2 + [ctypes.c_uint] * 3 + [ctypes.c_ulong] * 2
    x.XInternAtom.restype = ctypes.c_ulong
    x.XInternAtom.argtypes = [ctypes.c_void_p, ctypes.c_char_p, ctypes.c_int]
    x.XConvertSelection.argtypes = [ctypes.c_void_p] + [ctypes.c_ulong] * 5
    x.XFlush.argtypes = x.XCloseDisplay.argtypes = [ctypes.c_void_p]
    x.XCheckTypedEvent.argtypes = [ctypes.c_void_p, ctypes.c_int, ctypes.c_void_p]
    x.XFree.argtypes = [ctypes.c_void_p]
    x.XGetWindowProperty.argtypes = [ctypes.c_void_p, ctypes.c_ulong, ctypes.c_ulong, ctypes.c_long, ctypes.c_long, ctypes.c_int, ctypes.c_ulong,
                                     ctypes.POINTER(ctypes.c_ulong), ctypes.POINTER(ctypes.c_int), ctypes.POINTER(ctypes.c_ulong),
                                     ctypes.POINTER(ctypes.c_ulong), ctypes.POINTER(ctypes.c_void_p)]
    return x


def read(seconds=5.0):
    """The text, or None when nobody offers one within the time."""
    x = _library()
    display = x.XOpenDisplay(None)
    if not display:
        raise RuntimeError("no display")
    try:
        window = x.XCreateSimpleWindow(display, x.XDefaultRootWindow(display), 0, 0, 1, 1, 0, 0, 0)
        atom = {name: x.XInternAtom(display, name.encode(), 0) for name in ("CLIPBOARD", "UTF8_STRING", "SPREADGLASS_TEST")}
        x.XConvertSelection(display, atom["CLIPBOARD"], atom["UTF8_STRING"], atom["SPREADGLASS_TEST"], window, 0)
        x.XFlush(display)
        event, deadline = _Event(), time.monotonic() + seconds
        while not x.XCheckTypedEvent(display, SELECTION_NOTIFY, ctypes.byref(event)):
            if time.monotonic() > deadline:
                return None
            time.sleep(0.02)
        if event.selection.property == 0:
            return None
        kind, form, count, left, data = ctypes.c_ulong(), ctypes.c_int(), ctypes.c_ulong(), ctypes.c_ulong(), ctypes.c_void_p()
        x.XGetWindowProperty(display, window, atom["SPREADGLASS_TEST"], 0, INCREMENTAL_LIMIT // 4, 1, 0, ctypes.byref(kind), ctypes.byref(form),
                             ctypes.byref(count), ctypes.byref(left), ctypes.byref(data))
        if not data.value:
            return None
        text = ctypes.string_at(data.value, count.value).decode() if form.value == 8 else None
        x.XFree(data)
        return text
    finally:
        x.XCloseDisplay(display)
