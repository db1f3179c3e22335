package content

import (
	"mime"
	"strconv"
	"strings"

	"github.com/sluice-proxy/sluice/proxy/content/codec"
)

// googleUpload reads an upload by Google's protocol (the X-Goog-Upload headers,
// ai.google.dev/api/files): a call that announces the file, then calls with its
// bytes, whatever type they claim; or both in one multipart body. The size was
// announced before the bytes, so they cannot be edited.
func (r *reading) googleUpload() {
	command := strings.ToLower(r.h.Header.Get("X-Goog-Upload-Command"))
	switch {
	case strings.Contains(command, "start"):
		size, _ := strconv.ParseInt(r.h.Header.Get("X-Goog-Upload-Header-Content-Length"), 10, 64)
		kind, _ := mediaType(r.h.Header.Get("X-Goog-Upload-Header-Content-Type"))
		r.file(File{Name: r.announcedName(), Type: kind, Bytes: size})
		r.walkBodyAs(RoleFile)
	case strings.Contains(command, "upload"):
		r.m.locked = true
		if text := r.m.plain.Text; text != "" && codec.IsText(text) {
			r.walkText(RoleFile)
		} else if text != "" {
			r.walkBinary(RoleFile)
		}
	default:
		r.walkBodyAs(RoleFile)
	}
}

// announcedName is the name of the file that a body announces: $.file.displayName
// of the Gemini API, or a line "File name: …" of Google's web uploader.
func (r *reading) announcedName() string {
	if name, ok := strings.CutPrefix(strings.TrimSpace(r.m.plain.Text), "File name: "); ok {
		decoded := (&mime.WordDecoder{})
		if plain, err := decoded.DecodeHeader(name); err == nil {
			return plain
		}
		return name
	}
	doc, ok := r.scanText(r.m.plain.Text)
	if !ok {
		return ""
	}
	for _, key := range []string{"displayName", "display_name"} {
		if file := doc.Field(0, "file"); file >= 0 {
			if at := doc.Field(file, key); at >= 0 {
				name, _ := doc.Str(at)
				return name
			}
		}
	}
	return ""
}
