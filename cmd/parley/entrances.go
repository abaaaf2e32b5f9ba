package main

import (
	"context"
	"errors"
	"fmt"
	"net"
	"slices"
	"syscall"

	"parley/db"
)

// The doors of the program, by the names that sockets of the service manager have (FileDescriptorName= in
// systemd.socket(5)).
const (
	telnetDoor = "telnet"
	tlsDoor    = "tls"
	webDoor    = "web" // pages and WebSockets
	sshDoor    = "ssh"
	adminDoor  = "admin" // metrics and health
)

// noListener is the word for none among the addresses of --listen.
const noListener = "none"

// A doorway is a door with the addresses that the options give it.
type doorway struct {
	door, option string
	addresses    []string
}

// doorways returns the doors that users come by.
func (o *options) doorways() []doorway {
	telnet := o.Listen
	if slices.Equal(telnet, []string{noListener}) {
		telnet = nil
	}
	return []doorway{{telnetDoor, "--listen", telnet}, {tlsDoor, "--tls-listen", o.TLSListen},
		{webDoor, "--web-listen", o.WebListen}, {sshDoor, "--ssh-listen", o.SSHListen}}
}

// checkListen finds what is wrong with the addresses of the doors.
func (o *options) checkListen() error {
	var faults []error
	count := 0
	asked := make(map[string]string)
	for _, way := range o.doorways() {
		count += len(way.addresses)
		for _, address := range way.addresses {
			_, port, err := splitAddress(address)
			if err != nil {
				faults = append(faults, fmt.Errorf("%s: %q is not an address such as 127.0.0.1:4000 or :4000",
					way.option, address))
			} else if other := asked[address]; other != "" && other != way.option && port != 0 {
				faults = append(faults, fmt.Errorf("%s: %s is the address of %s already", way.option, address, other))
			}
			asked[address] = way.option
		}
	}
	if count == 0 {
		faults = append(faults, errors.New("--listen: there is no address to listen on"))
	}
	return errors.Join(faults...)
}

// enter returns the sockets by which users come: for each door those that the service manager has opened for it, or
// else those that the options name. Where the service manager has opened any, --listen is not looked at.
func (p *program) enter(ctx context.Context, o *options, inherited map[string][]net.Listener) (entrances, error) {
	var all entrances
	for _, way := range o.doorways() {
		if given := inherited[way.door]; len(given) > 0 {
			all = append(all, &entrance{door: way.door, listeners: given})
			continue
		}
		if way.door == telnetDoor && len(inherited) > 0 {
			continue
		}
		opened, err := p.listenAll(ctx, way.addresses)
		if err != nil {
			all.close()
			if used, _ := db.InUse(o.Data); used && errors.Is(err, syscall.EADDRINUSE) {
				return nil, fmt.Errorf("a Parley runs on the data folder %s already, and %w", o.Data, err)
			}
			return nil, err
		}
		for _, e := range opened {
			e.door = way.door
		}
		all = append(all, opened...)
	}
	return all, nil
}

// of returns the entrances of one door.
func (all entrances) of(door string) (some entrances) {
	for _, e := range all {
		if e.door == door {
			some = append(some, e)
		}
	}
	return some
}
