# Untested: this control hasn't run with InSpec.
# Checks that no MicroSIP.ini of the PC differs from the policy. It changes nothing.

command_line = 'msipctl audit "C:\Program Files\msipctl\company.toml" --all-users --format json'

control 'microsip-policy' do
  title 'MicroSIP matches the policy'
  impact 0.5
  describe json(command: command_line) do
    its(%w(summary drifted)) { should eq 0 }
    its(%w(summary failed)) { should eq 0 }
  end
end
