package main

import (
	"archive/tar"
	"archive/zip"
	"bytes"
	"compress/gzip"
	"encoding/json"
	"errors"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"testing"
	"time"

	"parley/internal/build"
	"parley/internal/testenv"
)

var when = time.Date(2026, 11, 27, 1, 2, 4, 0, time.UTC)

// unpacked returns the names and the contents of a tar archive, and its headers.
func unpacked(t *testing.T, r io.Reader) (map[string]*tar.Header, map[string]string) {
	t.Helper()
	headers, texts := make(map[string]*tar.Header), make(map[string]string)
	for all := tar.NewReader(r); ; {
		h, err := all.Next()
		if errors.Is(err, io.EOF) {
			return headers, texts
		}
		if err != nil {
			t.Fatal(err)
		}
		data, err := io.ReadAll(all)
		if err != nil {
			t.Fatal(err)
		}
		if !h.ModTime.Equal(when) {
			t.Errorf("%s is of %v", h.Name, h.ModTime)
		}
		headers[h.Name], texts[h.Name] = h, string(data)
	}
}

func decompressed(t *testing.T, data []byte) io.Reader {
	t.Helper()
	r, err := gzip.NewReader(bytes.NewReader(data))
	if err != nil {
		t.Fatal(err)
	}
	return r
}

// TestArchives tests that archives hold the files with their modes, whatever order they come in.
func TestArchives(t *testing.T) {
	all := files{{"b/c", 0o644, []byte("text")}, {"a", 0o755, []byte("program")}}
	other := slices.Clone(all)
	slices.Reverse(other)
	packed, zipFile := tarball("top", all, when), zipped("top", all, when)
	if !bytes.Equal(packed, tarball("top", other, when)) || !bytes.Equal(zipFile, zipped("top", other, when)) {
		t.Error("the order of the files makes a difference")
	}
	headers, texts := unpacked(t, decompressed(t, packed))
	if len(headers) != 4 || texts["top/b/c"] != "text" || headers["top/a"].Mode != 0o755 || headers["top/b/"] == nil {
		t.Errorf("tar: %v", texts)
	}
	z, err := zip.NewReader(bytes.NewReader(zipFile), int64(len(zipFile)))
	if err != nil || len(z.File) != 2 || z.File[0].Name != "top/a" || z.File[0].Mode() != 0o755 {
		t.Errorf("zip: %v, %v", z, err)
	}
}

// TestImage reads an image as a runtime for containers does: from its index to what is in its layer.
func TestImage(t *testing.T) {
	archive := image(target{"linux", "arm64"}, []byte("program"), files{{"LICENSE", 0o644, []byte("ours")},
		{"LICENSES-OTHERS.txt", 0o644, []byte("theirs")}}, when)
	_, blobs := unpacked(t, bytes.NewReader(archive))
	read := func(digest string, into any) {
		t.Helper()
		text := blobs["blobs/sha256/"+strings.TrimPrefix(digest, "sha256:")]
		if err := json.Unmarshal([]byte(text), into); err != nil {
			t.Fatalf("%s: %v: %q", digest, err, text)
		}
	}
	var index struct{ Manifests []blob }
	if err := json.Unmarshal([]byte(blobs["index.json"]), &index); err != nil || len(index.Manifests) != 1 {
		t.Fatalf("%v: %s", err, blobs["index.json"])
	}
	if name := index.Manifests[0].Annotations["org.opencontainers.image.ref.name"]; name != "parley:"+build.Version {
		t.Errorf("podman load would call it %q", name)
	}
	var manifest struct {
		Config blob
		Layers []blob
	}
	read(index.Manifests[0].Digest, &manifest)
	var config struct {
		Architecture string
		Config       struct {
			User       string
			Env        []string
			Entrypoint []string
		}
		RootFS struct {
			DiffIDs []string `json:"diff_ids"`
		}
	}
	read(manifest.Config.Digest, &config)
	if config.Architecture != "arm64" || config.Config.User != "65532:65532" || len(manifest.Layers) != 1 {
		t.Errorf("%+v", config)
	}
	layer := []byte(blobs["blobs/sha256/"+strings.TrimPrefix(manifest.Layers[0].Digest, "sha256:")])
	bare, err := io.ReadAll(decompressed(t, layer))
	if err != nil || digest(bare) != config.RootFS.DiffIDs[0] || len(layer) != manifest.Layers[0].Size {
		t.Errorf("the layer is not what the configuration names: %v", err)
	}
	headers, texts := unpacked(t, bytes.NewReader(bare))
	if texts["parley"] != "program" || headers["parley"].Mode != 0o755 || headers["data/"].Uid != imageUser ||
		headers["data/"].Mode != 0o700 {
		t.Errorf("the layer has %v", headers)
	}
	containerfile := string(readRepository(t, "deploy/Containerfile"))
	for _, same := range []string{"ENV " + strings.Join(config.Config.Env, " "), "USER " + config.Config.User,
		`ENTRYPOINT ["` + config.Config.Entrypoint[0] + `"]`} {
		if !strings.Contains(containerfile, "\n"+same+"\n") {
			t.Errorf("deploy/Containerfile has no %q", same)
		}
	}
}

func readRepository(t *testing.T, name string) []byte {
	t.Helper()
	data, err := os.ReadFile(filepath.Join("..", "..", filepath.FromSlash(name)))
	if err != nil {
		t.Fatal(err)
	}
	return data
}

// TestPackagedUnits tests that units are fit for packages, and that a change of deploy that is not is found.
func TestPackagedUnits(t *testing.T) {
	units, err := filepath.Glob("../../deploy/*.s*")
	if err != nil || len(units) < 2 {
		t.Fatalf("%q, %v", units, err)
	}
	for _, path := range units {
		unit, err := packagedUnit(readRepository(t, strings.TrimPrefix(path, "../../")))
		if err != nil {
			t.Fatalf("%s: %v", path, err)
		}
		if text := string(unit); strings.HasSuffix(path, ".service") &&
			(!strings.Contains(text, "\nUser=parley\n") || !strings.Contains(text, "\nExecStart=/usr/bin/parley ")) {
			t.Errorf("%s is\n%s", path, text)
		}
	}
	for _, wrong := range []string{"ExecStart=/usr/local/sbin/parley\n", "DynamicUser=true\n"} {
		if _, err := packagedUnit([]byte(wrong)); err == nil {
			t.Errorf("%q passes", wrong)
		}
	}
}

// TestRelease makes a release in a folder that has no history. That two folders give the same is tested by .ci/release.
func TestRelease(t *testing.T) {
	testenv.Long(t)
	t.Setenv("SOURCE_DATE_EPOCH", "1795741324")
	here := runtime.GOOS + "/" + runtime.GOARCH
	if !slices.Contains(targets, here) {
		t.Skipf("%s is nothing that releases are for", here)
	}
	t.Chdir(copySources(t))
	if err := run(t.Context(), []string{"--plain", "--targets", here}, io.Discard); err != nil {
		t.Fatal(err)
	}
	if err := run(t.Context(), []string{"--plain", "--targets", here}, io.Discard); err == nil {
		t.Error("a folder that is not empty is written to")
	}
	if entries, err := filepath.Glob("dist-*"); len(entries) > 0 || err != nil {
		t.Errorf("%q stay", entries)
	}
	archives, err := filepath.Glob("dist/*_" + runtime.GOOS + "_" + runtime.GOARCH + ".tar.gz")
	if err != nil || len(archives) != 1 {
		t.Fatalf("%q, %v", archives, err)
	}
	archive, err := os.ReadFile(archives[0])
	if err != nil {
		t.Fatal(err)
	}
	headers, texts := unpacked(t, decompressed(t, archive))
	top := strings.TrimSuffix(filepath.Base(archives[0]), ".tar.gz") + "/"
	for _, name := range []string{"README.md", "CHANGELOG.md", "LICENSE", "docs/operating.md", "docs/man/parley.1",
		"docs/man/parley.yaml.5", "deploy/parley.service", "completion/parley.bash", "completion/parley.zsh",
		"completion/parley.fish"} {
		if texts[top+name] == "" {
			t.Errorf("there is no %s", name)
		}
	}
	if h := headers[top+"parley"]; h == nil || h.Mode != 0o755 {
		t.Errorf("the program is %v", h)
	}
	for _, name := range []string{"The Go standard library: LICENSE", "github.com/dgraph-io/badger/v4 "} {
		if !strings.Contains(texts[top+"LICENSES-OTHERS.txt"], "======== "+name) {
			t.Errorf("there is no licence of %s", name)
		}
	}
	if strings.Contains(texts[top+"LICENSES-OTHERS.txt"], "goleak") {
		t.Error("there is a licence of what only tests use")
	}
}

// TestRefusals tests that what cannot be done is said in a sentence, and leaves nothing behind.
func TestRefusals(t *testing.T) {
	root := t.TempDir()
	t.Chdir(root)
	write := func(name, text string) {
		t.Helper()
		if err := os.WriteFile(name, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	refused := func(want string, args ...string) {
		t.Helper()
		if err := run(t.Context(), args, io.Discard); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("got %v, want %s", err, want)
		}
	}
	write("go.mod", "module other\n\ngo 1.26\n")
	t.Setenv("SOURCE_DATE_EPOCH", "")
	refused("is no checkout of Parley")
	write("go.mod", "module parley\n\ngo 1.26\n")
	refused("have no history")
	for _, wrong := range []string{"yesterday", "-1", "0", "99999999999"} {
		t.Setenv("SOURCE_DATE_EPOCH", wrong)
		refused("SOURCE_DATE_EPOCH: ")
	}
	t.Setenv("SOURCE_DATE_EPOCH", "1795741324")
	refused("plan9/amd64 is none of linux/amd64", "--targets", "plan9/amd64")
	refused("", "--targets", "linux/amd64") // there is nothing to build
	if entries, err := os.ReadDir("."); err != nil || len(entries) != 1 {
		t.Errorf("%v stay, %v", entries, err)
	}
}

// copySources copies what a release is made of to another folder.
func copySources(t *testing.T) string {
	t.Helper()
	dir, root := t.TempDir(), filepath.Join(sourceRoot, "..", "..")
	err := filepath.WalkDir(root, func(path string, e fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		name, err := filepath.Rel(root, path)
		if err != nil {
			return err
		}
		switch to := filepath.Join(dir, name); {
		case name != "." && strings.HasPrefix(e.Name(), "."), e.Name() == "testdata",
			strings.HasSuffix(name, "_test.go"):
			if e.IsDir() {
				return filepath.SkipDir
			}
			return nil
		case e.IsDir():
			return os.MkdirAll(to, 0o700)
		case !e.Type().IsRegular():
			return nil
		default:
			b, err := os.ReadFile(path)
			if err != nil {
				return err
			}
			return os.WriteFile(to, b, 0o600)
		}
	})
	if err != nil {
		t.Fatal(err)
	}
	return dir
}

// sourceRoot is where the tests began.
var sourceRoot = func() string {
	dir, err := os.Getwd()
	if err != nil {
		panic(err)
	}
	return dir
}()
