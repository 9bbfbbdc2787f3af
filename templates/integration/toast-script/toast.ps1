# toast.ps1: shows a Windows notification for a call.
#
#   msipctl hook add toast --on incoming-call --with "script=C:\Program Files\msipctl\toast.ps1"
#
# Put it where only you or an administrator can change it, as it runs on each call. It is started as
#   powershell.exe -NoProfile -NonInteractive -WindowStyle Hidden -ExecutionPolicy RemoteSigned -File toast.ps1
# with two texts: the event, and number= with the caller behind it. The caller's text comes from the network; here
# it is never code, only the text of an XML node, which writes < and & as they have to be.
#
# It needs Windows 10 or newer and Windows PowerShell 5.1, which is part of it; PowerShell 7 knows no notifications.
# This file is ASCII on purpose: Windows PowerShell reads other letters only behind a byte order mark.
param(
    [string] $EventName = 'incoming-call',
    [string] $Caller = 'number='
)
$ErrorActionPreference = 'Stop'

# The name under which Windows shows the notification, and keeps its settings. Windows PowerShell's own is known to
# every Windows; a program that has one of its own in the start menu can put it here.
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

# Leaves what XML may hold, of a length that can be read at a glance.
function Get-Shown([string] $text) {
    $shown = ($text -replace '[^\x20-\uD7FF\uE000-\uFFFD]', ' ').Trim()
    if ($shown.Length -gt 120) { $shown = $shown.Substring(0, 120) }
    return $shown
}

if ($PSVersionTable.PSEdition -eq 'Core') {
    throw 'toast.ps1 needs Windows PowerShell (powershell.exe), as PowerShell 7 knows no notifications'
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

# Naming the types makes Windows PowerShell load them.
[void] [Windows.UI.Notifications.ToastNotificationManager, Windows.UI.Notifications, ContentType = WindowsRuntime]
[void] [Windows.UI.Notifications.ToastNotification, Windows.UI.Notifications, ContentType = WindowsRuntime]
[void] [Windows.Data.Xml.Dom.XmlDocument, Windows.Data.Xml.Dom, ContentType = WindowsRuntime]

$content = [Windows.Data.Xml.Dom.XmlDocument]::new()
$content.LoadXml($document.OuterXml)
$notification = [Windows.UI.Notifications.ToastNotification]::new($content)
[Windows.UI.Notifications.ToastNotificationManager]::CreateToastNotifier($application).Show($notification)
