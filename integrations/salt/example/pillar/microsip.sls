#!yaml|gpg
# Example pillar of one PC. Replace the message by the output of
#   printf %s "$PASSWORD" | gpg --armor --batch --trust-model always --encrypt --recipient KEY-OF-THE-MASTER
microsip:
  path: C:\Users\ann\AppData\Roaming\MicroSIP\MicroSIP.ini
  extension: "204"
  password: |
    -----BEGIN PGP MESSAGE-----

    REPLACE-THIS-WITH-YOUR-ENCRYPTED-PASSWORD
    -----END PGP MESSAGE-----
