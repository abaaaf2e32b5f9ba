package chat

// These errors are returned where there may be several nodes.
var (
	// ErrOneNode is returned for what there is only where several nodes are one Parley.
	ErrOneNode = refusal("runs alone")
	// ErrOldNode is returned for what not all nodes understand yet that run: nothing was done.
	ErrOldNode = refusal("old node")
)
