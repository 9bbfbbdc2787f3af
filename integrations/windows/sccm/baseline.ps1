# ConfigMgr discovery script: prints Compliant, or the line of msipctl that says why not.
#
# Runs in Windows PowerShell 5.1. Change only the path of the policy. The compliance rule is: the value equals Compliant.
# Queued changes and PCs without MicroSIP are compliant too, because nothing is left to do on them.
$policy = 'C:\Program Files\msipctl\company.toml'

# In 32-bit Windows PowerShell, ProgramFiles is the folder of 32-bit programs, and ProgramW6432 the right one.
$folder = if ($env:ProgramW6432) { $env:ProgramW6432 } else { $env:ProgramFiles }
$program = Join-Path $folder "msipctl\msipctl.exe"
if (-not (Test-Path -LiteralPath $program -PathType Leaf)) {
    Write-Output 'Error; msipctl is not installed'
    exit 1
}
$lines = @(& $program audit $policy --engine sccm)
$code = $LASTEXITCODE
$line = "$($lines[0])"
if ($code -eq 0 -and $line -match '^(Compliant|Queued|NotPresent);') {
    Write-Output 'Compliant'
} else {
    Write-Output $line
}
exit $code
