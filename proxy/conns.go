package proxy

import (
	"context"
	"net"
	"sync"
)

// connSet holds the connections that the servers do not know any more.
type connSet struct {
	mu    sync.Mutex
	conns map[net.Conn]struct{}
	idle  chan struct{} // closed when the set becomes empty; nil while it is
}

// add returns what takes the connection out again, once.
func (s *connSet) add(conn net.Conn) func() {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.conns == nil {
		s.conns = map[net.Conn]struct{}{}
	}
	if len(s.conns) == 0 {
		s.idle = make(chan struct{})
	}
	s.conns[conn] = struct{}{}
	return func() {
		s.mu.Lock()
		defer s.mu.Unlock()
		if _, in := s.conns[conn]; !in {
			return
		}
		delete(s.conns, conn)
		if len(s.conns) == 0 {
			close(s.idle)
		}
	}
}

func (s *connSet) size() int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return len(s.conns)
}

// wait returns when the set is empty or ctx has ended.
func (s *connSet) wait(ctx context.Context) {
	s.mu.Lock()
	idle := s.idle
	empty := len(s.conns) == 0
	s.mu.Unlock()
	if empty {
		return
	}
	select {
	case <-idle:
	case <-ctx.Done():
	}
}

func (s *connSet) closeAll() {
	s.mu.Lock()
	defer s.mu.Unlock()
	for conn := range s.conns {
		_ = conn.Close()
	}
}
