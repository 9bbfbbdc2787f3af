@echo off
rem Group Policy logon script: applies a policy to the MicroSIP.ini of the user who logs on.
rem If MicroSIP is running, msipctl queues the change. A failure never delays or blocks the logon.
rem Change only the path of the policy. Users need read access to it. Only administrators should be able to write it.
if not exist "%ProgramFiles%\msipctl\msipctl.exe" exit /b 0
"%ProgramFiles%\msipctl\msipctl.exe" apply "%LOGONSERVER%\netlogon\msipctl\company.toml" --engine rmm >nul 2>&1
exit /b 0
