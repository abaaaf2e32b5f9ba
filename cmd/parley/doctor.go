package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"net"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"time"

	"parley/db"
	"parley/internal/build"
)

// doctorCommand looks at what a server needs, whether one runs or not. It changes nothing.
type doctorCommand struct {
	JSON  bool `name:"json" env:"-" help:"Print a list of findings in JSON."`
	Quick bool `env:"-" help:"Only ask the running server whether it answers, as a probe does."`
}

// quickTime is how long the running server may take to answer a probe.
const quickTime = 5 * time.Second

func (c *doctorCommand) examine(ctx context.Context, p *program, args []string, stdout io.Writer) error {
	ctx, done := p.begin(ctx)
	defer done()
	o, faults := allFaults(args)
	if o == nil {
		return &usageError{errors.Join(faults...)}
	}
	d := &doctor{program: p, options: o}
	if c.Quick {
		d.server(ctx)
	} else {
		d.found = append(d.found, finding{"version", fine, "This is Parley " + build.Read().String() + "."})
		d.found = append(d.found, faultsFound(faults)...)
		d.examine(ctx)
	}
	if c.Quick && !d.running && d.found.count(bad) == 0 {
		d.find("server", bad, "No Parley runs on the data folder %s.", o.Data)
	}
	if err := d.found.print(stdout, c.JSON); err != nil {
		return err
	}
	switch n := d.found.count(bad); {
	case n == 1:
		return errors.New("one thing keeps the server from running well")
	case n > 1:
		return fmt.Errorf("%d things keep the server from running well", n)
	}
	return nil
}

// A doctor examines what a server with the options needs.
type doctor struct {
	program *program
	options *options
	running bool // a server has the data folder open
	barred  bool // the data folder, and so whether a server runs, cannot be looked at
	found   findings
}

func (d *doctor) find(name string, g grade, format string, args ...any) {
	d.found = append(d.found, finding{name, g, fmt.Sprintf(format, args...)})
}

func (d *doctor) examine(ctx context.Context) {
	d.server(ctx)
	if !d.barred {
		d.ports(ctx)
		if d.folder() {
			d.disk(d.options.Data)
		}
		d.certificate()
	}
	d.cluster(ctx)
	d.files()
	d.memory()
	d.clock()
}

// server asks the server on the data folder, if there is one, for a sign of life.
func (d *doctor) server(ctx context.Context) {
	ctx, cancel := context.WithTimeout(ctx, quickTime)
	defer cancel()
	conn, err := dialAdmin(ctx, d.options.Data)
	switch {
	case errors.Is(err, errNoServer):
		if _, statErr := os.Stat(d.options.Data); statErr == nil {
			d.find("server", fine, "None runs on the data folder.")
		}
		return
	case errors.Is(err, fs.ErrPermission), errors.Is(err, syscall.ENOTDIR):
		d.barred = true
		d.find("data folder", bad, "%v.", err)
		return
	case err != nil:
		d.running = true // which the ports then are held by
		d.find("server", bad, "%v.", err)
		return
	}
	defer conn.Close()
	d.running = true
	until, _ := ctx.Deadline()
	if err = conn.SetDeadline(until); err == nil {
		err = askAdmin(ctx, conn, "sessions", &sessionsCommand{}, strings.NewReader(""), io.Discard)
	}
	if err != nil {
		d.find("server", bad, "One runs, but it does not answer on its admin socket: %v. Its log may say why; "+
			`"kill -QUIT" makes it write there what it does.`, err)
		return
	}
	d.find("server", fine, "One runs, and answers on its admin socket.")
}

// ports looks whether the addresses can be listened on, or, where a server runs, whether it answers there.
func (d *doctor) ports(ctx context.Context) {
	var addresses []string
	for _, way := range d.options.doorways() {
		addresses = append(addresses, way.addresses...)
	}
	if d.options.AdminListen != "" {
		addresses = append(addresses, d.options.AdminListen)
	}
	for _, address := range addresses {
		host, port, err := splitAddress(address)
		if err != nil {
			continue // the findings about the configuration have it
		}
		if d.running {
			d.answers(ctx, address, host, port)
			continue
		}
		all, err := d.program.listenAll(ctx, []string{address})
		switch {
		case err != nil:
			d.find("port", bad, "%v.", err)
		default:
			d.find("port", fine, "%s is free.", address)
		}
		all.close()
	}
}

// answers connects to the running server. Behind systemd's socket it may have other addresses.
func (d *doctor) answers(ctx context.Context, address, host string, port int) {
	if port == 0 {
		d.find("port", fine, "%s is any free one, which the log of the running server tells.", address)
		return
	}
	ips, err := addressesOf(ctx, host)
	for _, ip := range ips {
		at := reachable(&net.TCPAddr{IP: ip.AsSlice()})
		var conn net.Conn
		dialer := net.Dialer{Timeout: time.Second}
		conn, err = dialer.DialContext(ctx, "tcp", net.JoinHostPort(at, fmt.Sprint(port)))
		if err == nil {
			conn.Close()
			d.find("port", fine, "%s takes connections.", address)
			return
		}
	}
	d.find("port", warn, "%s takes no connections (%v). Where systemd listens, it has other addresses than --listen: "+
		"see parley.socket.", address, err)
}

// folder looks at the data folder, and reports whether it is there and can be looked into.
func (d *doctor) folder() bool {
	dir := d.options.Data
	info, err := os.Stat(dir)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		d.missing(absolute(dir))
		return false
	case err != nil:
		d.find("data folder", bad, "%v. Run Parley as the user that the folder belongs to.", err)
		return false
	case !info.IsDir():
		d.find("data folder", bad, "%s is not a folder. Move it away, or name another with --data.", absolute(dir))
		return false
	}
	before := len(d.found)
	if err := refuseForeign(dir); err != nil && !d.running {
		d.find("data folder", warn, "%v.", err)
	}
	if openToOthers(info) {
		d.find("data folder", warn, "Others on this machine can look into %s (mode %#o), where passwords' hashes are. "+
			"chmod 700 ends that.", absolute(dir), info.Mode().Perm())
	}
	if what := unusable(dir); what != "" {
		d.find("data folder", bad, "%s", what)
	}
	if !d.running {
		d.whole(dir)
	}
	if len(d.found) == before {
		d.find("data folder", fine, "%s belongs to its user alone.", absolute(dir))
	}
	return true
}

// missing looks whether the data folder dir, which is not there, can be made, and on what disk.
func (d *doctor) missing(dir string) {
	if _, err := os.Lstat(dir); err == nil {
		d.find("data folder", bad, "%s is a link that leads nowhere. Remove it, or make the folder that it names.", dir)
		return
	}
	above := filepath.Dir(dir)
	for _, err := os.Stat(above); err != nil && above != filepath.Dir(above); _, err = os.Stat(above) {
		above = filepath.Dir(above)
	}
	if err := unmakeable(above); err != nil {
		d.find("data folder", bad, "%s is not there, and cannot be made in %s (%v). Make it as root, for the user "+
			"that Parley runs as, or name another with --data.", dir, above, err)
		return
	}
	d.find("data folder", warn, "%s is not there. The first start makes it; if there are accounts already, --data "+
		"must name their folder.", dir)
	d.disk(above)
}

// whole reads the store, which no server has open.
func (d *doctor) whole(dir string) {
	report, err := db.Check(dir)
	switch {
	case err != nil && errors.Is(err, fs.ErrPermission):
		d.find("store", bad, "%v Run the doctor as the user that the folder belongs to.", err)
	case err != nil:
		d.find("store", bad, "%v", err)
	case report.Mends:
		d.find("store", warn, "State: %s. The next start does that; keep a backup, and look at the disk.",
			report.Finding)
	default:
		d.find("store", fine, "%d records. State: %s.", report.Records, report.Finding)
	}
}

// slowSync is from when on a disk is too slow: each registration waits for one.
const slowSync = 100 * time.Millisecond

// disk looks how much room the disk of the folder dir has, and how long it takes to have something for good.
func (d *doctor) disk(dir string) {
	if left, need, known := db.Free(dir); known {
		switch {
		case left < need:
			d.find("disk", bad, "%d MiB are free, and below %d nothing is saved. Make room.", left>>20, need>>20)
			return
		case left < 16*need:
			d.find("disk", warn, "%d MiB are free; below %d nothing is saved. Make room.", left>>20, need>>20)
		default:
			d.find("disk", fine, "%d MiB are free.", left>>20)
		}
	}
	took, err := syncTime(dir)
	switch {
	case errors.Is(err, errors.ErrUnsupported):
	case errors.Is(err, syscall.ENOSPC), errors.Is(err, syscall.EDQUOT):
		d.find("disk", bad, "It takes nothing more. Make room in %s, or raise the quota of its user.", absolute(dir))
	case err != nil:
		d.find("disk", bad, "Nothing can be written to %s: %v. Mount it for writing, or run the doctor as the user "+
			"that it belongs to.", absolute(dir), err)
	case took > slowSync:
		d.find("disk", warn, "It takes %v to have a few bytes for good, and whoever registers waits that long. Put "+
			"the data folder on a faster disk, and not on a network's.", took.Round(time.Millisecond))
	default:
		d.find("disk", fine, "It has a few bytes for good in %v.", took.Round(10*time.Microsecond))
	}
}

// files looks how many connections a server could have.
func (d *doctor) files() {
	switch n := maxConns(); {
	case n == 0:
	case n < 1000:
		d.find("limits", warn, "There is room for few connections: %d. Raise the limit of open files: ulimit -n, or "+
			"LimitNOFILE in parley.service.", n)
	default:
		d.find("limits", fine, "There is room for %d connections, as this shell's limit of open files is.", n)
	}
}

// clock looks whether the clock can be right.
func (d *doctor) clock() {
	now := time.Now()
	oldest := time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC) // there was no Parley then
	newest, name := newestIn(d.options.Data)
	switch synchronised, known := clockSynchronised(); {
	case now.Before(oldest):
		d.find("clock", bad, "It shows %s, before there was a Parley. Set it.", now.Format(time.DateTime))
	case newest.Sub(now) > time.Minute:
		d.find("clock", bad, "It shows %s, but %s was written at %s. Set it: bans and one-time codes end by the clock.",
			now.Format(time.DateTime), name, newest.Format(time.DateTime))
	case known && !synchronised:
		d.find("clock",
			warn, "Nothing keeps it right (it shows %s). Run an NTP client, such as systemd-timesyncd; in a "+
				"container the host must.", now.Format(time.DateTime))
	default:
		d.find("clock", fine, "It shows %s.", now.Format(time.DateTime))
	}
}

// newestIn returns when the file in the folder dir that was changed last was changed, and its name.
func newestIn(dir string) (newest time.Time, name string) {
	_ = filepath.WalkDir(dir, func(path string, e fs.DirEntry, err error) error {
		if err != nil {
			return nil // what cannot be looked at tells nothing
		}
		if info, err := e.Info(); err == nil && info.ModTime().After(newest) {
			newest, name = info.ModTime(), path
		}
		return nil
	})
	return newest, name
}
