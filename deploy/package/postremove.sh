#!/bin/sh
# After the package's files have gone. The accounts and their user stay: whoever wants neither removes them by hand.
set -e
if [ -d /run/systemd/system ]; then
    systemctl daemon-reload
fi
if [ "$1" = purge ] && [ -d /var/lib/parley ]; then
    echo "The accounts stay in /var/lib/parley. To remove them: rm -r /var/lib/parley; userdel parley"
fi
