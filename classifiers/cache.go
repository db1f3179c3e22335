package classifiers

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/binary"
	"hash"
	"sync"
	"unsafe"

	"github.com/hashicorp/golang-lru/v2/simplelru"
)

const (
	// cacheFrom is the length from which a text is worth hashing.
	cacheFrom = 128
	// entryBytes is what an entry costs besides its findings: list element, map
	// slot, key and slice header, rounded up.
	entryBytes   = 256
	findingBytes = int64(unsafe.Sizeof(Finding{}))
)

// CacheStats are counts of the findings cache. Bytes is what Options.CacheBytes
// bounds.
type CacheStats struct {
	Hits, Misses, Evicted uint64
	Entries               int
	Bytes                 int64
}

type digest [16]byte

// cache holds the findings of complete scans by a keyed hash of snapshot, role
// and text. Without the key nobody can make two texts that share an entry, nor
// test the cache for a text. Safe for concurrent use; a nil cache has no stats.
type cache struct {
	macs sync.Pool // hash.Hash, keyed
	size int64

	mu    sync.Mutex
	lru   *simplelru.LRU[digest, []Finding]
	count CacheStats
}

func newCache(key [32]byte, snapshot string, size int64) (*cache, error) {
	c := &cache{size: size}
	sub := hmac.New(sha256.New, key[:])
	sub.Write([]byte("sluice findings cache\x00" + snapshot))
	own := sub.Sum(nil)
	c.macs.New = func() any { return hmac.New(sha256.New, own) }
	var err error
	c.lru, err = simplelru.NewLRU(int(size/entryBytes)+1, func(_ digest, found []Finding) {
		c.count.Bytes -= cost(found)
		c.count.Evicted++
	})
	return c, err
}

// key hashes a sample: the role with its length, then the text.
func (c *cache) key(s Sample) digest {
	mac := c.macs.Get().(hash.Hash)
	defer c.macs.Put(mac)
	mac.Reset()
	var head [64]byte
	b := binary.BigEndian.AppendUint64(head[:0], uint64(len(s.Role)))
	mac.Write(append(b, s.Role...))
	mac.Write(unsafe.Slice(unsafe.StringData(s.Text), len(s.Text))) // only read
	var sum [sha256.Size]byte
	return digest(mac.Sum(sum[:0])[:16])
}

// get returns findings that the caller must not write to.
func (c *cache) get(k digest) ([]Finding, bool) {
	c.mu.Lock()
	defer c.mu.Unlock()
	found, ok := c.lru.Get(k)
	if ok {
		c.count.Hits++
	} else {
		c.count.Misses++
	}
	return found, ok
}

// add stores the findings of a complete scan. One entry never takes more than
// an eighth of the cache.
func (c *cache) add(k digest, found []Finding) {
	n := cost(found)
	if n > c.size/8 {
		return
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.lru.Contains(k) {
		return
	}
	for c.count.Bytes+n > c.size {
		if _, _, ok := c.lru.RemoveOldest(); !ok {
			return
		}
	}
	c.lru.Add(k, found)
	c.count.Bytes += n
}

func (c *cache) stats() CacheStats {
	if c == nil {
		return CacheStats{}
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	now := c.count
	now.Entries = c.lru.Len()
	return now
}

func cost(found []Finding) int64 { return entryBytes + int64(cap(found))*findingBytes }
