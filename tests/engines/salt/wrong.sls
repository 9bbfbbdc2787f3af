# Each state is wrong in one way. wrong.py lists the comments.
{% set path = pillar['microsip']['path'] | yaml_dquote %}

relative path:
  msipctl.setting: [{path: MicroSIP.ini}, {section: Settings}, {key: AA}, {value: 1}]

unknown key:
  msipctl.setting: [{path: {{ path }}}, {section: Settings}, {key: autoAnser}, {value: 1}]

invalid value:
  msipctl.setting: [{path: {{ path }}}, {section: Settings}, {key: autoAnswer}, {value: Button}]

float:
  msipctl.setting: [{path: {{ path }}}, {section: Settings}, {key: AA}, {value: 1.5}]

unknown option:
  msipctl.setting: [{path: {{ path }}}, {section: Settings}, {key: AA}, {value: 1}, {options: {creat: true}}]

value and secret:
  msipctl.setting: [{path: {{ path }}}, {section: Settings}, {key: AA}, {value: 1}, {secret: {env: HOME}}]

missing file:
  msipctl.setting: [{path: {{ pillar['microsip']['path'] }}.missing}, {section: Settings}, {key: AA}, {value: 1}]

missing pillar key:
  msipctl.account: [{path: {{ path }}}, {password: {pillar: 'microsip:missing'}}]

list in the pillar:
  msipctl.account: [{path: {{ path }}}, {password: {pillar: 'microsip:list'}}]

empty account:
  msipctl.account: [{path: {{ path }}}]

unknown template:
  msipctl.hook: [{path: {{ path }}}, {template: call-logs}]

unknown event:
  msipctl.hook: [{path: {{ path }}}, {template: call-log}, {events: [ringing]}, {parameters: {file: 'C:\calls.csv'}}]

unknown secret parameter:
  msipctl.hook: [{path: {{ path }}}, {template: call-log}, {parameters: {file: 'C:\calls.csv', format: {pillar: 'microsip:password'}}}]

policy with two errors:
  msipctl.policy: [{path: {{ path }}}, {source: 'salt://microsip/errors.toml'}]

policy missing on the master:
  msipctl.policy: [{path: {{ path }}}, {source: 'salt://microsip/missing.toml'}]

two policies:
  msipctl.policy: [{path: {{ path }}}, {source: 'salt://microsip/company.toml'}, {file: /company.toml}]
