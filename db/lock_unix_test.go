//go:build unix

package db

import (
	"os"
	"path/filepath"
	"testing"
	"testing/synctest"
	"time"
)

// TestOpenWaitsForThoseWhoLook tests that a store is opened while somebody looks at the folder, if that ends soon.
func TestOpenWaitsForThoseWhoLook(t *testing.T) {
	for name, looks := range map[string]time.Duration{"for a while": time.Second, "for long": time.Hour} {
		t.Run(name, func(t *testing.T) {
			dir := t.TempDir()
			synctest.Test(t, func(t *testing.T) {
				d, err := Open(dir, nil)
				if err != nil {
					t.Fatal(err)
				}
				if err := d.Close(); err != nil {
					t.Fatal(err)
				}
				looker, err := os.Open(filepath.Join(dir, lockName))
				if err != nil {
					t.Fatal(err)
				}
				if err := shareFile(looker); err != nil {
					t.Fatal(err)
				}
				time.AfterFunc(looks, func() { looker.Close() })
				began := time.Now()
				d, err = Open(dir, nil)
				switch took := time.Since(began); {
				case looks > lockPatience && (err == nil || took < lockPatience || took > 2*lockPatience):
					t.Errorf("got %v after %v", err, took)
				case looks <= lockPatience && err != nil:
					t.Errorf("got %v after %v", err, took)
				}
				if err == nil {
					if err := d.Close(); err != nil {
						t.Error(err)
					}
				}
				time.Sleep(looks)
			})
		})
	}
}
