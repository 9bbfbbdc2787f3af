; receiver.ahk: shows the calls that msipctl sends to its window. AutoHotkey v2.
;
;   msipctl hook add send-message --on incoming-call --with "window={{ window }}"
;   msipctl hook add copy-data --on call-end --with "window={{ window }}"
;
; Start it with a double click, or put a shortcut into the folder that `shell:startup` opens. `OnCall` is the place
; for what you want to happen. The caller's text comes from the network: show it, compare it, but do not run it.
; A script that runs with higher rights than MicroSIP gets no messages: Windows keeps them away.
#Requires AutoHotkey v2.0
#SingleInstance Force
Persistent

WM_USER := 0x400
WM_COPYDATA := 0x4A

; A window that is not shown. Only its title is needed.
receiver := Gui(, "{{ window }}")
OnMessage(WM_USER + 100, TakeMessage)
OnMessage(WM_COPYDATA, TakeData)

; Called for each call: how it came, and the text, which is the number unless the template's parameters say otherwise.
OnCall(kind, text) {
    TrayTip(text = "" ? "Unknown caller" : text, "Call (" kind ")")
}

; SendMessage and PostMessage. wParam is the number, 0 if it is no plain one; lParam is a global atom that holds the
; text, 0 if there is none.
TakeMessage(wParam, lParam, message, window) {
    if (window != receiver.Hwnd)
        return
    text := ""
    ; Smaller numbers are no atoms that somebody made.
    if (lParam >= 0xC000 && lParam <= 0xFFFF) {
        units := Buffer(256 * 2, 0)
        length := DllCall("GlobalGetAtomNameW", "UShort", lParam, "Ptr", units, "Int", 256, "UInt")
        text := StrGet(units, length, "UTF-16")
        ; Who sends deletes the atom; of one that was posted, that is up to the receiver.
        if !DllCall("InSendMessage")
            DllCall("GlobalDeleteAtom", "UShort", lParam, "UShort")
    }
    ; The sender waits for the answer, so what takes longer comes later.
    SetTimer(() => OnCall("message", text), -1)
    return 1
}

; CopyData. lParam points to three fields: the id, the length in bytes, and where the text is, as UTF-16.
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
