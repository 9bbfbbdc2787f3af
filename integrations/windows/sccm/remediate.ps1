# ConfigMgr remediation script: applies the policy. If MicroSIP is running, msipctl queues the change.
#
# Runs in Windows PowerShell 5.1, 32-bit or 64-bit. Change only the path of the policy.
# msipctl prints one line on standard output and nothing on standard error, and returns only 0 or 1.
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
        $lines = @(& $program apply $policy --engine sccm)
        if ($lines.Count -gt 0) {
            $code = $LASTEXITCODE
            $line = "$($lines[0])"
        }
    } catch { }
}
Write-Output $line
exit $code
