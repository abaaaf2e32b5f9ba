#!/bin/sh
# After the package's files are there. dpkg calls this with "configure" and the version before; rpm with how many
# versions are installed then.
set -e
case "$1" in
configure | [1-9]*) ;;
*) exit 0 ;;
esac
if ! getent passwd parley >/dev/null; then
    useradd --system --user-group --home-dir /var/lib/parley --no-create-home --shell /usr/sbin/nologin \
        --comment "Parley chat server" parley
fi
if [ ! -d /var/lib/parley ]; then
    install -d -m 0700 -o parley -g parley /var/lib/parley
fi
if [ -d /run/systemd/system ]; then
    systemctl daemon-reload
    systemctl try-restart parley.service
fi
if [ "$1" = 1 ] || { [ "$1" = configure ] && [ -z "$2" ]; }; then
    echo "Parley is installed, but not started. Look at /etc/parley/parley.yaml, and start it:"
    echo "systemctl enable --now parley.socket parley.service"
fi
