#!/bin/sh
# Sends the parameters of the task to msipctl, which knows `_noop` and ignores the other parameters that Bolt adds.
exec msipctl engine set
