"""Prints the calls that msipctl sends to its window.

    msipctl hook add send-message --on incoming-call --with "window={{ window }}"
    msipctl hook add copy-data --on call-end --with "window={{ window }}"

Start it with `py receiver.py`; Ctrl+C ends it. It needs Python 3.8 or newer on Windows and nothing else.

`on_call` is the place for what you want to happen. The caller's text comes from the network: show it, compare it,
but hand it to no shell. A program that runs with higher rights than MicroSIP gets no messages: Windows keeps them
away.
"""

import ctypes
import signal
import sys
from ctypes import wintypes

WINDOW_TITLE = "{{ window }}"

WM_USER = 0x0400
WM_COPYDATA = 0x004A

# The types are said for every call: without them Python takes handles and pointers for 32 bits.
LRESULT = ctypes.c_ssize_t
WPARAM = ctypes.c_size_t
LPARAM = ctypes.c_ssize_t


def on_call(kind, text):
    """Called for each call: how it came, and the text, which is the number unless the template's parameters say
    otherwise. The sender waits for its end, so it should not take long."""
    print(f"{kind}: {shown(text) or 'unknown caller'}", flush=True)


def shown(text):
    """Returns a text as a terminal may get it: characters that control it, or that are invisible, as numbers."""
    return "".join(one if one.isprintable() else f"<U+{ord(one):04X}>" for one in text)


class CopyData(ctypes.Structure):
    """COPYDATASTRUCT: the id, the length in bytes, and where the text is."""

    _fields_ = [("id", ctypes.c_size_t), ("length", wintypes.DWORD), ("data", ctypes.c_void_p)]


class WindowClass(ctypes.Structure):
    """WNDCLASSW. The procedure is kept as an address, so that this file can be read on any system."""

    _fields_ = [
        ("style", wintypes.UINT),
        ("procedure", ctypes.c_void_p),
        ("class_extra", ctypes.c_int),
        ("window_extra", ctypes.c_int),
        ("instance", wintypes.HINSTANCE),
        ("icon", wintypes.HANDLE),
        ("cursor", wintypes.HANDLE),
        ("background", wintypes.HANDLE),
        ("menu_name", wintypes.LPCWSTR),
        ("class_name", wintypes.LPCWSTR),
    ]


def text_of(data):
    """Reads what CopyData brought: UTF-16 with a zero behind it."""
    return data.decode("utf-16-le", errors="replace").rstrip("\0")


class Receiver:
    """A window that is not shown. Only its title is needed."""

    def __init__(self, title):
        self.user32 = ctypes.WinDLL("user32", use_last_error=True)
        self.kernel32 = ctypes.WinDLL("kernel32", use_last_error=True)
        procedure_type = ctypes.WINFUNCTYPE(LRESULT, wintypes.HWND, wintypes.UINT, WPARAM, LPARAM)
        self.declare()
        # Python would throw it away while Windows still calls it.
        self.procedure = procedure_type(self.take)
        instance = self.kernel32.GetModuleHandleW(None)
        window_class = WindowClass(
            procedure=ctypes.cast(self.procedure, ctypes.c_void_p),
            instance=instance,
            class_name="MsipctlPythonReceiver",
        )
        if not self.user32.RegisterClassW(ctypes.byref(window_class)):
            raise ctypes.WinError(ctypes.get_last_error())
        self.window = self.user32.CreateWindowExW(
            0, window_class.class_name, title, 0, 0, 0, 0, 0, None, None, instance, None
        )
        if not self.window:
            raise ctypes.WinError(ctypes.get_last_error())

    def declare(self):
        """Says what each call takes and returns."""
        user32, kernel32 = self.user32, self.kernel32
        kernel32.GetModuleHandleW.argtypes = [wintypes.LPCWSTR]
        kernel32.GetModuleHandleW.restype = wintypes.HMODULE
        kernel32.GlobalGetAtomNameW.argtypes = [wintypes.ATOM, wintypes.LPWSTR, ctypes.c_int]
        kernel32.GlobalGetAtomNameW.restype = wintypes.UINT
        kernel32.GlobalDeleteAtom.argtypes = [wintypes.ATOM]
        kernel32.GlobalDeleteAtom.restype = wintypes.ATOM
        user32.RegisterClassW.argtypes = [ctypes.POINTER(WindowClass)]
        user32.RegisterClassW.restype = wintypes.ATOM
        user32.CreateWindowExW.argtypes = [
            wintypes.DWORD, wintypes.LPCWSTR, wintypes.LPCWSTR, wintypes.DWORD,
            ctypes.c_int, ctypes.c_int, ctypes.c_int, ctypes.c_int,
            wintypes.HWND, wintypes.HMENU, wintypes.HINSTANCE, wintypes.LPVOID,
        ]  # fmt: skip
        user32.CreateWindowExW.restype = wintypes.HWND
        user32.DefWindowProcW.argtypes = [wintypes.HWND, wintypes.UINT, WPARAM, LPARAM]
        user32.DefWindowProcW.restype = LRESULT
        user32.InSendMessage.argtypes = []
        user32.InSendMessage.restype = wintypes.BOOL
        user32.GetMessageW.argtypes = [
            ctypes.POINTER(wintypes.MSG), wintypes.HWND, wintypes.UINT, wintypes.UINT,
        ]  # fmt: skip
        user32.GetMessageW.restype = ctypes.c_int
        user32.DispatchMessageW.argtypes = [ctypes.POINTER(wintypes.MSG)]
        user32.DispatchMessageW.restype = LRESULT

    def take(self, window, message, wparam, lparam):
        """Called by Windows for each message."""
        if message == WM_USER + 100:
            on_call("message", self.atom_text(lparam))
            return 1
        if message == WM_COPYDATA and lparam:
            data = CopyData.from_address(lparam)
            held = ctypes.string_at(data.data, data.length) if data.data else b""
            on_call(f"data {data.id}", text_of(held))
            return 1
        return self.user32.DefWindowProcW(window, message, wparam, lparam)

    def atom_text(self, atom):
        """SendMessage and PostMessage: wParam is the number, 0 if it is no plain one; lParam is a global atom that
        holds the text, 0 if there is none."""
        # Smaller numbers are no atoms that somebody made.
        if not 0xC000 <= atom <= 0xFFFF:
            return ""
        text = ctypes.create_unicode_buffer(256)
        self.kernel32.GlobalGetAtomNameW(atom, text, len(text))
        # Who sends deletes the atom; of one that was posted, that is up to the receiver.
        if not self.user32.InSendMessage():
            self.kernel32.GlobalDeleteAtom(atom)
        return text.value

    def run(self):
        """Waits for messages until the window is gone."""
        message = wintypes.MSG()
        while self.user32.GetMessageW(ctypes.byref(message), None, 0, 0) > 0:
            self.user32.DispatchMessageW(ctypes.byref(message))


def main():
    """Waits for calls."""
    if sys.platform != "win32":
        sys.exit("receiver.py: messages between windows are there on Windows only")
    # Python looks for Ctrl+C only between its own lines, and a waiting window has none.
    signal.signal(signal.SIGINT, signal.SIG_DFL)
    receiver = Receiver(WINDOW_TITLE)
    print("waiting for calls; Ctrl+C ends it", flush=True)
    receiver.run()


if __name__ == "__main__":
    main()
