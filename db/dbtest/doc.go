// Package dbtest has what tests of a store on a full disk need: small disks. There are some on Linux alone; elsewhere
// those tests are skipped.
package dbtest
