@echo off
rem dial.bat: dials a number with the MicroSIP of this desktop.
rem
rem   dial.bat +4930123456
rem   dial.bat                  asks for the number, as a double click does
rem
rem It needs msipctl.exe: beside this file, or else at the path below. Exit codes are those of msipctl: 0 handed
rem over, 2 refused, 3 no MicroSIP runs.
rem
rem How a number stays a number:
rem - cmd.exe puts an argument into the line first and looks for commands in that line afterwards. Between quotes
rem   the letters of commands are letters, but a quote inside of the argument could end them. So a program that has
rem   the number from elsewhere, such as a web page, sets the variable MICROSIP_NUMBER to it, and gives no argument.
rem - From then on the number is never part of a line. `set` writes it out for the check, and for the dialler it is
rem   read with exclamation marks: that is filled in when cmd.exe has taken the line apart already, so nothing in
rem   it can become a command. This is off until then, as an exclamation mark in a path would be lost.
rem - Letters that no number has are refused here. msipctl checks once more, and -- tells it that no option follows.
setlocal EnableExtensions DisableDelayedExpansion
set "msipctl={{ msipctl }}"
if exist "%~dp0msipctl.exe" set "msipctl=%~dp0msipctl.exe"
if not "%~2"=="" goto usage
set "asked="
if not defined MICROSIP_NUMBER set "MICROSIP_NUMBER=%~1"
if defined MICROSIP_NUMBER goto check
set "asked=yes"
set /p "MICROSIP_NUMBER=Number: "
if not defined MICROSIP_NUMBER goto usage

:check
rem The line MICROSIP_NUMBER=number, taken apart at each letter that it may have: nothing is left of it.
set "refused="
for /f "delims=0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz+*#-_.@:,=" %%a in ('set MICROSIP_NUMBER') do set "refused=yes"
if defined refused goto refused

setlocal EnableDelayedExpansion
"!msipctl!" phone dial -- "!MICROSIP_NUMBER!"
set "code=!errorlevel!"
rem So that a message can be read before the window goes.
if defined asked if not "!code!"=="0" pause
exit /b !code!

:refused
echo dial: that is no number; letters, digits and + * # - _ . @ : , = are allowed 1>&2
if defined asked pause
exit /b 2

:usage
echo usage: dial.bat NUMBER 1>&2
exit /b 2
