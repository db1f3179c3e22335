package content

import (
	"net/http"
	"strings"
)

// What OpenAI and compatible services serve beside chat. Source:
// github.com/openai/openai-openapi, August 2026. Anthropic has files of its own.

func isOpenAICall(wire string, h *Head) bool {
	return isAPI(wire) && wire != "anthropic-messages" && !reads(h) && h.Method != http.MethodDelete
}

// matchEmbeddings matches /v1/embeddings, and /embeddings where a service has no
// version in the path.
func matchEmbeddings(wire string, h *Head) bool {
	return isOpenAICall(wire, h) && strings.HasSuffix(cleanPath(h.Path), "/embeddings")
}

// readEmbeddings reads $.input: a string, strings, or tokens.
func readEmbeddings(r *reading) {
	r.m.Kind = KindPrompt
	r.m.Model = deployment(r.h.Path)
	if !r.json() {
		return
	}
	r.object(RolePrompt, 0, func(name string, k, v int) {
		switch name {
		case "input", "inputs":
			r.noteTokens(v)
			r.walk(RolePrompt, v)
		case "encoding_format", "input_type", "dimensions":
			r.ident(RolePrompt, v)
		default:
			r.common(name, k, v)
		}
	})
}

// matchAudio matches transcription, translation and speech.
func matchAudio(wire string, h *Head) bool {
	path := cleanPath(h.Path)
	return isOpenAICall(wire, h) && (strings.HasSuffix(path, "/audio/transcriptions") || strings.HasSuffix(path, "/audio/translations") || strings.HasSuffix(path, "/audio/speech"))
}

// matchImages matches the making and the editing of images.
func matchImages(wire string, h *Head) bool {
	path := cleanPath(h.Path)
	return isOpenAICall(wire, h) && (strings.HasSuffix(path, "/images/generations") || strings.HasSuffix(path, "/images/edits") || strings.HasSuffix(path, "/images/variations"))
}

// readMedia reads a call about audio or images: JSON, or a form with files.
func readMedia(r *reading) {
	r.m.Model = deployment(r.h.Path)
	if strings.HasPrefix(r.ctype, "multipart/") {
		r.form = r.mediaForm
		r.walkForModel(RolePrompt)
		return
	}
	r.m.Kind = KindPrompt
	if !r.json() {
		return
	}
	r.object(RolePrompt, 0, func(name string, k, v int) {
		switch name {
		case "voice", "response_format", "size", "quality", "style", "background", "output_format", "moderation", "input_fidelity", "stream_format", "language":
			r.ident(RolePrompt, v)
		case "instructions":
			r.walk(RoleSystem, v)
		default:
			r.common(name, k, v)
		}
	})
}

// mediaForm is the role of a field of such a form.
func (r *reading) mediaForm(name, value string) Role {
	switch name {
	case "model":
		r.m.Model = value
	case "stream":
		r.m.Streaming = value == "true"
	case "response_format", "language", "temperature", "n", "size", "quality", "background", "output_format", "input_fidelity", "moderation", "user",
		"include[]", "timestamp_granularities[]", "chunking_strategy", "purpose":
	default:
		return RolePrompt
	}
	if len(value) > maxIdentifier {
		return RolePrompt
	}
	return RoleOther
}
