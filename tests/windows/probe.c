/* A judge of what msipctl tells about a hook beforehand, that shares no code with it. It has three parts:
 *
 *   probe.exe ...                      writes down the parameters it was started with, and its arguments
 *   probe.exe --start INI TABLE        does what MicroSIP does with each `KEY CALLER` of TABLE: reads the
 *                                      key in [Settings], splits, joins, adds the caller, starts, waits
 *   probe.exe --split TABLE            writes down what CommandLineToArgvW makes of each line of TABLE
 *
 * What it sees is appended to the file that PROBE_OUT names, one record a line: a word, then texts as the
 * hexadecimal digits of their UTF-16 units, a `-` behind each. TABLE has CALLER and lines in the same form.
 *
 *   x86_64-w64-mingw32-gcc -O2 -Wall -Wextra -Werror -municode -mwindows -static -o probe.exe probe.c
 */
#include "hook.h"
#include <stdio.h>
#include <stdlib.h>

#define TEXT_UNITS 8192 /* the longest text of a record */

/* Arguments are not to be taken for file names. */
int _dowildcard = 0;

static char record[64 * TEXT_UNITS];
static size_t record_length;

static void put(const char *word)
{
    size_t length = strlen(word);
    if (record_length + length < sizeof record) {
        memcpy(record + record_length, word, length);
        record_length += length;
    }
}

static void put_text(const wchar_t *text)
{
    char digits[8];
    for (; *text; text++) {
        snprintf(digits, sizeof digits, "%04x", (unsigned)*text);
        put(digits);
    }
    put("-");
}

/* Appends the record to the file. */
static void end_record(void)
{
    wchar_t path[MAX_PATH];
    DWORD written;
    put("\n");
    if (GetEnvironmentVariableW(L"PROBE_OUT", path, MAX_PATH)) {
        HANDLE file = CreateFileW(path, FILE_APPEND_DATA, FILE_SHARE_READ | FILE_SHARE_WRITE, NULL,
                                  OPEN_ALWAYS, FILE_ATTRIBUTE_NORMAL, NULL);
        WriteFile(file, record, (DWORD)record_length, &written, NULL);
        CloseHandle(file);
    }
    record_length = 0;
}

/* Reads the text that digits stand for. */
static void from_digits(const char *digits, wchar_t *text)
{
    char unit[5] = "";
    size_t length = 0;
    for (; strlen(digits) >= 4 && *digits != '-' && length < TEXT_UNITS - 1; digits += 4) {
        memcpy(unit, digits, 4);
        text[length++] = (wchar_t)strtoul(unit, NULL, 16);
    }
    text[length] = 0;
}

/* The steps of MicroSIP, in its order. */
static void start(const wchar_t *ini, const wchar_t *key, const wchar_t *caller)
{
    static wchar_t value[HOOK_VALUE_UNITS];
    static struct hook hook;
    GetPrivateProfileStringW(L"Settings", key, NULL, value, HOOK_VALUE_UNITS, ini);
    if (!hook_compile(&hook, value, caller)) {
        put("empty ");
        end_record();
        return;
    }
    put("starts ");
    put_text(hook.program);
    put_text(hook.parameters);
    end_record();
    hook_start(&hook);
    if (!hook.started || !hook.ended) {
        put("failed ");
        end_record();
    }
}

/* Hands each line of a table over. */
static int each(const wchar_t *table, const wchar_t *ini)
{
    static char line[8 * TEXT_UNITS];
    static wchar_t text[TEXT_UNITS], key[64];
    FILE *file = _wfopen(table, L"rb");
    if (!file)
        return 2;
    while (fgets(line, sizeof line, file)) {
        if (!ini) {
            int count;
            from_digits(line, text);
            LPWSTR *words = CommandLineToArgvW(text, &count);
            put("words ");
            for (int i = 0; i < count; i++)
                put_text(words[i]);
            LocalFree(words);
            end_record();
            continue;
        }
        char *blank = strchr(line, ' ');
        if (!blank || blank - line >= 63)
            return 2;
        size_t length = (size_t)(blank - line);
        for (size_t i = 0; i < length; i++)
            key[i] = (wchar_t)line[i];
        key[length] = 0;
        from_digits(blank + 1, text);
        start(ini, key, text);
    }
    fclose(file);
    return 0;
}

/* Finds the parameters behind the program in the whole command line. */
static const wchar_t *own_parameters(void)
{
    const wchar_t *line = GetCommandLineW();
    wchar_t end = L' ';
    if (*line == L'"') {
        end = L'"';
        line++;
    }
    while (*line && *line != end)
        line++;
    if (*line == L'"')
        line++;
    return *line == L' ' ? line + 1 : line;
}

int wmain(int count, wchar_t **arguments)
{
    wchar_t kind[8];
    /* A started probe inherits this, so that no caller's text can make it start anything. */
    if (!GetEnvironmentVariableW(L"PROBE_SEEN", kind, 8)) {
        SetEnvironmentVariableW(L"PROBE_SEEN", L"1");
        if (count == 4 && !wcscmp(arguments[1], L"--start"))
            return each(arguments[3], arguments[2]);
        if (count == 3 && !wcscmp(arguments[1], L"--split"))
            return each(arguments[2], NULL);
        return 2;
    }
    put("seen ");
    put_text(own_parameters());
    for (int i = 1; i < count; i++)
        put_text(arguments[i]);
    end_record();
    return 0;
}
