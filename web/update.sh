#!/bin/sh
# Fetches the files in static/xterm anew, from the packages of npm named here, and compares them with the checksums
# that npm had when they were chosen. To take another version, change it here with what "npm view NAME@VERSION
# dist.integrity" prints. Nothing else fetches anything: not the build, not the tests, not the page.
set -eu
cd "$(dirname "$0")"
to=$PWD/static/xterm
from=$(mktemp -d)
trap 'rm -rf "$from"' EXIT
cd "$from"

take() { # PACKAGE INTEGRITY FILE...
	package=$1 integrity=$2
	shift 2
	tarball=$(npm pack "$package" --silent)
	got=sha512-$(openssl dgst -sha512 -binary "$tarball" | base64 -w 0)
	if [ "$got" != "$integrity" ]; then
		echo "$package has the checksum $got, not $integrity" >&2
		exit 1
	fi
	rm -rf package && tar xzf "$tarball"
	for file; do
		# The maps that the last line names are not served.
		sed '/^\/\/# sourceMappingURL/d' "package/$file" >"$to/${file##*/}"
	done
	name=${package#@xterm/}
	cp package/LICENSE "$to/LICENSE-${name%@*}"
}

take @xterm/xterm@6.0.0 \
	sha512-TQwDdQGtwwDt+2cgKDLn0IRaSxYu1tSUjgKarSDkUM0ZNiSRXFpjxEsvc/Zgc5kq5omJ+V0a8/kIM2WD3sMOYg== \
	lib/xterm.mjs css/xterm.css
take @xterm/addon-fit@0.11.0 \
	sha512-jYcgT6xtVYhnhgxh3QgYDnnNMYTcf8ElbxxFzX0IZo+vabQqSPAjC3c1wJrKB5E19VwQei89QCiZZP86DCPF7g== \
	lib/addon-fit.mjs
take @xterm/addon-web-links@0.12.0 \
	sha512-4Smom3RPyVp7ZMYOYDoC/9eGJJJqYhnPLGGqJ6wOBfB8VxPViJNSKdgRYb8NpaM6YSelEKbA2SStD7lGyqaobw== \
	lib/addon-web-links.mjs
take @xterm/addon-unicode11@0.9.0 \
	sha512-FxDnYcyuXhNl+XSqGZL/t0U9eiNb/q3EWT5rYkQT/zuig8Gz/VagnQANKHdDWFM2lTMk9ly0EFQxxxtZUoRetw== \
	lib/addon-unicode11.mjs
cd "$to" && sha256sum LICENSE-* *.css *.mjs >SHA256SUMS
