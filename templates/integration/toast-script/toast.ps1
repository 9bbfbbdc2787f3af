# toast.ps1: shows a Windows notification for a call.
#
#   msipctl hook add toast --on incoming-call --with "script=C:\Program Files\msipctl\toast.ps1"
#
# Put it in a folder that only you or an administrator can change, because it runs on each call. The hook starts it with
#   powershell.exe -NoProfile -NonInteractive -WindowStyle Hidden -ExecutionPolicy RemoteSigned -File toast.ps1
# and two arguments: the event, and number= followed by the caller. The caller ID comes from the network. This script
# never runs it as code: it's only the text of an XML node, which escapes < and &.
#
# It requires Windows 10 or newer, and Windows PowerShell 5.1, which is part of Windows. PowerShell 7 doesn't support
# notifications. Keep this file in ASCII: Windows PowerShell needs a BOM to read other characters correctly.
param(
    [string] $EventName = 'incoming-call',
    [string] $Caller = 'number='
)
$ErrorActionPreference = 'Stop'

# The application ID under which Windows shows the notification and stores its settings. Every Windows knows the ID of
# Windows PowerShell. If your program has its own ID in the Start menu, you can use that one instead.
$application = '{1AC14E77-02E7-4E5D-B744-2EB1AE5198B7}\WindowsPowerShell\v1.0\powershell.exe'

$titles = @{
    'outgoing-call'     = 'Outgoing call'
    'incoming-call'     = 'Incoming call'
    'call-ring'         = 'Phone rings'
    'call-answer'       = 'Call answered'
    'call-answer-video' = 'Video call answered'
    'call-busy'         = 'Busy'
    'call-start'        = 'Call started'
    'call-end'          = 'Call ended'
}

# Replaces the characters that XML doesn't allow, and truncates the text to 120 characters.
function Get-Shown([string] $text) {
    $shown = ($text -replace '[^\x20-\uD7FF\uE000-\uFFFD]', ' ').Trim()
    if ($shown.Length -gt 120) { $shown = $shown.Substring(0, 120) }
    return $shown
}

if ($PSVersionTable.PSEdition -eq 'Core') {
    throw 'toast.ps1 requires Windows PowerShell (powershell.exe), because PowerShell 7 does not support notifications'
}

$title = $titles[$EventName]
if (-not $title) { $title = Get-Shown $EventName }
$number = Get-Shown ($Caller -replace '^number=', '')
if (-not $number) { $number = 'Unknown caller' }

$document = New-Object System.Xml.XmlDocument
$document.LoadXml('<toast><visual><binding template="ToastGeneric" /></visual></toast>')
$binding = $document.DocumentElement.FirstChild.FirstChild
foreach ($line in @($title, $number)) {
    $node = $document.CreateElement('text')
    [void] $node.AppendChild($document.CreateTextNode($line))
    [void] $binding.AppendChild($node)
}

# Referring to the types makes Windows PowerShell load them.
[void] [Windows.UI.Notifications.ToastNotificationManager, Windows.UI.Notifications, ContentType = WindowsRuntime]
[void] [Windows.UI.Notifications.ToastNotification, Windows.UI.Notifications, ContentType = WindowsRuntime]
[void] [Windows.Data.Xml.Dom.XmlDocument, Windows.Data.Xml.Dom, ContentType = WindowsRuntime]

$content = [Windows.Data.Xml.Dom.XmlDocument]::new()
$content.LoadXml($document.OuterXml)
$notification = [Windows.UI.Notifications.ToastNotification]::new($content)
[Windows.UI.Notifications.ToastNotificationManager]::CreateToastNotifier($application).Show($notification)
