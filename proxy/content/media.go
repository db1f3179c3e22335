package content

import (
	"mime"
	"slices"
	"strings"
)

// mediaType is a Content-Type in lower case with its parameters.
func mediaType(value string) (string, map[string]string) {
	kind, param, err := mime.ParseMediaType(value)
	if err != nil {
		kind, _, _ = strings.Cut(value, ";")
		kind = strings.ToLower(strings.TrimSpace(kind))
	}
	return kind, param
}

// isTextType reports whether a media type is text.
func isTextType(kind string) bool {
	kind, _, _ = strings.Cut(kind, ";")
	switch kind {
	case "application/json", "application/xml", "application/javascript", "application/x-ndjson", "application/jsonl",
		"application/yaml", "application/x-yaml", "application/toml", "application/sql", "application/x-sh", "application/graphql", "image/svg+xml":
		return true
	}
	return strings.HasPrefix(kind, "text/") || strings.HasSuffix(kind, "+json") || strings.HasSuffix(kind, "+xml")
}

// isData reports whether a media type is what programs exchange.
func isData(kind string) bool {
	return isJSONType(kind) || slices.Contains(protobufTypes, kind) || kind == "text/event-stream" || kind == "text/plain" || kind == ""
}

// isAsset reports whether a media type is a piece of a page and not of what it
// shows.
func isAsset(kind string) bool {
	switch kind {
	case "text/css", "text/javascript", "application/javascript", "application/x-javascript", "application/wasm", "image/svg+xml":
		return true
	}
	return strings.HasPrefix(kind, "font/")
}

// isJSONType reports whether a media type is JSON, one text or many.
func isJSONType(kind string) bool {
	switch kind {
	case "application/json", "application/x-ndjson", "application/ndjson", "application/jsonl", "application/x-jsonlines", "application/stream+json", "application/json-seq":
		return true
	}
	return strings.HasSuffix(kind, "+json")
}

// opaqueName is the name of what a media type holds.
func opaqueName(kind string) string {
	top, _, _ := strings.Cut(kind, "/")
	switch top {
	case "image", "audio":
		return top
	}
	return "file"
}
