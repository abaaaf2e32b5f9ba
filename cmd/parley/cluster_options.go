package main

import (
	"errors"
	"fmt"
	"log/slog"
	"net/url"
	"regexp"
	"slices"
	"strings"

	"parley/cluster/wire"
)

// A clusterOptions says which other servers a server is one Parley with.
type clusterOptions struct {
	Cluster       []string `placeholder:"URL" help:"Addresses of NATS servers, such as nats://192.0.2.1:4222; may be given more than once. Makes this server one of several that are one Parley: see docs/cluster.md."`
	ClusterNode   string   `placeholder:"NAME" help:"Name of this server among those of the cluster: up to 32 letters, digits and hyphens."`
	ClusterNodes  []string `placeholder:"NAME" help:"Names of all servers of the cluster, the same at each of them: three, or one or five."`
	ClusterPrefix string   `default:"parley" placeholder:"WORD" help:"What the subjects and the stream of the cluster begin with in NATS, where several share it. (${default})"`
	ClusterCreds  string   `placeholder:"FILE" help:"Credentials for NATS, as nsc writes them."`
	ClusterCA     string   `name:"cluster-ca" placeholder:"FILE" help:"Certificates that the NATS servers' own may be signed with, if not those that this machine trusts."`
	ClusterCert   string   `placeholder:"FILE" help:"Certificate that this server shows to NATS."`
	ClusterKey    string   `placeholder:"FILE" help:"Key of that certificate."`
}

// clustered reports whether the server is one of several.
func (o *clusterOptions) clustered() bool { return len(o.Cluster) > 0 }

var (
	nodeName   = regexp.MustCompile(`^[a-z0-9]([a-z0-9-]{0,30}[a-z0-9])?$`)
	prefixWord = regexp.MustCompile(`^[A-Za-z0-9_-]{1,32}$`)
)

var errNoCluster = errors.New("--cluster: the addresses of the NATS servers are missing")

// check finds what the grammar does not.
func (o *clusterOptions) check() error {
	if !o.clustered() {
		if o.ClusterNode != "" || len(o.ClusterNodes) > 0 {
			return errNoCluster
		}
		return nil
	}
	faults := []error{o.checkServers()}
	fault := func(format string, args ...any) { faults = append(faults, fmt.Errorf(format, args...)) }
	const named = "%s: %q is no name of a node, which has up to 32 small letters, digits and hyphens"
	if !nodeName.MatchString(o.ClusterNode) {
		fault(named, "--cluster-node", o.ClusterNode)
	}
	for i, name := range o.ClusterNodes {
		if !nodeName.MatchString(name) {
			fault(named, "--cluster-nodes", name)
		}
		if slices.Contains(o.ClusterNodes[:i], name) {
			fault("--cluster-nodes: %s is named twice", name)
		}
	}
	switch n := len(o.ClusterNodes); {
	case n == 0:
		fault("--cluster-nodes: the names of all nodes are missing, such as a,b,c")
	case n > 5 || n%2 == 0:
		fault("--cluster-nodes: %d nodes are named; it has to be one, three or five", n)
	}
	if len(o.ClusterNodes) > 0 && nodeName.MatchString(o.ClusterNode) &&
		!slices.Contains(o.ClusterNodes, o.ClusterNode) {
		fault("--cluster-nodes: %s is not among %s", o.ClusterNode, strings.Join(o.ClusterNodes, ", "))
	}
	return errors.Join(faults...)
}

// reachable finds what is wrong with how to reach NATS, for a command that needs it.
func (o *clusterOptions) reachable() error {
	if !o.clustered() {
		return errNoCluster
	}
	return o.checkServers()
}

// checkServers finds what is wrong with how to reach NATS.
func (o *clusterOptions) checkServers() error {
	var faults []error
	fault := func(format string, args ...any) { faults = append(faults, fmt.Errorf(format, args...)) }
	for _, address := range o.Cluster {
		u, err := url.Parse(address)
		if !strings.Contains(address, "://") {
			u, err = url.Parse("nats://" + address)
		}
		if err != nil || u.Hostname() == "" || u.Scheme != "nats" && u.Scheme != "tls" {
			// Which one is not said: it may have a password.
			fault("--cluster: one of them is not an address such as nats://192.0.2.1:4222")
		}
	}
	if !prefixWord.MatchString(o.ClusterPrefix) {
		fault("--cluster-prefix: %q is not a word of up to 32 letters, digits, hyphens and underscores",
			o.ClusterPrefix)
	}
	for _, named := range []struct {
		option string
		files  wire.Options
	}{
		{"--cluster-creds", wire.Options{Credentials: o.ClusterCreds}},
		{"--cluster-ca", wire.Options{CA: o.ClusterCA}},
		{"--cluster-cert", wire.Options{Certificate: o.ClusterCert, Key: o.ClusterKey}},
	} {
		if named.files.Certificate == "" != (named.files.Key == "") {
			fault("--cluster-cert and --cluster-key: one needs the other")
		} else if err := named.files.CheckFiles(); err != nil {
			fault("%s: %w", named.option, err)
		}
	}
	return errors.Join(faults...)
}

// wire returns how to reach the other nodes, as the node called name.
func (o *clusterOptions) wire(name string, log *slog.Logger) wire.Options {
	return wire.Options{Servers: o.Cluster, Node: name, Prefix: o.ClusterPrefix, Credentials: o.ClusterCreds,
		CA: o.ClusterCA, Certificate: o.ClusterCert, Key: o.ClusterKey, Log: log}
}
