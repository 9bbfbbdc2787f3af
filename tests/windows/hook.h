/* How MicroSIP from 3.19.10 on starts the command of an event, step by step, with the calls it makes. The stand-in
 * for MicroSIP and the probe start commands by this and by nothing else. */
#ifndef HOOK_H
#define HOOK_H

#include <wchar.h>
#include <wctype.h>
#include <windows.h>
#include <shellapi.h>

#define HOOK_VALUE_UNITS 256 /* what is read of a value, its zero included */
#define HOOK_UNITS 32768     /* a command line */
#define HOOK_WAIT_MS 10000   /* how long MicroSIP waits for the end of what it started */

struct hook {
    wchar_t program[HOOK_UNITS];
    wchar_t parameters[HOOK_UNITS]; /* as handed over: what stands behind leading blanks */
    BOOL started, ended;
    DWORD exit;
    double ms; /* from the call to the end of the process, or of the wait */
};

static const wchar_t *hook_trim_left(const wchar_t *text)
{
    while (*text && iswspace(*text))
        text++;
    return text;
}

static void hook_trim_right(wchar_t *text)
{
    size_t length = wcslen(text);
    while (length && iswspace(text[length - 1]))
        text[--length] = 0;
}

/* Splits a command as it was read, joins its words again and puts the caller behind. A command of blanks only gives
 * this program itself. Says FALSE where there is nothing to start. */
static BOOL hook_compile(struct hook *hook, const wchar_t *value, const wchar_t *caller)
{
    static wchar_t command[HOOK_UNITS], joined[HOOK_UNITS];
    int count = 0;
    if (!*value || wcslen(value) + wcslen(caller) + 2 > HOOK_UNITS)
        return FALSE;
    wcscpy(command, value);
    hook_trim_right(command);
    wchar_t **words = CommandLineToArgvW(hook_trim_left(command), &count);
    if (!words)
        return FALSE;
    *hook->program = *joined = 0;
    for (int i = 0; i < count; i++) {
        if (!i) {
            wcscpy(hook->program, words[i]);
        } else {
            wcscat(joined, words[i]);
            wcscat(joined, L" ");
        }
    }
    LocalFree(words);
    hook_trim_right(joined);
    wcscat(joined, L" ");
    wcscat(joined, caller);
    wcscpy(hook->parameters, hook_trim_left(joined));
    return TRUE;
}

/* Starts it without a window and waits. */
static void hook_start(struct hook *hook)
{
    SHELLEXECUTEINFOW info = {0};
    LARGE_INTEGER begin, end, second;
    info.cbSize = sizeof info;
    info.fMask = SEE_MASK_NOCLOSEPROCESS | SEE_MASK_NOASYNC | SEE_MASK_FLAG_NO_UI;
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
