/* A stand-in for MicroSIP.exe: what a tool that edits its ini or drives it can see of the real one, and no more.
 *
 * It has the ini `<program>.ini` beside it, a window of class MicroSIP, and the second instance that hands
 * its command line to the first and ends. It reads what it knows of [Settings] at its start and writes all
 * of that back, key by key, when it exits, so that an edit made meanwhile is lost, as with the real one.
 *
 *   x86_64-w64-mingw32-gcc -O2 -Wall -Wextra -municode -mwindows -static -o MicroSIP.exe microsip.c
 *
 * The command `standin-event:KEY:CALLER`, which the real one does not know, makes it start the command of that
 * key for that caller as an event does.
 *
 * For tests: STANDIN_EXIT_DELAY_MS delays the exit, STANDIN_IGNORE_EXIT=1 ignores /exit. What happened is
 * appended to `<program>.trace`. It ends by itself after 120 seconds.
 */
#include "hook.h"
#include <stdio.h>

#define TEXT_MAX_UNITS 1024 /* a line of the trace, a command */
#define LIFE_MS (120 * 1000)
#define LIFE_TIMER 1
#define EXIT_TIMER 2

static const wchar_t WINDOW_CLASS[] = L"MicroSIP";

/* The keys of [Settings] that are held in memory, in the order in which they are written. */
static const wchar_t *const KEYS[] = {
    L"accountId",      L"singleMode",       L"AA",           L"DND",
    L"autoAnswer",     L"denyIncoming",     L"audioCodecs",  L"updatesInterval",
    L"cmdOutgoingCall", L"cmdIncomingCall", L"cmdCallRing",  L"cmdCallAnswer",
    L"cmdCallAnswerVideo", L"cmdCallBusy",  L"cmdCallStart", L"cmdCallEnd",
};
#define KEY_COUNT (sizeof KEYS / sizeof *KEYS)

static wchar_t program[MAX_PATH], ini[MAX_PATH], trace_file[MAX_PATH];
static wchar_t values[KEY_COUNT][HOOK_VALUE_UNITS];
static BOOL exiting;

/* Appends `<what> <text>` to the trace, in UTF-8. */
static void trace(const wchar_t *what, const wchar_t *text)
{
    wchar_t line[TEXT_MAX_UNITS + 64];
    char bytes[3 * (TEXT_MAX_UNITS + 64)];
    DWORD written;
    lstrcpyW(line, what);
    if (*text) {
        lstrcatW(line, L" ");
        lstrcpynW(line + lstrlenW(line), text, TEXT_MAX_UNITS);
    }
    lstrcatW(line, L"\n");
    int length = WideCharToMultiByte(CP_UTF8, 0, line, lstrlenW(line), bytes, sizeof bytes, NULL, NULL);
    HANDLE file = CreateFileW(trace_file, FILE_APPEND_DATA, FILE_SHARE_READ | FILE_SHARE_WRITE, NULL,
                              OPEN_ALWAYS, FILE_ATTRIBUTE_NORMAL, NULL);
    if (file == INVALID_HANDLE_VALUE)
        return;
    WriteFile(file, bytes, (DWORD)length, &written, NULL);
    CloseHandle(file);
}

static void with_ending(wchar_t *to, const wchar_t *ending)
{
    lstrcpyW(to, program);
    int length = lstrlenW(to);
    if (length > 4 && !lstrcmpiW(to + length - 4, L".exe"))
        to[length - 4] = 0;
    lstrcatW(to, ending);
}

static DWORD number_from(const wchar_t *variable)
{
    wchar_t text[16];
    DWORD number = 0;
    DWORD length = GetEnvironmentVariableW(variable, text, 16);
    for (DWORD i = 0; i < length && length < 16 && text[i] >= L'0' && text[i] <= L'9'; i++)
        number = number * 10 + (DWORD)(text[i] - L'0');
    return number;
}

static void load(void)
{
    for (size_t i = 0; i < KEY_COUNT; i++)
        GetPrivateProfileStringW(L"Settings", KEYS[i], L"", values[i], HOOK_VALUE_UNITS, ini);
}

static void save(void)
{
    wchar_t quoted[HOOK_VALUE_UNITS + 2];
    for (size_t i = 0; i < KEY_COUNT; i++) {
        const wchar_t *value = values[i];
        if (KEYS[i][0] == L'c' && KEYS[i][1] == L'm' && KEYS[i][2] == L'd') {
            lstrcpyW(quoted, L"\"");
            lstrcatW(quoted, value);
            lstrcatW(quoted, L"\"");
            value = quoted;
        }
        WritePrivateProfileStringW(L"Settings", KEYS[i], value, ini);
    }
}

static void leave(HWND window)
{
    DWORD delay = number_from(L"STANDIN_EXIT_DELAY_MS");
    if (exiting)
        return;
    exiting = TRUE;
    if (!delay || !SetTimer(window, EXIT_TIMER, delay, NULL))
        DestroyWindow(window);
}

/* Starts the command of a key, and traces what came of it. */
static void event(const wchar_t *text)
{
    static struct hook hook;
    wchar_t line[TEXT_MAX_UNITS];
    const wchar_t *colon = wcschr(text, L':');
    for (size_t i = 0; colon && i < KEY_COUNT; i++) {
        if (wcsncmp(text, KEYS[i], (size_t)(colon - text)) || KEYS[i][colon - text])
            continue;
        if (!hook_compile(&hook, values[i], colon + 1)) {
            trace(L"nothing to start for", KEYS[i]);
            return;
        }
        hook_start(&hook);
        _snwprintf(line, TEXT_MAX_UNITS, L"%ls, started %d, ended %d, exit %lu, %.1f ms", KEYS[i], hook.started,
                   hook.ended, hook.exit, hook.ms);
        line[TEXT_MAX_UNITS - 1] = 0;
        trace(L"event", line);
    }
}

static void command(HWND window, const wchar_t *text)
{
    static const wchar_t EVENT[] = L"standin-event:";
    trace(L"command", text);
    if (!wcsncmp(text, EVENT, wcslen(EVENT)))
        event(text + wcslen(EVENT));
    if (!lstrcmpW(text, L"/exit") && number_from(L"STANDIN_IGNORE_EXIT") != 1)
        leave(window);
}

static LRESULT CALLBACK on_message(HWND window, UINT message, WPARAM wparam, LPARAM lparam)
{
    switch (message) {
    case WM_COPYDATA: {
        const COPYDATASTRUCT *data = (const COPYDATASTRUCT *)lparam;
        wchar_t text[TEXT_MAX_UNITS];
        size_t units = data->cbData / sizeof(wchar_t);
        if (data->dwData != 1 || !units || !data->lpData)
            return FALSE;
        lstrcpynW(text, data->lpData, (int)(units < TEXT_MAX_UNITS ? units : TEXT_MAX_UNITS));
        command(window, text);
        return TRUE;
    }
    case WM_TIMER:
        if (wparam == LIFE_TIMER)
            trace(L"too old", L"");
        DestroyWindow(window);
        return 0;
    case WM_CLOSE:
        leave(window);
        return 0;
    case WM_DESTROY:
        save();
        trace(L"exit", L"");
        PostQuitMessage(0);
        return 0;
    }
    return DefWindowProcW(window, message, wparam, lparam);
}

static BOOL is_same_program(HWND window)
{
    wchar_t other[MAX_PATH];
    DWORD length = MAX_PATH, id = 0;
    GetWindowThreadProcessId(window, &id);
    HANDLE process = OpenProcess(PROCESS_QUERY_LIMITED_INFORMATION, FALSE, id);
    if (!process)
        return FALSE;
    BOOL known = QueryFullProcessImageNameW(process, 0, other, &length);
    CloseHandle(process);
    return known && !lstrcmpiW(other, program);
}

static BOOL CALLBACK look_at(HWND window, LPARAM found)
{
    wchar_t name[32];
    if (!GetClassNameW(window, name, 32) || lstrcmpW(name, WINDOW_CLASS) || GetWindow(window, GW_OWNER)
        || !is_same_program(window))
        return TRUE;
    *(HWND *)found = window;
    return FALSE;
}

/* Ends the process though its window hangs. */
static DWORD WINAPI end_of_life(LPVOID unused)
{
    (void)unused;
    Sleep(LIFE_MS + 5000);
    ExitProcess(1);
}

int WINAPI wWinMain(HINSTANCE instance, HINSTANCE unused, PWSTR line, int show)
{
    WNDCLASSW class = {0};
    HWND first = NULL, window;
    MSG message;
    (void)unused;
    (void)show;
    CloseHandle(CreateThread(NULL, 0, end_of_life, NULL, 0, NULL));
    DWORD length = MAX_PATH;
    QueryFullProcessImageNameW(GetCurrentProcess(), 0, program, &length);
    with_ending(ini, L".ini");
    with_ending(trace_file, L".trace");

    EnumWindows(look_at, (LPARAM)&first);
    if (first) {
        COPYDATASTRUCT data = {1, (DWORD)((lstrlenW(line) + 1) * sizeof(wchar_t)), line};
        DWORD_PTR answer;
        SendMessageTimeoutW(first, WM_COPYDATA, 0, (LPARAM)&data, SMTO_NORMAL, 10 * 1000, &answer);
        return 0;
    }
    if (!lstrcmpW(line, L"/exit") || !lstrcmpW(line, L"/hangupall") || !lstrcmpW(line, L"/answer"))
        return 0;

    load();
    class.lpfnWndProc = on_message;
    class.hInstance = instance;
    class.lpszClassName = WINDOW_CLASS;
    RegisterClassW(&class);
    window = CreateWindowW(WINDOW_CLASS, L"MicroSIP", WS_OVERLAPPEDWINDOW, 0, 0, 300, 400, NULL, NULL, instance,
                           NULL);
    if (!window)
        return 1;
    SetTimer(window, LIFE_TIMER, LIFE_MS, NULL);
    /* Last, so that whoever reads of the start may hand over commands. */
    trace(L"start", line);
    while (GetMessageW(&message, NULL, 0, 0) > 0)
        DispatchMessageW(&message);
    return 0;
}
