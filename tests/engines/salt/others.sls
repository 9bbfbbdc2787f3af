# The states that the example doesn't use.
{% set path = pillar['microsip']['path'] | yaml_dquote %}

setting:
  msipctl.setting: [{path: {{ path }}}, {section: Settings}, {key: AA}, {value: 1}]

section:
  msipctl.absent: [{path: {{ path }}}, {section: X}]

hook:
  msipctl.hook_absent: [{path: {{ path }}}, {template: call-log}, {events: call-end}]

secret parameter:
  msipctl.hook: [{path: {{ path }}}, {template: udp}, {events: [call-start]}, {parameters: {address: '127.0.0.1:9', text: {pillar: 'microsip:password'}}}]

constraint:
  msipctl.policy: [{path: {{ path }}}, {source: 'salt://constraint.toml'}]
