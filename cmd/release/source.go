package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"time"
)

// A source is a checkout of Parley.
type source struct {
	root string
	git  bool      // it has a history
	time time.Time // of the commit, or what SOURCE_DATE_EPOCH says (reproducible-builds.org)
}

// findSource returns the source that the folder dir belongs to.
func findSource(ctx context.Context, dir string) (*source, error) {
	s := &source{root: dir}
	root, err := s.run(ctx, nil, "go", "list", "-m", "-f", "{{.Path}} {{.Dir}}")
	if err != nil {
		return nil, err
	}
	name, root, _ := bytes.Cut(bytes.TrimSpace(root), []byte(" "))
	if string(name) != "parley" {
		return nil, fmt.Errorf("%s is no checkout of Parley", dir)
	}
	s.root = string(root)
	_, err = os.Stat(filepath.Join(s.root, ".git"))
	s.git = err == nil
	seconds := os.Getenv("SOURCE_DATE_EPOCH")
	switch {
	case seconds != "":
	case s.git:
		out, err := s.run(ctx, nil, "git", "log", "-1", "--format=%ct")
		if err != nil {
			return nil, err
		}
		seconds = string(bytes.TrimSpace(out))
	default:
		return nil, errors.New("these sources have no history, so SOURCE_DATE_EPOCH must say from when they are, " +
			"in seconds since 1970")
	}
	n, err := strconv.ParseInt(seconds, 10, 64)
	if err != nil || n < 315532800 || n >= 1<<32 { // zip knows no time before 1980, and gzip none with more bits
		return nil, fmt.Errorf("SOURCE_DATE_EPOCH: %q is no number of seconds since 1970 that is after 1980", seconds)
	}
	s.time = time.Unix(n, 0).UTC()
	return s, nil
}

// run runs a program in the source and returns what it prints.
func (s *source) run(ctx context.Context, env []string, program string, args ...string) ([]byte, error) {
	cmd := exec.CommandContext(ctx, program, args...)
	cmd.Dir = s.root
	// Of how this machine builds only where modules come from is to count.
	cmd.Env = append(os.Environ(), append([]string{"GOFLAGS=-mod=readonly", "GOWORK=off", "GOEXPERIMENT=", "GOAMD64=v1",
		"GOARM64=v8.0", "CGO_ENABLED=0"}, env...)...)
	var complaint bytes.Buffer
	cmd.Stderr = &complaint
	out, err := cmd.Output()
	if err != nil {
		return nil, fmt.Errorf("%s %s: %w: %s", program, args[0], err, bytes.TrimSpace(complaint.Bytes()))
	}
	return out, nil
}

// build returns the program for t, which is built at the path given.
func (s *source) build(ctx context.Context, t target, path string) ([]byte, error) {
	path, err := filepath.Abs(path)
	if err != nil {
		return nil, err
	}
	if _, err := s.run(ctx, t.env(), "go", "build", "-trimpath", "-ldflags=-s -w",
		"-buildvcs="+strconv.FormatBool(s.git), "-o", path, "./cmd/parley"); err != nil {
		return nil, err
	}
	return os.ReadFile(path)
}

func (t target) env() []string { return []string{"GOOS=" + t.system, "GOARCH=" + t.cpu} }

// licences returns the licences of all that the program for t is built of, other than Parley itself.
func (s *source) licences(ctx context.Context, t target) ([]byte, error) {
	out, err := s.run(ctx, t.env(), "go", "list", "-deps", "-f",
		"{{with .Module}}{{if not .Main}}{{.Path}} {{.Version}}\t{{.Dir}}\t{{$.Dir}}{{end}}{{end}}", "./cmd/parley")
	if err != nil {
		return nil, err
	}
	goRoot, err := s.run(ctx, nil, "go", "env", "GOROOT")
	if err != nil {
		return nil, err
	}
	root := string(bytes.TrimSpace(goRoot))
	var b bytes.Buffer
	b.WriteString("Parley is built with code of others. These are their licences.\n")
	seen, licensed := make(map[string]bool), make(map[string]bool)
	for line := range strings.Lines("The Go standard library\t" + root + "\t" + root + "\n" + string(out)) {
		parts := strings.Split(strings.TrimSuffix(line, "\n"), "\t")
		if len(parts) != 3 { // of the standard library, or Parley's own
			continue
		}
		module, top, dir := parts[0], parts[1], parts[2]
		licensed[module] = licensed[module] || false
		for ; len(dir) >= len(top); dir = filepath.Dir(dir) { // code that a module has taken over has its own below
			if seen[dir] {
				continue
			}
			seen[dir] = true
			names, err := licenceFiles(dir)
			if err != nil {
				return nil, err
			}
			for _, name := range names {
				text, err := os.ReadFile(filepath.Join(dir, name))
				if err != nil {
					return nil, err
				}
				within, err := filepath.Rel(top, filepath.Join(dir, name))
				if err != nil {
					return nil, err
				}
				fmt.Fprintf(&b, "\n======== %s: %s\n\n%s\n", module, filepath.ToSlash(within), bytes.TrimSpace(text))
				licensed[module] = true
			}
		}
	}
	for module, ok := range licensed {
		if !ok {
			return nil, fmt.Errorf("%s has no licence, so nobody may be given what is built with it", module)
		}
	}
	return b.Bytes(), nil
}

// licenceFiles returns the names of the files in dir that hold a licence, or what it asks to be passed on.
func licenceFiles(dir string) (names []string, err error) {
	entries, err := os.ReadDir(dir)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	for _, e := range entries {
		upper := strings.ToUpper(e.Name())
		for _, begin := range []string{"LICENSE", "LICENCE", "COPYING", "COPYRIGHT", "NOTICE", "UNLICENSE"} {
			if strings.HasPrefix(upper, begin) && e.Type().IsRegular() && !strings.HasSuffix(upper, ".GO") {
				names = append(names, e.Name())
			}
		}
	}
	return names, err
}

// common returns the files that go into every archive, with / in their names.
func (r *release) common(ctx context.Context) (files, error) {
	var all files
	for _, pattern := range []string{"README.md", "CHANGELOG.md", "SECURITY.md", "LICENSE", "docs/*.md", "docs/man/*",
		"deploy/*", "deploy/cluster/*"} {
		paths, err := filepath.Glob(filepath.Join(r.source.root, filepath.FromSlash(pattern)))
		if err != nil {
			return nil, err
		}
		for _, path := range paths {
			info, err := os.Stat(path)
			if err != nil || info.IsDir() {
				continue
			}
			data, err := os.ReadFile(path)
			if err != nil {
				return nil, err
			}
			name, err := filepath.Rel(r.source.root, path)
			if err != nil {
				return nil, err
			}
			mode := fs.FileMode(0o644)
			if strings.HasSuffix(name, ".sh") {
				mode = 0o755
			}
			all = append(all, file{filepath.ToSlash(name), mode, data})
		}
	}
	here, err := r.source.run(ctx, nil, "go", "env", "GOHOSTOS", "GOHOSTARCH")
	if err != nil {
		return nil, err
	}
	system, cpu, _ := strings.Cut(strings.TrimSpace(string(here)), "\n")
	program, err := filepath.Abs(filepath.Join(r.dir, "parley.tmp"))
	if err != nil {
		return nil, err
	}
	r.here = target{system, cpu}
	if r.program, err = r.source.build(ctx, r.here, program); err != nil {
		return nil, err
	}
	defer os.Remove(program)
	for _, shell := range []string{"bash", "zsh", "fish"} {
		script, err := r.source.run(ctx, nil, program, "completion", shell)
		if err != nil {
			return nil, err
		}
		all = append(all, file{"completion/parley." + shell, 0o644, script})
	}
	return all, nil
}
