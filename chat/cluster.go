package chat

import "context"

// A NodeState says how one of several nodes stands, as far as another one knows.
type NodeState string

// The states of a node.
const (
	NodeRuns     NodeState = "node runs"
	NodeIsDesk   NodeState = "node is desk"   // it runs, and numbers what happens
	NodeLags     NodeState = "node lags"      // its copy of what is stored is so far behind that nobody reads it
	NodeApart    NodeState = "node is apart"  // it is the one that says so, and cannot reach the others
	NodeNotHeard NodeState = "node not heard" // it is stopped, dead or cut off
)

// A ClusterNode is one of several nodes.
type ClusterNode struct {
	Name  string
	State NodeState
	Users int // who are online there, guests too
	// Write is the number of the last write that its copy of what is stored has, and Behind how many it lacks. Both are
	// zero where nothing is known of that, and where nothing was ever written.
	Write, Behind uint64
}

// A ClusterStatus says how several nodes stand that are one Parley, as one of them sees it.
type ClusterStatus struct {
	Node  string // which sees it so
	Nodes []ClusterNode
	// Epoch is that of the desk which this node followed last, and Event the number of the last event done here.
	Epoch, Event uint64
	// Server is the address of the server over which the node reaches the others, without a password; empty for none.
	Server string
	// Trouble says why this node's copy of what is stored does not follow; nil if it does.
	Trouble error
}

// Cluster returns how the nodes stand. It returns ErrOneNode where there is one alone.
func (n *Node) Cluster(ctx context.Context) (ClusterStatus, error) {
	if n.cluster == nil {
		return ClusterStatus{}, ErrOneNode
	}
	users := make(map[string]int)
	for e := range n.desk.Online() {
		users[e.Node]++
	}
	s := n.cluster()
	for i := range s.Nodes {
		s.Nodes[i].Users = users[s.Nodes[i].Name]
	}
	return s, nil
}
