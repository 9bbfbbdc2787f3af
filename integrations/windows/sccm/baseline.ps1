# ConfigMgr discovery script: prints Compliant, or the line of msipctl that says why not.
#
# Runs in Windows PowerShell 5.1. Change only the path of the policy. The compliance rule is: the value equals Compliant.
# Queued changes and PCs without MicroSIP are compliant too, because nothing is left to do on them.
$policy = 'C:\Program Files\msipctl\company.toml'

# In 32-bit Windows PowerShell, ProgramFiles is the folder of 32-bit programs, and ProgramW6432 the right one.
$folder = if ($env:ProgramW6432) { $env:ProgramW6432 } else { $env:ProgramFiles }
$program = Join-Path $folder "msipctl\msipctl.exe"
$line = 'Error; msipctl is not installed'
$code = 1
if (Test-Path -LiteralPath $program -PathType Leaf) {
    # If Windows blocks the program, it has no exit code.
    $line = 'Error; msipctl did not start'
    try {
        $lines = @(& $program audit $policy --engine sccm)
        if ($lines.Count -gt 0) {
            $code = $LASTEXITCODE
            $line = "$($lines[0])"
        }
    } catch { }
}
if ($code -eq 0 -and $line -match '^(Compliant|Queued|NotPresent);') {
    $line = 'Compliant'
}
Write-Output $line
exit $code
