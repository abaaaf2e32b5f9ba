//go:build !unix

package main

import "os"

func readable(*os.File) bool { return false }
