# SPDX-License-Identifier: GPL-3.0-or-later
"""An alert while the window is not in front: one notification with its words, withdrawn when it is over, replaced when it changes sides, quiet for a while
after, and the bell.

The desktop's notification service is played by a few lines here, on the test's own session bus; the bell is heard through the X server. What is alerted of
is a recording whose spread the test made (tests/support/crossings.py): at its end nothing happens but what the test does."""
import ctypes
import ctypes.util
import os
import re
import sys
import tempfile

import driver
import crossings
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
        self.shown, self.closed, self.out, self.slow = [], [], {}, 0.0
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
            number = values[1] or 1000 + len(self.shown)  # what is replaced keeps its number
            self.shown.append({"summary": values[3], "body": values[4], "hints": values[6], "id": number, "replaces": values[1]})
            self.out[number] = values[3]
            GLib.timeout_add(int(self.slow * 1000), lambda: invocation.return_value(GLib.Variant("(u)", (number,))))
        elif method == "CloseNotification":
            self.closed.append(values[0])
            self.out.pop(values[0], None)
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
FAR, NEAR = 4.2, 2.0  # no z over 20 bars of these recordings is beyond the one, the last one of each is beyond the other


def start(settings, spread=None, speed="max", entry=FAR):
    """The window with these settings saved before, playing this spread."""
    global window
    place = os.path.join(folder.name, "glib-2.0", "settings")
    os.makedirs(place, exist_ok=True)
    with open(os.path.join(place, "keyfile"), "w") as keyfile:
        keyfile.write("[org/spreadglass/Spreadglass]\n" + settings)
    path = crossings.write(os.path.join(folder.name, "pair.ndjson"), spread or crossings.calm(120, size=1.0) + crossings.leave(1))
    service.shown.clear()
    service.closed.clear()
    service.out.clear()
    window = driver.Window("--replay", path, "--speed", speed, *crossings.OPTIONS, "--entry", str(entry),
                           environment={"GSETTINGS_BACKEND": "keyfile", "XDG_CONFIG_HOME": folder.name})


def played():
    until(lambda: service.turn() or window.connection() == "Replay over", 60, "the recording is played")


def leave():
    """Nobody has the keyboard: no window is in front."""
    bell.x.XSetInputFocus.argtypes = [ctypes.c_void_p, ctypes.c_ulong, ctypes.c_int, ctypes.c_ulong]
    bell.x.XSync.argtypes = [ctypes.c_void_p, ctypes.c_int]
    bell.x.XSetInputFocus(bell.display, 0, 0, 0)
    bell.x.XSync(bell.display, 0)


def standing():
    service.turn()
    text = window.alert()
    return text if text and " is back within " not in text else None


def raise_alert():
    window.set_spin("Threshold", NEAR)
    return until(standing, 20, "an alert")


def clear_alert():
    window.set_spin("Threshold", FAR)
    until(lambda: service.turn() or window.alert() is None, 15, "no alert")


def told():
    service.turn()
    return service.shown


def test_in_front_the_banner_is_enough():
    global service, bell
    service, bell = Service(), Bell()
    start("cool-down=0\nsound=false\n")
    played()
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
    played()
    leave()
    raise_alert()
    until(told, 10, "a notification")
    first = service.shown[0]
    assert first["summary"] == "BTCUSDT is dear against ETHUSDT", first
    assert re.match(r"^BTCUSDT is dear against ETHUSDT: z \+2\.\d\d above \+2\.0 for \d s \u00b7 relation: significant ", first["body"]), first
    until(lambda: bell.heard() >= 1, 10, "the bell")
    clear_alert()
    until(lambda: service.turn() or not service.out, 10, "what is over is withdrawn")
    assert first["id"] in service.closed, (first, service.closed)
    raise_alert()
    until(lambda: len(told()) >= 2, 10, "without a cool-down the next one is notified too")
    window.quit()


def test_withdrawn_before_the_desktop_answers():
    """A desktop that takes its time: the alert is over before it has said under which number it shows it."""
    start("cool-down=0\n")
    played()
    leave()
    service.slow = 3.0
    raise_alert()
    until(told, 10, "a notification")
    clear_alert()
    until(lambda: service.turn() or (service.closed and not service.out), 25, "it is withdrawn all the same")
    service.slow = 0.0
    window.quit()


def test_the_other_side_takes_its_place():
    """The alert changes sides, comes back, and ends: at each moment what is out is of the side that stands, and in the end nothing is."""
    far = 3.0
    spread = crossings.calm(200, size=1.0)
    for sign in (1, -1, 1, -1, 1):
        spread += [sign * far * 1.35 ** i for i in range(6)]
        far *= 1.35 ** 6
    spread += [0.0] * 30
    sides = [side for _, _, side, _ in crossings.alerts(crossings.zscores(spread), NEAR)]
    expected = [f"BTCUSDT is {'dear' if side > 0 else 'cheap'} against ETHUSDT" for side in sides if side]
    assert len(expected) >= 5 and len(set(expected[-4:])) == 2, expected
    start("cool-down=0\n", spread, speed="10", entry=NEAR)
    leave()
    played()
    until(lambda: service.turn() or not service.out, 20, "in the end nothing is out")
    summaries = [note["summary"] for note in service.shown]
    assert summaries and "BTCUSDT is cheap against ETHUSDT" in summaries and "BTCUSDT is dear against ETHUSDT" in summaries, summaries
    assert any(note["replaces"] for note in service.shown), service.shown
    assert len(service.out) <= 1, service.out
    window.quit()


def test_quiet_for_a_while():
    start("cool-down=86400\nsound=true\n")
    played()
    leave()
    rung = bell.heard()
    for _ in range(4):
        raise_alert()
        until(told, 10, "the first of them is notified")
        clear_alert()
    assert len(told()) == 1, service.shown  # however often it was raised
    until(lambda: service.turn() or not service.out, 10, "and withdrawn")
    until(lambda: bell.heard() - rung == 1, 5, "as often as it rang")
    window.quit()


def test_switched_off():
    start("cool-down=0\nnotifications=false\n")
    played()
    leave()
    raise_alert()
    holds(lambda: not told(), 2, "nothing is notified")
    window.quit()


driver.run(test_in_front_the_banner_is_enough, test_away_it_is_notified_and_rings, test_withdrawn_before_the_desktop_answers, test_the_other_side_takes_its_place,
           test_quiet_for_a_while, test_switched_off)
