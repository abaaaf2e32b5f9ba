#!/bin/sh
# Before the package's files go: for good (dpkg says "remove", rpm 0), or for those of another version.
set -e
case "$1" in
remove | 0) ;;
*) exit 0 ;;
esac
if [ -d /run/systemd/system ]; then
    systemctl --no-reload disable --now parley.socket parley-tls.socket parley.service
fi
