package main

import (
	"path/filepath"
	"strings"
	"testing"

	"parley/cluster/natstest"
)

// TestDoctorCluster tests what the doctor says of NATS servers that answer, and of those that do not.
func TestDoctorCluster(t *testing.T) {
	if testing.Short() {
		t.Skip("waits for a server that does not answer")
	}
	t.Parallel()
	alive := natstest.Start(t, 1, nil).URLs()[0]
	const dead = "nats://127.0.0.1:1"
	look := func(servers string) (string, error) {
		return examined(t, "--data", filepath.Join(t.TempDir(), "data"), "--listen", "127.0.0.1:0", "--cluster",
			servers, "--cluster-node", "a", "--cluster-nodes", "a,b,c")
	}
	if text, err := look(alive); err != nil || !strings.Contains(text, "NATS: "+alive+" answers in ") {
		t.Errorf("%v\n%s", err, text)
	}
	if text, err := look(alive + "," + dead); err != nil || !strings.Contains(text, "NATS: "+alive+" answers in ") ||
		!strings.Contains(text, "warn  NATS: No NATS server can be reached at "+dead) {
		t.Errorf("one of two: %v\n%s", err, text)
	}
	if text, err := look(dead); err == nil || !strings.Contains(text, "bad   NATS: No NATS server can be reached at ") {
		t.Errorf("none: %v\n%s", err, text)
	}
}
