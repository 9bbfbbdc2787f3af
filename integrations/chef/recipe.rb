# Untested: this recipe hasn't run with Chef.
# Applies a policy to a MicroSIP.ini if the file differs from it. The policy names the file of its password: password = { file = "..." }.

program = 'C:\Program Files\msipctl\msipctl.exe'
policy = 'C:\Program Files\msipctl\company.toml'
ini = 'C:\Users\ann\AppData\Roaming\MicroSIP\MicroSIP.ini'

execute 'MicroSIP matches the policy' do
  command %("#{program}" apply "#{policy}" -i "#{ini}")
  # audit exits with 0 if the file matches. After any other exit code, Chef runs apply, which then reports the error.
  not_if %("#{program}" audit "#{policy}" -i "#{ini}")
end
