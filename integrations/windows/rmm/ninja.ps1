# NinjaOne script: audits MicroSIP.ini, and writes the line of msipctl into the custom field microsip.
#
# Runs in Windows PowerShell 5.1. The field is of the type Text, and scripts may write it. Exit code 1 marks a failure.
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
        $lines = @(& $program audit $policy --engine rmm)
        if ($lines.Count -gt 0) {
            $code = $LASTEXITCODE
            $line = "$($lines[0])"
        }
    } catch { }
}
if (Get-Command -Name Ninja-Property-Set -ErrorAction SilentlyContinue) {
    # A text field holds 200 characters.
    $text = if ($line.Length -gt 200) { $line.Substring(0, 200) } else { $line }
    Ninja-Property-Set microsip $text | Out-Null
}
Write-Output $line
exit $code
