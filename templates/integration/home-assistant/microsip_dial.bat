@echo off
rem microsip_dial.bat: dials a number with the MicroSIP of this desktop, or hangs up its calls.
rem
rem   microsip_dial.bat +4930123456
rem   microsip_dial.bat hangup
rem
rem The switch in configuration.yaml runs it, and you can run it from any other program. It requires msipctl.exe, in the
rem folder of this file or at the path below. Exit codes are those of msipctl: 0 sent, 2 rejected, 3 MicroSIP isn't running.
rem
rem How this file prevents a number from running a command:
rem - cmd.exe inserts an argument into the line before it looks for commands in that line. Quotes protect special
rem   characters, but a quote in the argument could end the protection. So if your program gets the number from another
rem   source, pass it in the variable MICROSIP_NUMBER, and pass no argument.
rem - After that, the number is never part of a line. `set` prints it for the check. For dialing, it's read with
rem   exclamation marks (delayed expansion), which cmd.exe expands after it has parsed the line. So nothing in the number
rem   can become a command. This is off until then, because cmd.exe would drop an exclamation mark from a path.
rem - This file rejects characters that never occur in a number. msipctl checks again, and -- prevents a number from being
rem   read as an option.
setlocal EnableExtensions DisableDelayedExpansion
set "msipctl={{ msipctl }}"
if exist "%~dp0msipctl.exe" set "msipctl=%~dp0msipctl.exe"
if not "%~2"=="" goto usage
if not defined MICROSIP_NUMBER set "MICROSIP_NUMBER=%~1"
if not defined MICROSIP_NUMBER goto usage

rem Split the line MICROSIP_NUMBER=number at each allowed character. If anything remains, the number is invalid.
set "refused="
for /f "delims=0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz+*#-_.@:,=" %%a in ('set MICROSIP_NUMBER') do set "refused=yes"
if defined refused goto refused

setlocal EnableDelayedExpansion
if /i "!MICROSIP_NUMBER!"=="hangup" goto hangup
"!msipctl!" phone dial -- "!MICROSIP_NUMBER!"
exit /b !errorlevel!

:hangup
"!msipctl!" phone hangup
exit /b !errorlevel!

:refused
echo microsip_dial: invalid number: expected letters, digits, and + * # - _ . @ : , = 1>&2
exit /b 2

:usage
echo usage: microsip_dial.bat NUMBER, or microsip_dial.bat hangup 1>&2
exit /b 2
