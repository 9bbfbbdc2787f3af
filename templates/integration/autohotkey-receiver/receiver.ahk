; receiver.ahk: shows the calls that msipctl sends to its window. Requires AutoHotkey v2.
;
;   msipctl hook add send-message --on incoming-call --with "window={{ window }}"
;   msipctl hook add copy-data --on call-end --with "window={{ window }}"
;
; To start it, double-click this file, or put a shortcut to it in the folder that `shell:startup` opens. To change what
; happens on a call, edit `OnCall`. The caller ID comes from the network: you can show or compare it, but never run it.
; The script must not run with higher rights than MicroSIP, because Windows would block the messages.
#Requires AutoHotkey v2.0
#SingleInstance Force
Persistent

WM_USER := 0x400
WM_COPYDATA := 0x4A

; A hidden window. msipctl only needs its title.
receiver := Gui(, "{{ window }}")
OnMessage(WM_USER + 100, TakeMessage)
OnMessage(WM_COPYDATA, TakeData)

; Runs for each call. `kind` is how it was received, and `text` is the caller's number, unless you changed the parameters of
; the template.
OnCall(kind, text) {
    TrayTip(text = "" ? "Unknown caller" : text, "Call (" kind ")")
}

; Handles SendMessage and PostMessage. wParam is the number, or 0 if it doesn't consist of digits only. lParam is a global
; atom that contains the text, or 0 if there's no text.
TakeMessage(wParam, lParam, message, window) {
    if (window != receiver.Hwnd)
        return
    text := ""
    ; Smaller numbers aren't string atoms.
    if (lParam >= 0xC000 && lParam <= 0xFFFF) {
        units := Buffer(256 * 2, 0)
        length := DllCall("GlobalGetAtomNameW", "UShort", lParam, "Ptr", units, "Int", 256, "UInt")
        text := StrGet(units, length, "UTF-16")
        ; The sender deletes the atom of a sent message. The receiver must delete the atom of a posted message.
        if !DllCall("InSendMessage")
            DllCall("GlobalDeleteAtom", "UShort", lParam, "UShort")
    }
    ; The sender waits for the return value, so `OnCall` runs afterwards.
    SetTimer(() => OnCall("message", text), -1)
    return 1
}

; Handles CopyData. lParam points to three fields: the ID, the length in bytes, and the address of the text in UTF-16.
TakeData(wParam, lParam, message, window) {
    if (window != receiver.Hwnd)
        return
    id := NumGet(lParam, 0, "UPtr")
    bytes := NumGet(lParam, A_PtrSize, "UInt")
    data := NumGet(lParam, 2 * A_PtrSize, "Ptr")
    text := data && bytes >= 2 ? StrGet(data, bytes // 2, "UTF-16") : ""
    SetTimer(() => OnCall("data " id, text), -1)
    return 1
}
