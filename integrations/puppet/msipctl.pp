# Applies a policy to a MicroSIP.ini if the file differs from it.
#
#   puppet apply --noop msipctl.pp    shows what would run
#   puppet apply msipctl.pp           applies the policy
#
# The policy contains no password. It names a file that only administrators can read: password = { file = "..." }.
$program = 'C:/Program Files/msipctl/msipctl.exe'
$policy  = 'C:/Program Files/msipctl/company.toml'
$ini     = 'C:/Users/ann/AppData/Roaming/MicroSIP/MicroSIP.ini'

exec { 'MicroSIP matches the policy':
  command   => "\"${program}\" apply \"${policy}\" -i \"${ini}\"",
  # audit exits with 0 if the file matches. After any other exit code, Puppet runs apply, which then reports the error.
  unless    => "\"${program}\" audit \"${policy}\" -i \"${ini}\"",
  logoutput => on_failure,
}
