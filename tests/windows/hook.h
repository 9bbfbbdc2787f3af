/* How MicroSIP from 3.19.10 on starts the command of an event, step by step, with the calls it makes. */
#ifndef HOOK_H
#define HOOK_H

#include <windows.h>
#include <shellapi.h>

#define HOOK_UNITS 32768     /* a command line */
#define HOOK_WAIT_MS 10000   /* how long MicroSIP waits for the end of what it started */

struct hook {
    wchar_t program[HOOK_UNITS];
    wchar_t parameters[HOOK_UNITS];
    BOOL started, ended;
    DWORD exit;
    double ms; /* from the call to the end of the process, or of the wait */
};

/* Splits a command as it was read, joins its words again and puts the caller behind. */
static BOOL hook_compile(struct hook *hook, const wchar_t *value, const wchar_t *caller)
{
    wchar_t command[HOOK_UNITS];
    int count = 0;
    while (*value == L' ' || (*value >= L'\t' && *value <= L'\r'))
        value++;
    lstrcpynW(command, value, HOOK_UNITS);
    for (int end = lstrlenW(command); end > 0 && (command[end - 1] == L' ' || (command[end - 1] >= L'\t' && command[end - 1] <= L'\r')); end--)
        command[end - 1] = 0;
    if (!*command)
        return FALSE;
    wchar_t **words = CommandLineToArgvW(command, &count);
    if (!words || count < 1)
        return FALSE;
    lstrcpynW(hook->program, words[0], HOOK_UNITS);
    hook->parameters[0] = 0;
    for (int i = 1; i < count; i++) {
        lstrcatW(hook->parameters, words[i]);
        lstrcatW(hook->parameters, L" ");
    }
    lstrcatW(hook->parameters, caller);
    LocalFree(words);
    return TRUE;
}

/* Starts it without a window and waits. */
static void hook_start(struct hook *hook)
{
    SHELLEXECUTEINFOW info = {0};
    LARGE_INTEGER begin, end, second;
    info.cbSize = sizeof info;
    info.fMask = SEE_MASK_NOCLOSEPROCESS | SEE_MASK_FLAG_NO_UI;
    info.lpFile = hook->program;
    info.lpParameters = hook->parameters;
    info.nShow = SW_HIDE;
    QueryPerformanceFrequency(&second);
    QueryPerformanceCounter(&begin);
    hook->started = ShellExecuteExW(&info);
    hook->ended = FALSE;
    hook->exit = 0;
    if (hook->started && info.hProcess) {
        hook->ended = WaitForSingleObject(info.hProcess, HOOK_WAIT_MS) == WAIT_OBJECT_0;
        GetExitCodeProcess(info.hProcess, &hook->exit);
        CloseHandle(info.hProcess);
    }
    QueryPerformanceCounter(&end);
    hook->ms = (double)(end.QuadPart - begin.QuadPart) * 1000.0 / (double)second.QuadPart;
}

#endif
