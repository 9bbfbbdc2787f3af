/* A window to send messages to: what a user's own receiver is, and nothing else.
 *
 *   receiver.exe --title TITLE --trace FILE [--class NAME] [--only-messages] [--sleep MS]
 *
 * Each message is appended to FILE, in UTF-8, one a line: how it came (sent, posted), its number behind
 * WM_USER, wParam, and the text of the atom in lParam, or `-` where there is none. WM_COPYDATA gives its id,
 * its size in bytes and its text. `ready` is written when messages can come. With --sleep, each message is
 * held up for so long after it was written down. It ends at WM_CLOSE, and by itself after 120 seconds.
 *
 *   x86_64-w64-mingw32-gcc -O2 -Wall -Wextra -municode -mwindows -static -o receiver.exe receiver.c
 */
#include <windows.h>
#include <shellapi.h>
#include <stdio.h>
#include <wchar.h>

#define UNITS 4096
#define LIFE_MS (120 * 1000)
#define ANSWER 4711

static const wchar_t *trace_file;
static DWORD nap;

static void trace(const wchar_t *line)
{
    char bytes[3 * UNITS + 1];
    DWORD written;
    int length = WideCharToMultiByte(CP_UTF8, 0, line, (int)wcslen(line), bytes, 3 * UNITS, NULL, NULL);
    bytes[length++] = '\n';
    HANDLE file = CreateFileW(trace_file, FILE_APPEND_DATA, FILE_SHARE_READ | FILE_SHARE_WRITE, NULL, OPEN_ALWAYS,
                              FILE_ATTRIBUTE_NORMAL, NULL);
    if (file == INVALID_HANDLE_VALUE)
        ExitProcess(3);
    WriteFile(file, bytes, (DWORD)length, &written, NULL);
    CloseHandle(file);
}

/* A private message: its text, if any, is the atom in lParam, which the receiver deletes if it was posted. */
static LRESULT take(UINT message, WPARAM wparam, LPARAM lparam)
{
    wchar_t line[UNITS], text[256] = L"-";
    BOOL posted = !InSendMessage();
    if (lparam > 0 && lparam <= 0xffff && GlobalGetAtomNameW((ATOM)lparam, text, 256) && posted)
        GlobalDeleteAtom((ATOM)lparam);
    _snwprintf(line, UNITS - 1, L"%ls %u %llu %ls", posted ? L"posted" : L"sent", message - WM_USER,
               (unsigned long long)wparam, text);
    line[UNITS - 1] = 0;
    trace(line);
    Sleep(nap);
    return ANSWER;
}

static LRESULT take_data(const COPYDATASTRUCT *data)
{
    wchar_t line[UNITS];
    int units = (int)(data->cbData / sizeof(wchar_t));
    _snwprintf(line, UNITS - 1, L"data %llu %lu %.*ls", (unsigned long long)data->dwData, data->cbData, units,
               (const wchar_t *)data->lpData);
    line[UNITS - 1] = 0;
    trace(line);
    Sleep(nap);
    return TRUE;
}

static LRESULT CALLBACK on_message(HWND window, UINT message, WPARAM wparam, LPARAM lparam)
{
    if (message >= WM_USER && message < 0xc000)
        return take(message, wparam, lparam);
    switch (message) {
    case WM_COPYDATA:
        return take_data((const COPYDATASTRUCT *)lparam);
    case WM_CLOSE:
    case WM_TIMER:
        trace(L"closed");
        ExitProcess(0);
    }
    return DefWindowProcW(window, message, wparam, lparam);
}

int WINAPI wWinMain(HINSTANCE instance, HINSTANCE unused, PWSTR unused_line, int show)
{
    const wchar_t *title = NULL, *name = L"Receiver";
    HWND parent = NULL;
    WNDCLASSW class = {0};
    MSG message;
    int count, i;
    (void)unused, (void)unused_line, (void)show;
    wchar_t **arguments = CommandLineToArgvW(GetCommandLineW(), &count);
    for (i = 1; i < count; i++) {
        if (!wcscmp(arguments[i], L"--only-messages"))
            parent = HWND_MESSAGE;
        else if (i + 1 == count)
            return 2;
        else if (!wcscmp(arguments[i], L"--title"))
            title = arguments[++i];
        else if (!wcscmp(arguments[i], L"--trace"))
            trace_file = arguments[++i];
        else if (!wcscmp(arguments[i], L"--class"))
            name = arguments[++i];
        else if (!wcscmp(arguments[i], L"--sleep"))
            nap = (DWORD)_wtoi(arguments[++i]);
        else
            return 2;
    }
    if (!title || !trace_file)
        return 2;
    class.lpfnWndProc = on_message;
    class.hInstance = instance;
    class.lpszClassName = name;
    if (!RegisterClassW(&class))
        return 4;
    HWND window = CreateWindowW(name, title, WS_OVERLAPPED, 0, 0, 100, 100, parent, NULL, instance, NULL);
    if (!window)
        return 4;
    SetTimer(window, 1, LIFE_MS, NULL);
    trace(L"ready");
    while (GetMessageW(&message, NULL, 0, 0) > 0)
        DispatchMessageW(&message);
    return 0;
}
