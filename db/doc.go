// Package db keeps records in a folder.
package db
