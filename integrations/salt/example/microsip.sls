# Example: a baseline from the master, one account with a password from the pillar, and one hook.
#
# Put this file into the state tree, for example as salt/microsip.sls. Put company.toml next to it, into salt/microsip/.
# The path comes from the pillar, because each user has a MicroSIP.ini.

{% set path = pillar['microsip']['path'] %}

microsip-baseline:
  msipctl.policy:
    - path: {{ path | yaml_dquote }}
    - source: salt://microsip/company.toml

microsip-account:
  msipctl.account:
    - path: {{ path | yaml_dquote }}
    - number: 1
    - active: true
    - settings:
        label: Office
        server: sip.example.com
        domain: sip.example.com
        username: {{ pillar['microsip']['extension'] | yaml_dquote }}
    # Only the name of the pillar key. Salt logs the rendered file, so don't write the password itself here.
    - password:
        pillar: microsip:password

microsip-call-log:
  msipctl.hook:
    - path: {{ path | yaml_dquote }}
    - template: call-log
    - events:
      - call-end
    - parameters:
        file: C:\calls.csv
    - existing: chain
