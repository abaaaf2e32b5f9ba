package main

import (
	"bytes"
	"context"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"parley/internal/build"
)

// The tools that make packages and lists of parts; the go command fetches them, and checks their sums.
const (
	packer = "github.com/goreleaser/nfpm/v2/cmd/nfpm@v2.45.2"
	lister = "github.com/CycloneDX/cyclonedx-gomod/cmd/cyclonedx-gomod@v1.10.0"
)

// parts writes the list of the modules that a program consists of, in CycloneDX's form.
func (r *release) parts(ctx context.Context, name string, program []byte) error {
	dir, err := filepath.Abs(r.dir)
	if err != nil {
		return err
	}
	path := filepath.Join(dir, "parts.tmp")
	if err := os.WriteFile(path, program, 0o755); err != nil {
		return err
	}
	defer os.Remove(path)
	fmt.Fprintln(r.log, name+".cdx.json")
	// The list names the sum of the tool, which is the same everywhere if no paths of this machine are in it.
	_, err = r.source.run(ctx, nil, "go", "run", "-trimpath", lister, "bin", "-json", "-noserial", "-notimestamp",
		"-std", "-version", "v"+build.Version, "-output", filepath.Join(dir, name+".cdx.json"), path)
	return err
}

// A format is a kind of package, with what its systems keep elsewhere.
type format struct {
	name, zsh string
	depends   []string
	changes   string // where the package's own changes are told; empty for nowhere
}

var formats = []format{
	{name: "deb", zsh: "/usr/share/zsh/vendor-completions/_parley", depends: []string{"passwd"},
		changes: "/usr/share/doc/parley/changelog.Debian.gz"},
	{name: "rpm", zsh: "/usr/share/zsh/site-functions/_parley", depends: []string{"shadow-utils"}},
}

// packages makes the packages for Linux of the files of an archive.
func (r *release) packages(ctx context.Context, t target, all files) error {
	for _, f := range formats {
		if err := r.pack(ctx, t, f, all); err != nil {
			return fmt.Errorf("%s: %w", f.name, err)
		}
	}
	return nil
}

// pack makes one package. nfpm is given a configuration in JSON, which is YAML too.
func (r *release) pack(ctx context.Context, t target, f format, all files) error {
	dir, err := filepath.Abs(filepath.Join(r.dir, "package.tmp"))
	if err != nil {
		return err
	}
	if err := os.Mkdir(dir, 0o755); err != nil {
		return err
	}
	defer os.RemoveAll(dir)
	contents, err := r.contents(f, all)
	if err != nil {
		return err
	}
	var listed []object
	for i, c := range contents {
		source := filepath.Join(dir, fmt.Sprint(i))
		if err := os.WriteFile(source, c.data, 0o644); err != nil {
			return err
		}
		entry := object{"src": source, "dst": c.name,
			"file_info": object{"mode": int(c.mode), "mtime": r.source.time.Format(time.RFC3339)}}
		if strings.HasPrefix(c.name, "/etc/") {
			entry["type"] = "config|noreplace"
		}
		listed = append(listed, entry)
	}
	scripts := filepath.Join(r.source.root, "deploy", "package")
	config := filepath.Join(dir, "nfpm.yaml")
	if err := os.WriteFile(config, encode(object{
		"name": "parley", "arch": t.cpu, "platform": t.system, "version": build.Version, "release": "1",
		"section": "net", "priority": "optional", "maintainer": r.maintainer, "license": "MIT",
		"mtime": r.source.time.Format(time.RFC3339),
		"description": "chat server that people reach with telnet\n" +
			"Parley serves a chat to telnet, netcat and clients for MUDs, plain or in TLS:\n" +
			"rooms, private words, letters, and a form for screen readers.",
		"depends": f.depends, "contents": listed, "rpm": object{"buildhost": "parley", "group": "System/Servers",
			"summary": "Chat server that people reach with telnet"},
		"scripts": object{"postinstall": filepath.Join(scripts, "postinstall.sh"),
			"preremove": filepath.Join(scripts, "preremove.sh"), "postremove": filepath.Join(scripts, "postremove.sh")},
	}), 0o644); err != nil {
		return err
	}
	made, err := filepath.Abs(r.dir)
	if err != nil {
		return err
	}
	fmt.Fprintln(r.log, f.name)
	_, err = r.source.run(ctx, []string{fmt.Sprintf("SOURCE_DATE_EPOCH=%d", r.source.time.Unix())}, "go", "run", packer,
		"package", "--config", config, "--packager", f.name, "--target", made)
	return err
}

// contents returns what a package has, by where it goes.
func (r *release) contents(f format, all files) (files, error) {
	doc := func(name string) string { return "/usr/share/doc/parley/" + name }
	packed := files{
		{"/usr/bin/parley", 0o755, all.find("parley").data},
		{"/etc/parley/parley.yaml", 0o644, all.find("deploy/parley.yaml").data},
		{"/usr/share/man/man1/parley.1.gz", 0o644, gzipped(all.find("docs/man/parley.1").data)},
		{"/usr/share/man/man5/parley.yaml.5.gz", 0o644, gzipped(all.find("docs/man/parley.yaml.5").data)},
		{"/usr/share/bash-completion/completions/parley", 0o644, all.find("completion/parley.bash").data},
		{"/usr/share/fish/vendor_completions.d/parley.fish", 0o644, all.find("completion/parley.fish").data},
		{f.zsh, 0o644, zshFunction(all.find("completion/parley.zsh").data)},
		{doc("copyright"), 0o644, append(slices.Clone(all.find("LICENSE").data), othersCopyright...)},
		{doc("licenses-others.gz"), 0o644, gzipped(all.find("LICENSES-OTHERS.txt").data)},
		{doc("changelog.gz"), 0o644, gzipped(all.find("CHANGELOG.md").data)},
	}
	for _, one := range all {
		switch name := one.name; {
		case name == "README.md", name == "SECURITY.md", strings.HasPrefix(name, "docs/") && !strings.HasPrefix(name,
			"docs/man/"):
			packed = append(packed, file{doc(name), 0o644, one.data})
		case strings.HasSuffix(name, ".service"), strings.HasSuffix(name, ".socket"):
			unit, err := packagedUnit(one.data)
			if err != nil {
				return nil, fmt.Errorf("%s: %w", name, err)
			}
			packed = append(packed, file{"/usr/lib/systemd/system/" + filepath.Base(name), 0o644, unit})
		case strings.HasPrefix(name, "deploy/") && name != "deploy/parley.yaml" && name != "deploy/Containerfile":
			packed = append(packed, file{doc("examples/" + filepath.Base(name)), 0o644, one.data})
		}
	}
	if f.changes != "" {
		text := fmt.Sprintf("parley (%s-1) unstable; urgency=medium\n\n  * See changelog.gz.\n\n -- %s  %s\n",
			build.Version, r.maintainer, r.source.time.Format(time.RFC1123Z))
		packed = append(packed, file{f.changes, 0o644, gzipped([]byte(text))},
			file{"/usr/share/lintian/overrides/parley", 0o644, []byte(overrides)})
	}
	return packed, nil
}

// othersCopyright says where the licences of others are. Debian wants the Apache License named, and not printed.
const othersCopyright = `
Parley is built with code of others. licenses-others.gz in this folder has their licences and notices. Where that is the
Apache License, Version 2.0, Debian systems have its text in /usr/share/common-licenses/Apache-2.0.
`

// overrides tells lintian what is meant.
const overrides = `# A program in Go needs no library, so that one build runs everywhere.
parley: statically-linked-binary [usr/bin/parley]
# The same scripts are in the rpm, where Debian's helpers are not. They ask first whether systemd runs.
parley: maintainer-script-calls-systemctl *
# It was never asked for as a package of Debian's own.
parley: initial-upload-closes-no-bugs *
`

// packagedUnit returns a unit of deploy as a package has it: the program is in /usr/bin, and its user stays, so that
// an administrator can act as that user too.
func packagedUnit(unit []byte) ([]byte, error) {
	unit = bytes.ReplaceAll(unit, []byte("/usr/local/share/doc/parley/"), []byte("/usr/share/doc/parley/docs/"))
	unit = bytes.ReplaceAll(unit, []byte("/usr/local/bin/"), []byte("/usr/bin/"))
	unit = bytes.Replace(unit, []byte("# Of its own, and only while it runs: a user, and"),
		[]byte("# The package makes the user. Of its own:"), 1)
	unit = bytes.Replace(unit, []byte("DynamicUser=yes\n"), []byte("User=parley\nGroup=parley\n"), 1)
	if bytes.Contains(unit, []byte("/usr/local")) || bytes.Contains(unit, []byte("DynamicUser")) {
		return nil, fmt.Errorf("it has a path or a user that packages do not have: %w", fs.ErrInvalid)
	}
	return unit, nil
}

// zshFunction returns the script for zsh as a file that zsh loads when it is first needed.
func zshFunction(script []byte) []byte {
	script = bytes.Replace(script, []byte("compdef _parley parley\n"), []byte("_parley \"$@\"\n"), 1)
	return append([]byte("#compdef parley\n"), script...)
}
