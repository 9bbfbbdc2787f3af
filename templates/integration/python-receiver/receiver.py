"""Prints the calls that msipctl sends to its window.

    msipctl hook add send-message --on incoming-call --with "window={{ window }}"
    msipctl hook add copy-data --on call-end --with "window={{ window }}"

To start it, run `py receiver.py`. To exit, press Ctrl+C. It requires only Python 3.8 or newer on Windows.

To change what happens on a call, edit `on_call`. The caller ID comes from the network: you can show or compare it, but
never pass it to a shell. The program must not run with higher rights than MicroSIP, because Windows would block the
messages.
"""

import ctypes
import signal
import sys
from ctypes import wintypes

WINDOW_TITLE = "{{ window }}"

WM_USER = 0x0400
WM_COPYDATA = 0x004A

# Every function declares its types, because ctypes otherwise treats handles and pointers as 32-bit integers.
LRESULT = ctypes.c_ssize_t
WPARAM = ctypes.c_size_t
LPARAM = ctypes.c_ssize_t


def on_call(kind, text):
    """Runs for each call. `kind` is how it was received, and `text` is the caller's number, unless you changed the
    parameters of the template. The sender waits for it, so it should return quickly."""
    print(f"{kind}: {shown(text) or 'unknown caller'}", flush=True)


def shown(text):
    """Returns a text that is safe to print: control characters and invisible characters become their numbers."""
    return "".join(one if one.isprintable() else f"<U+{ord(one):04X}>" for one in text)


class CopyData(ctypes.Structure):
    """COPYDATASTRUCT: the ID, the length in bytes, and the address of the text."""

    _fields_ = [("id", ctypes.c_size_t), ("length", wintypes.DWORD), ("data", ctypes.c_void_p)]


class WindowClass(ctypes.Structure):
    """WNDCLASSW. Stores the procedure as an address, so that this file can be parsed on any system."""

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
    """Returns the text of CopyData, which is UTF-16 with a terminating NUL character."""
    return data.decode("utf-16-le", errors="replace").rstrip("\0")


class Receiver:
    """A hidden window. msipctl only needs its title."""

    def __init__(self, title):
        self.user32 = ctypes.WinDLL("user32", use_last_error=True)
        self.kernel32 = ctypes.WinDLL("kernel32", use_last_error=True)
        procedure_type = ctypes.WINFUNCTYPE(LRESULT, wintypes.HWND, wintypes.UINT, WPARAM, LPARAM)
        self.declare()
        # A reference prevents Python from deleting the procedure while Windows still calls it.
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
        """Declares the argument and return types of each function."""
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
        """Handles a message. Windows calls it for each message."""
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
        """Returns the text of SendMessage and PostMessage. wParam is the number, or 0 if it doesn't consist of digits
        only. lParam is a global atom that contains the text, or 0 if there's no text."""
        # Smaller numbers aren't string atoms.
        if not 0xC000 <= atom <= 0xFFFF:
            return ""
        text = ctypes.create_unicode_buffer(256)
        self.kernel32.GlobalGetAtomNameW(atom, text, len(text))
        # The sender deletes the atom of a sent message. The receiver must delete the atom of a posted message.
        if not self.user32.InSendMessage():
            self.kernel32.GlobalDeleteAtom(atom)
        return text.value

    def run(self):
        """Handles messages until the window is destroyed."""
        message = wintypes.MSG()
        while self.user32.GetMessageW(ctypes.byref(message), None, 0, 0) > 0:
            self.user32.DispatchMessageW(ctypes.byref(message))


def main():
    """Waits for calls."""
    if sys.platform != "win32":
        sys.exit("receiver.py: window messages work only on Windows")
    # Python handles Ctrl+C only between its own instructions, and none run while the window waits. So let Ctrl+C exit.
    signal.signal(signal.SIGINT, signal.SIG_DFL)
    receiver = Receiver(WINDOW_TITLE)
    print("Waiting for calls. Press Ctrl+C to exit.", flush=True)
    receiver.run()


if __name__ == "__main__":
    main()
