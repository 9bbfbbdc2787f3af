# Intune Win32 app, detection script: the app is detected if this script prints a line and exits 0.
#
# Runs in Windows PowerShell 5.1. Change only the version: the lowest one that counts as installed.
$minimum = [version]'0.1.0'

# In 32-bit Windows PowerShell, ProgramFiles is the folder of 32-bit programs, and ProgramW6432 the right one.
$folder = if ($env:ProgramW6432) { $env:ProgramW6432 } else { $env:ProgramFiles }
$program = Join-Path $folder "msipctl\msipctl.exe"
if (Test-Path -LiteralPath $program -PathType Leaf) {
    # Windows can block the program. It then counts as not installed.
    try {
        $shown = & $program --version
        if ("$shown" -match '^msipctl (\d+\.\d+\.\d+)' -and [version]$Matches[1] -ge $minimum) {
            Write-Output "msipctl $($Matches[1])"
        }
    } catch { }
}
exit 0
