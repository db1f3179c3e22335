package dial

import (
	"net/netip"
	"syscall"
)

// fullBacklog listens without accepting, and fills the queue, so that further
// connections hang.
func fullBacklog(ip netip.Addr, port uint16) (release func(), err error) {
	at := &syscall.SockaddrInet4{Port: int(port), Addr: ip.As4()}
	var open []int
	release = func() {
		for _, fd := range open {
			_ = syscall.Close(fd)
		}
	}
	socket := func() (int, error) {
		fd, err := syscall.Socket(syscall.AF_INET, syscall.SOCK_STREAM|syscall.SOCK_NONBLOCK|syscall.SOCK_CLOEXEC, 0)
		if err == nil {
			open = append(open, fd)
		}
		return fd, err
	}
	fd, err := socket()
	if err != nil {
		return nil, err
	}
	if err := syscall.Bind(fd, at); err != nil {
		release()
		return nil, err
	}
	if err := syscall.Listen(fd, 0); err != nil {
		release()
		return nil, err
	}
	for range 8 {
		fd, err := socket()
		if err != nil {
			release()
			return nil, err
		}
		if err := syscall.Connect(fd, at); err != nil && err != syscall.EINPROGRESS {
			release()
			return nil, err
		}
	}
	return release, nil
}
