# SPDX-License-Identifier: GPL-3.0-or-later
"""An alert while the window is not in front: one notification with its words, withdrawn when it is over, quiet for a while after, and the bell.

The desktop's notification service is played by a few lines here, on the test's own session bus; the bell is heard through the X server."""
import ctypes
import ctypes.util
import os
import re
import sys
import tempfile

import driver
from driver import holds, until

try:
    import gi
    gi.require_version("Gio", "2.0")
    from gi.repository import Gio, GLib
except (ImportError, ValueError):
    print("SKIP: python3-gi is missing")
    sys.exit(77)

INTERFACE = """<node><interface name='org.freedesktop.Notifications'>
<method name='Notify'><arg type='s' direction='in'/><arg type='u' direction='in'/><arg type='s' direction='in'/><arg type='s' direction='in'/>
<arg type='s' direction='in'/><arg type='as' direction='in'/><arg type='a{sv}' direction='in'/><arg type='i' direction='in'/><arg type='u' direction='out'/></method>
<method name='CloseNotification'><arg type='u' direction='in'/></method>
<method name='GetCapabilities'><arg type='as' direction='out'/></method>
<method name='GetServerInformation'><arg type='s' direction='out'/><arg type='s' direction='out'/><arg type='s' direction='out'/><arg type='s' direction='out'/></method>
<signal name='NotificationClosed'><arg type='u'/><arg type='u'/></signal>
</interface></node>"""


class Service:
    """org.freedesktop.Notifications: writes down what it is told."""

    def __init__(self):
        self.shown, self.closed = [], []
        self.bus = Gio.bus_get_sync(Gio.BusType.SESSION)
        info = Gio.DBusNodeInfo.new_for_xml(INTERFACE).interfaces[0]
        self.bus.register_object("/org/freedesktop/Notifications", info, self.call, None, None)
        self.owned = False
        Gio.bus_own_name_on_connection(self.bus, "org.freedesktop.Notifications", Gio.BusNameOwnerFlags.NONE, self.own, None)
        until(lambda: self.turn() or self.owned, 5, "the name of the notification service")

    def own(self, *_):
        self.owned = True

    def call(self, _bus, _sender, _path, _interface, method, parameters, invocation):
        values = parameters.unpack()
        if method == "Notify":
            self.shown.append({"summary": values[3], "body": values[4], "hints": values[6], "id": len(self.shown) + 1})
            invocation.return_value(GLib.Variant("(u)", (len(self.shown),)))
        elif method == "CloseNotification":
            self.closed.append(values[0])
            invocation.return_value(None)
        elif method == "GetCapabilities":
            invocation.return_value(GLib.Variant("(as)", (["body"],)))
        else:
            invocation.return_value(GLib.Variant("(ssss)", ("test", "test", "1", "1.2")))

    def turn(self):
        context = GLib.MainContext.default()
        while context.pending():
            context.iteration(False)


class Bell:
    """What the X server says of bells (XkbBellNotify)."""

    class Event(ctypes.Structure):
        _fields_ = [("type", ctypes.c_int), ("serial", ctypes.c_ulong), ("send_event", ctypes.c_int), ("display", ctypes.c_void_p),
                    ("time", ctypes.c_ulong), ("xkb_type", ctypes.c_int), ("padding", ctypes.c_char * 256)]

    def __init__(self):
        self.rung = 0
        self.x = ctypes.CDLL(ctypes.util.find_library("X11") or "libX11.so.6")
        self.x.XOpenDisplay.restype = ctypes.c_void_p
        self.x.XOpenDisplay.argtypes = [ctypes.c_char_p]
        self.x.XkbQueryExtension.argtypes = [ctypes.c_void_p] + [ctypes.POINTER(ctypes.c_int)] * 5
        self.x.XkbSelectEvents.argtypes = [ctypes.c_void_p, ctypes.c_uint, ctypes.c_ulong, ctypes.c_ulong]
        self.x.XPending.argtypes = [ctypes.c_void_p]
        self.x.XNextEvent.argtypes = [ctypes.c_void_p, ctypes.c_void_p]
        self.display = self.x.XOpenDisplay(None)
        base = ctypes.c_int()
        number = ctypes.c_int()
        good = self.x.XkbQueryExtension(self.display, ctypes.byref(number), ctypes.byref(base), ctypes.byref(number), ctypes.byref(ctypes.c_int(1)),
                                        ctypes.byref(ctypes.c_int(0)))
        assert self.display and good
        self.base = base.value
        self.x.XkbSelectEvents(self.display, 0x100, 1 << 8, 1 << 8)

    def heard(self):
        event = self.Event()
        while self.x.XPending(self.display) > 0:
            self.x.XNextEvent(self.display, ctypes.byref(event))
            if event.type == self.base and event.xkb_type == 8:
                self.rung += 1
        return self.rung


service = bell = window = None
folder = tempfile.TemporaryDirectory()


def start(settings):
    """The window with these settings saved before."""
    global window
    place = os.path.join(folder.name, "glib-2.0", "settings")
    os.makedirs(place, exist_ok=True)
    with open(os.path.join(place, "keyfile"), "w") as keyfile:
        keyfile.write("[org/spreadglass/Spreadglass]\n" + settings)
    window = driver.Window("--demo", "--window", "20", "--entry", "4.2", environment={"GSETTINGS_BACKEND": "keyfile", "XDG_CONFIG_HOME": folder.name})
    window.need("label", r"20/20 n/N$", 60)


def leave():
    """Nobody has the keyboard: no window is in front."""
    bell.x.XSetInputFocus.argtypes = [ctypes.c_void_p, ctypes.c_ulong, ctypes.c_int, ctypes.c_ulong]
    bell.x.XSync.argtypes = [ctypes.c_void_p, ctypes.c_int]
    bell.x.XSetInputFocus(bell.display, 0, 0, 0)
    bell.x.XSync(bell.display, 0)


def standing():
    text = window.alert()
    return text if text and " is back within " not in text else None


def raise_alert():
    window.set_spin("Threshold", 0.3)
    return until(standing, 90, "an alert")


def clear_alert():
    window.set_spin("Threshold", 4.2)
    until(lambda: window.alert() is None, 15, "no alert")


def told():
    service.turn()
    return service.shown


def test_in_front_the_banner_is_enough():
    global service, bell
    service, bell = Service(), Bell()
    start("cool-down=0\nsound=false\n")
    driver.xdo("mousemove", 640, 400, "click", 1)
    raise_alert()
    window.keys("ctrl+comma")  # in front of it stands another window of ours
    window.need("spin button", "^Stale after$")
    clear_alert()
    raise_alert()
    holds(lambda: not told(), 2, "nothing is notified")
    assert bell.heard() == 0, "and nothing rings"
    window.keys("Escape")
    until(lambda: not window.find("spin button", "^Stale after$"), 8, "the preferences are closed")
    clear_alert()
    window.quit()


def test_away_it_is_notified_and_rings():
    start("cool-down=0\nsound=true\n")
    leave()
    raise_alert()
    until(told, 10, "a notification")
    first = service.shown[0]
    side = re.match(r"^BTCUSDT is (dear|cheap) against ETHUSDT$", first["summary"])
    assert side, first
    assert re.match(r"^BTCUSDT is (dear|cheap) against ETHUSDT: z [+\u2212]\d+\.\d\d (again |still )?(above \+|below \u2212)0\.\d+,? for ", first["body"]) and side.group(1) in first["body"], first
    until(lambda: bell.heard() >= 1, 10, "the bell")
    clear_alert()
    until(lambda: service.turn() or first["id"] in service.closed, 10, "what is over is withdrawn")
    raise_alert()
    until(lambda: len(told()) >= 2, 10, "without a cool-down the next one is notified too")
    window.quit()


def test_quiet_for_a_while():
    start("cool-down=86400\nsound=true\n")
    leave()
    service.shown.clear()
    rung = bell.heard()
    for _ in range(4):
        raise_alert()
        until(told, 10, "the first of them is notified")
        clear_alert()
    # Once for each side at the most, however often it was raised.
    sides = [n["summary"] for n in told()]
    assert 1 <= len(sides) == len(set(sides)), sides
    until(lambda: bell.heard() - rung == len(sides), 5, "as often as it rang")
    window.quit()


def test_switched_off():
    start("cool-down=0\nnotifications=false\n")
    leave()
    service.shown.clear()
    raise_alert()
    holds(lambda: not told(), 2, "nothing is notified")
    window.quit()


driver.run(test_in_front_the_banner_is_enough, test_away_it_is_notified_and_rings, test_quiet_for_a_while, test_switched_off)
