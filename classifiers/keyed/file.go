package keyed

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/binary"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
)

// A Kind says what a file is for.
type Kind uint16

// The kinds of files.
const (
	Rows      Kind = 1 // values of tables: exact data match
	Documents Kind = 2 // passages of documents: fingerprints
)

func (k Kind) String() string {
	switch k {
	case Rows:
		return "an index of values"
	case Documents:
		return "fingerprints of documents"
	}
	return fmt.Sprintf("of the unknown kind %d", uint16(k))
}

const (
	magic     = "SLUICEKF"
	headBytes = len(magic) + 2 + 2 + 8
	tagBytes  = sha256.Size
	// MaxFile is the size of the largest file that is read, in bytes.
	MaxFile = 2 << 30
)

// A File is what was read from one, or is to be written: what it tells about itself,
// as JSON, and its sections.
type File struct {
	Kind     Kind
	Version  uint16
	About    any // written as JSON
	Sections [][]byte

	Tag [32]byte // of what was read: it names the contents
}

// Write writes f, signed by the key.
func (k *Key) Write(w io.Writer, f *File) error {
	about, err := json.Marshal(f.About)
	if err != nil {
		return err
	}
	mac := hmac.New(sha256.New, k.tag[:])
	out := io.MultiWriter(w, mac)
	head := append([]byte(magic), 0, 0, 0, 0)
	binary.LittleEndian.PutUint16(head[len(magic):], uint16(f.Kind))
	binary.LittleEndian.PutUint16(head[len(magic)+2:], f.Version)
	if _, err := out.Write(append(head, k.id[:]...)); err != nil {
		return err
	}
	for _, section := range append([][]byte{about}, f.Sections...) {
		if _, err := out.Write(binary.LittleEndian.AppendUint64(nil, uint64(len(section)))); err != nil {
			return err
		}
		if _, err := out.Write(section); err != nil {
			return err
		}
	}
	_, err = w.Write(mac.Sum(nil))
	return err
}

// Parse reads a file of the given kind and version, and what it tells about itself
// into about. The sections are slices of data, which must not change afterwards.
func (k *Key) Parse(data []byte, kind Kind, version uint16, about any) (*File, error) {
	if len(data) < headBytes+tagBytes || string(data[:len(magic)]) != magic {
		return nil, errors.New("is no file of sluice classifiers, or only the beginning of one")
	}
	f := &File{Kind: Kind(binary.LittleEndian.Uint16(data[8:])), Version: binary.LittleEndian.Uint16(data[10:]), About: about}
	id := [8]byte(data[12:headBytes])
	switch {
	case f.Kind != kind:
		return nil, fmt.Errorf("is %s, not %s", f.Kind, kind)
	case f.Version != version:
		return nil, fmt.Errorf("has version %d, and this sluice reads version %d: make it again", f.Version, version)
	case id != k.id:
		return nil, fmt.Errorf("was made with the key %x, and the key here is %x: make it again, or set classifiers.key_file", id, k.id)
	}
	body, tag := data[:len(data)-tagBytes], data[len(data)-tagBytes:]
	mac := hmac.New(sha256.New, k.tag[:])
	mac.Write(body)
	if !hmac.Equal(mac.Sum(nil), tag) {
		return nil, errors.New("is damaged: its checksum is wrong; copy it or make it again")
	}
	f.Tag = [32]byte(tag)
	for rest := body[headBytes:]; len(rest) > 0; {
		if len(rest) < 8 {
			return nil, errors.New("is damaged: a section is cut")
		}
		n := binary.LittleEndian.Uint64(rest)
		if rest = rest[8:]; n > uint64(len(rest)) {
			return nil, errors.New("is damaged: a section is cut")
		}
		f.Sections = append(f.Sections, rest[:n:n])
		rest = rest[n:]
	}
	if len(f.Sections) == 0 {
		return nil, errors.New("is damaged: it has no sections")
	}
	if err := json.Unmarshal(f.Sections[0], about); err != nil {
		return nil, fmt.Errorf("is damaged: %w", err)
	}
	f.Sections = f.Sections[1:]
	return f, nil
}

// Open is Parse of what a file holds.
func (k *Key) Open(name string, kind Kind, version uint16, about any) (*File, error) {
	info, err := os.Stat(name)
	if err != nil {
		return nil, err
	}
	if !info.Mode().IsRegular() || info.Size() > MaxFile {
		return nil, fmt.Errorf("%s: is no file of at most %d bytes", name, MaxFile)
	}
	data, err := os.ReadFile(name)
	if err != nil {
		return nil, err
	}
	f, err := k.Parse(data, kind, version, about)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", name, err)
	}
	return f, nil
}
