package content

import "bytes"

// End is how the reply ends in the dialect of its format when it must not go on:
// what the client is sent so that it shows the notice and is content. It is nil
// where the dialect has no such end, or the reply is no stream; then the reply
// is cut. What is held is dropped.
func (r *Reply) End(n Notice) []byte {
	if r.format == nil || r.format.Reply == nil || r.format.Reply.end == nil || r.Whole {
		return nil
	}
	kind := r.framing
	if guessed, ok := kind.(*guessedFraming); ok {
		kind = guessed.found
	}
	switch kind.(type) {
	case nil, *textFraming, *messageFraming, *protobufFraming:
		return nil // a stream of messages is ended by who carries it; an error of the service, or some other answer
	case *jsonFraming:
		if r.Document && !r.inArray() || !r.Document && !r.format.Reply.lines {
			return nil
		}
	}
	return r.format.Reply.end(r, n)
}

// passing notes how what is released begins and ends.
func (r *Reply) passing(raw []byte) {
	if text := bytes.Trim(raw, " \t\r\n"); len(text) > 0 {
		if r.begins == 0 {
			r.begins = text[0]
		}
		r.ends = text[len(text)-1]
	}
}

// inArray reports whether the reply is a stream that is one array, which is not
// closed for the client.
func (r *Reply) inArray() bool {
	return r.format.Reply.arrays && r.begins == '[' && (r.ends == '[' || r.ends == ',' || r.ends == '}')
}

// last is a record that ends a reply, as its framing has it.
func (r *Reply) last(v any) []byte {
	if !r.inArray() {
		return appendEvent(nil, "", v)
	}
	var out []byte
	if r.ends == '}' {
		out = append(out, ',')
	}
	return append(append(out, marshal(v)...), ']')
}
