// Command release makes of a checkout what operators install: for each system an archive with the program, its manual
// pages, units, completion and the licences of what it is built with; packages for Debian and Red Hat, and images for
// containers; lists of parts (SBOM), and SHA256SUMS over all of it. The same sources give the same bytes, wherever the
// checkout is. Run it in the checkout: go run ./cmd/release.
package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/signal"
	"path/filepath"
	"slices"
	"strings"
	"syscall"

	"github.com/alecthomas/kong"

	"parley/internal/build"
)

type commandLine struct {
	Out        string   `default:"dist" placeholder:"FOLDER" help:"Where the files go; it must be new or empty (${default})."`
	Targets    []string `default:"${targets}" placeholder:"SYSTEM/CPU" help:"What to build for, with commas between (${default})."`
	Plain      bool     `help:"Leave out the packages and the lists of parts, which nfpm and cyclonedx-gomod make. They come from the network."`
	Maintainer string   `default:"The Parley authors <authors@parley.invalid>" placeholder:"NAME <ADDRESS>" help:"Whom the packages name (${default})."`
}

// targets are the systems and processors that a release is for, as the go command names them.
var targets = []string{"linux/amd64", "linux/arm64", "darwin/amd64", "darwin/arm64", "windows/amd64", "windows/arm64",
	"freebsd/amd64", "freebsd/arm64"}

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	err := run(ctx, os.Args[1:], os.Stdout)
	stop()
	if err != nil {
		fmt.Fprintln(os.Stderr, "release:", err)
		os.Exit(1)
	}
}

func run(ctx context.Context, args []string, stdout io.Writer) error {
	var line commandLine
	done := false
	parser, err := kong.New(&line, kong.Name("release"), kong.Description("Makes what operators install."),
		kong.Vars{"targets": strings.Join(targets, ",")}, kong.Writers(stdout, stdout),
		kong.Exit(func(int) { done = true }))
	if err != nil {
		return err
	}
	if _, err := parser.Parse(args); err != nil || done {
		return err
	}
	dir, err := os.Getwd()
	if err != nil {
		return err
	}
	s, err := findSource(ctx, dir)
	if err != nil {
		return err
	}
	r := &release{source: s, plain: line.Plain, maintainer: line.Maintainer, log: stdout}
	return r.make(ctx, line.Targets, line.Out)
}

// A release is made of one source.
type release struct {
	source     *source
	plain      bool
	maintainer string
	log        io.Writer
	dir        string // where the files are made
	here       target // of this machine, and its program
	program    []byte
}

// make makes the files for the targets in the folder out: all of them, or none.
func (r *release) make(ctx context.Context, all []string, out string) (err error) {
	for _, t := range all {
		if !slices.Contains(targets, t) {
			return fmt.Errorf("%s is none of %s", t, strings.Join(targets, ", "))
		}
	}
	if entries, err := os.ReadDir(out); err == nil && len(entries) > 0 {
		return fmt.Errorf("%s is not empty", out)
	} else if err != nil && !errors.Is(err, os.ErrNotExist) {
		return err
	}
	out = filepath.Clean(out)
	if r.dir, err = os.MkdirTemp(filepath.Dir(out), filepath.Base(out)+"-unfinished-"); err != nil {
		return err
	}
	defer os.RemoveAll(r.dir)
	common, err := r.common(ctx)
	if err != nil {
		return err
	}
	for _, t := range all {
		system, cpu, _ := strings.Cut(t, "/")
		if err := r.target(ctx, target{system: system, cpu: cpu}, common); err != nil {
			return fmt.Errorf("%s: %w", t, err)
		}
	}
	if err := sums(r.dir); err != nil {
		return err
	}
	if err := os.Chmod(r.dir, 0o755); err != nil {
		return err
	}
	if err := os.Remove(out); err != nil && !errors.Is(err, os.ErrNotExist) {
		return err
	}
	return os.Rename(r.dir, out)
}

// A target is what a program is built for, in the go command's words.
type target struct{ system, cpu string }

// target makes everything for one target. common are the files that all of them have.
func (r *release) target(ctx context.Context, t target, common files) error {
	program := r.program
	if t != r.here {
		var err error
		if program, err = r.source.build(ctx, t, filepath.Join(r.dir, "parley.tmp")); err != nil {
			return err
		}
		defer os.Remove(filepath.Join(r.dir, "parley.tmp"))
	}
	licences, err := r.source.licences(ctx, t)
	if err != nil {
		return err
	}
	all := append(slices.Clone(common), file{"LICENSES-OTHERS.txt", 0o644, licences})
	name := fmt.Sprintf("parley_%s_%s_%s", build.Version, t.system, t.cpu)
	if t.system == "windows" {
		err = r.write(name+".zip", zipped(name, append(all, file{"parley.exe", 0o755, program}), r.source.time))
	} else {
		err = r.write(name+".tar.gz", tarball(name, append(all, file{"parley", 0o755, program}), r.source.time))
	}
	if err != nil {
		return err
	}
	if t.system == "linux" {
		if err := r.write(name+".oci.tar", image(t, program, all, r.source.time)); err != nil {
			return err
		}
	}
	if r.plain {
		return nil
	}
	if err := r.parts(ctx, name, program); err != nil {
		return err
	}
	if t.system == "linux" {
		return r.packages(ctx, t, append(all, file{"parley", 0o755, program}))
	}
	return nil
}

func (r *release) write(name string, data []byte) error {
	fmt.Fprintln(r.log, name)
	return os.WriteFile(filepath.Join(r.dir, name), data, 0o644)
}
