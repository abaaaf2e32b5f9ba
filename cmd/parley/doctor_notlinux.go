//go:build !linux

package main

import (
	"errors"
	"time"
)

func syncTime(string) (time.Duration, error) { return 0, errors.ErrUnsupported }

func clockSynchronised() (synchronised, known bool) { return false, false }

func (*doctor) memory() {}
