# Datto RMM custom monitor: audits MicroSIP.ini. Exit code 0 means healthy, and 1 raises an alert.
#
# Runs in Windows PowerShell 5.1. Set the variable POLICY of the component to the path of the policy.
$policy = if ($env:POLICY) { $env:POLICY } else { 'C:\Program Files\msipctl\company.toml' }

# In 32-bit Windows PowerShell, ProgramFiles is the folder of 32-bit programs, and ProgramW6432 the right one.
$folder = if ($env:ProgramW6432) { $env:ProgramW6432 } else { $env:ProgramFiles }
$program = Join-Path $folder "msipctl\msipctl.exe"
$line = 'Error; msipctl is not installed'
$code = 1
if (Test-Path -LiteralPath $program -PathType Leaf) {
    # If Windows blocks the program, it has no exit code.
    $line = 'Error; msipctl did not start'
    try {
        $lines = @(& $program audit $policy --engine rmm)
        if ($lines.Count -gt 0) {
            $code = $LASTEXITCODE
            $line = "$($lines[0])"
        }
    } catch { }
}
Write-Output '<-Start Result->'
Write-Output "MicroSIP=$line"
Write-Output '<-End Result->'
exit $code
