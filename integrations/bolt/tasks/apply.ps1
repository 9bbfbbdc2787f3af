# Untested. Sends the parameters of the task to msipctl, which knows `_noop` and ignores the other parameters that Bolt adds.
$OutputEncoding = New-Object System.Text.UTF8Encoding $false
$reader = New-Object System.IO.StreamReader ([Console]::OpenStandardInput()), $OutputEncoding
$reader.ReadToEnd() | & "$env:ProgramFiles\msipctl\msipctl.exe" engine set
exit $LASTEXITCODE
