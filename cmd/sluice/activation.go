package main

import (
	"errors"
	"fmt"
	"net"
	"net/netip"
	"os"
	"slices"
	"strconv"
)

// firstHandedOver is the descriptor of the first socket that a service manager
// hands over.
const firstHandedOver = 3

// handedOver are the sockets that a service manager opened for this process
// (sd_listen_fds(3)). They stay open in its hands while sluice is started again,
// so that clients who connect meanwhile wait in the backlog and are not refused.
func handedOver(getenv func(string) string, first int) ([]net.Listener, error) {
	if getenv("LISTEN_PID") != strconv.Itoa(os.Getpid()) {
		return nil, nil // meant for another process, or not there
	}
	count, err := strconv.Atoi(getenv("LISTEN_FDS"))
	if err != nil || count < 0 || count > 64 {
		return nil, fmt.Errorf("listen: LISTEN_FDS=%q is no number of sockets", getenv("LISTEN_FDS"))
	}
	var listeners []net.Listener
	var errs []error
	for fd := first; fd < first+count; fd++ {
		file := os.NewFile(uintptr(fd), "handed over")
		l, err := net.FileListener(file) // a descriptor of its own
		if err != nil {
			errs = append(errs, fmt.Errorf("listen: socket %d of the service manager: %w", fd, err))
			continue
		}
		errs = append(errs, file.Close())
		listeners = append(listeners, l)
	}
	return listeners, errors.Join(errs...)
}

// take takes the socket for an address out of those that were handed over.
func take(listeners []net.Listener, address string) (net.Listener, []net.Listener) {
	at := slices.IndexFunc(listeners, func(l net.Listener) bool { return sameAddress(l.Addr().String(), address) })
	if at < 0 {
		return nil, listeners
	}
	return listeners[at], slices.Delete(slices.Clone(listeners), at, at+1)
}

// sameAddress compares addresses as sockets do: all wildcards are one.
func sameAddress(a, b string) bool {
	x, xerr := netip.ParseAddrPort(withHost(a))
	y, yerr := netip.ParseAddrPort(withHost(b))
	if xerr != nil || yerr != nil || x.Port() != y.Port() {
		return false
	}
	return x.Addr().Unmap() == y.Addr().Unmap() || x.Addr().IsUnspecified() && y.Addr().IsUnspecified()
}

// withHost gives an address without a host the wildcard, and localhost a number.
func withHost(address string) string {
	host, port, err := net.SplitHostPort(address)
	switch {
	case err != nil:
		return address
	case host == "":
		host = "::"
	case host == "localhost":
		host = "127.0.0.1"
	}
	return net.JoinHostPort(host, port)
}
