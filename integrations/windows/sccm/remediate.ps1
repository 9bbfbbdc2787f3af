# ConfigMgr remediation script: applies the policy. If MicroSIP is running, msipctl queues the change.
#
# Runs in Windows PowerShell 5.1, 32-bit or 64-bit. Change only the path of the policy.
# msipctl prints one line on standard output, nothing on standard error, and returns only 0 or 1.
$policy = 'C:\Program Files\msipctl\company.toml'

# In 32-bit Windows PowerShell, ProgramFiles is the folder of 32-bit programs, and ProgramW6432 the right one.
$folder = if ($env:ProgramW6432) { $env:ProgramW6432 } else { $env:ProgramFiles }
$program = Join-Path $folder "msipctl\msipctl.exe"
if (-not (Test-Path -LiteralPath $program -PathType Leaf)) {
    Write-Output 'Error; msipctl is not installed'
    exit 1
}
& $program apply $policy --engine sccm
exit $LASTEXITCODE
