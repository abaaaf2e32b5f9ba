package main

import "errors"

// errPanic stands for what a panic kept from being returned.
var errPanic = errors.New("stopped by a panic, which is in the log")
