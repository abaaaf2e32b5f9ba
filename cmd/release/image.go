package main

import (
	"crypto/sha256"
	"encoding/json"
	"fmt"
	"io/fs"
	"time"

	"parley/internal/build"
)

// imageEnv is what the image sets; deploy/Containerfile sets the same.
var imageEnv = []string{"PARLEY_LISTEN=:4000", "PARLEY_DATA=/data/store", "PARLEY_ADMIN_LISTEN=127.0.0.1:9100",
	"PARLEY_LOG_FORMAT=json"}

// imageUser is the user and the group in the image; distroless images call it nonroot.
const imageUser = 65532

// A blob is a part of an image, which others name by its sum.
type blob struct {
	MediaType   string            `json:"mediaType"`
	Digest      string            `json:"digest"`
	Size        int               `json:"size"`
	Annotations map[string]string `json:"annotations,omitempty"`
	data        []byte
}

func newBlob(kind string, data []byte) blob {
	return blob{MediaType: "application/vnd.oci.image." + kind, Digest: digest(data), Size: len(data), data: data}
}

func digest(data []byte) string { return fmt.Sprintf("sha256:%x", sha256.Sum256(data)) }

// object is JSON whose keys are sorted, so that its bytes are always the same.
type object = map[string]any

func encode(o object) []byte {
	b, err := json.Marshal(o)
	if err != nil {
		panic(err)
	}
	return b
}

// image returns an image for containers with the program alone, as an archive of an OCI layout
// (github.com/opencontainers/image-spec, image-layout.md). It runs without root and without a root to write to.
func image(t target, program []byte, all files, at time.Time) []byte {
	layer := newTape(at)
	layer.add(file{"LICENSE", 0o644, all.find("LICENSE").data}, 0)
	layer.add(file{"LICENSES-OTHERS.txt", 0o644, all.find("LICENSES-OTHERS.txt").data}, 0)
	layer.add(file{name: "data", mode: fs.ModeDir | 0o700}, imageUser)
	layer.add(file{"parley", 0o755, program}, 0)
	bare := layer.bytes()
	created := at.Format(time.RFC3339)
	labels := object{"org.opencontainers.image.title": "parley", "org.opencontainers.image.version": build.Version,
		"org.opencontainers.image.licenses":    "MIT",
		"org.opencontainers.image.description": "Chat server that people reach with telnet"}
	config := newBlob("config.v1+json", encode(object{
		"architecture": t.cpu, "os": t.system, "created": created,
		"config": object{
			"User": fmt.Sprintf("%d:%[1]d", imageUser), "Env": imageEnv, "Entrypoint": []string{"/parley"},
			"ExposedPorts": object{"4000/tcp": object{}}, "Volumes": object{"/data": object{}}, "StopSignal": "SIGTERM",
			"Labels": labels,
			// Docker reads this here; Podman takes it from --health-cmd alone.
			"Healthcheck": object{"Test": []string{"CMD", "/parley", "doctor", "--quick"},
				"Interval": 15 * time.Second, "Timeout": 5 * time.Second, "StartPeriod": 30 * time.Second},
		},
		"rootfs":  object{"type": "layers", "diff_ids": []string{digest(bare)}},
		"history": []object{{"created": created, "created_by": "go run ./cmd/release"}},
	}))
	content := newBlob("layer.v1.tar+gzip", gzipped(bare))
	manifest := newBlob("manifest.v1+json", encode(object{"schemaVersion": 2,
		"mediaType": "application/vnd.oci.image.manifest.v1+json", "config": config, "layers": []blob{content},
		"annotations": labels}))
	named := manifest
	named.Annotations = map[string]string{"org.opencontainers.image.ref.name": "parley:" + build.Version}
	layout := newTape(at)
	layout.add(file{name: "blobs", mode: fs.ModeDir | 0o755}, 0)
	layout.add(file{name: "blobs/sha256", mode: fs.ModeDir | 0o755}, 0)
	for _, b := range []blob{config, content, manifest} {
		layout.add(file{"blobs/sha256/" + b.Digest[len("sha256:"):], 0o644, b.data}, 0)
	}
	layout.add(file{"index.json", 0o644, encode(object{"schemaVersion": 2,
		"mediaType": "application/vnd.oci.image.index.v1+json", "manifests": []blob{named}})}, 0)
	layout.add(file{"oci-layout", 0o644, encode(object{"imageLayoutVersion": "1.0.0"})}, 0)
	return layout.bytes()
}
