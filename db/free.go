package db

// Free returns how many bytes are left for this process on the disk of the folder dir, which exists, and how few a
// server refuses to write with. known is false where the system cannot tell.
func Free(dir string) (left, need int64, known bool) {
	left, known = freeBytes(dir)
	return left, minFreeDefault, known
}
