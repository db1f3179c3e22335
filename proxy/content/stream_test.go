package content_test

import (
	"bytes"
	"compress/gzip"
	"errors"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/types/known/structpb"

	"github.com/sluice-proxy/sluice/proxy/content"
)

// socket is the head of a WebSocket's opening.
func socket(wire, role, path string, headers ...string) *content.Head {
	h := head("GET", wire, role, path, headers...)
	h.WebSocket = true
	return h
}

func TestStreamBegin(t *testing.T) {
	for _, tc := range []struct {
		head *content.Head
		want string
	}{
		{socket("chatgpt-web", "api", "/p1/ws/user/u?verify=k"), "chatgpt-ws prompt stream\nother: \"k\"\n"},
		{socket("openai-responses", "web", "/backend-api/codex/responses"), "openai-responses prompt stream\n"},
		{socket("openai-*", "api", "/v1/realtime?model=m"), "openai-realtime prompt stream\nother: \"m\"\n"},
		{socket("copilot-consumer", "web", "/c/api/chat?api-version=2"), "copilot-consumer prompt stream anonymous\nother: \"2\"\n"},
		{socket("chatgpt-web", "auth", "/ws"), "generic sign_in stream\n"},
		{head("POST", "", "api", "/x.Chat/Send", "Content-Type: application/grpc+proto"), "generic prompt stream\n"},
		{head("POST", "", "api", "/x.Chat/Send", "Content-Type: application/grpc"), "generic prompt stream\n"},
		{head("POST", "", "api", "/x.Chat/Send", "Content-Type: application/grpc+thrift"), "generic prompt stream opaque=[grpc]\n"},
		{head("POST", "", "api", "/x.Chat/Send", "Content-Type: application/grpc-web-text"), "generic prompt stream opaque=[grpc]\n"},
		{head("POST", "cursor", "api", "/x.Chat/Send?q=hi", "Content-Type: application/connect+json"), "generic prompt stream\nprompt: \"hi\"\n"},
	} {
		m, err := content.OpenStream(tc.head).Begin()
		if err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(tc.want, show(m)); diff != "" {
			t.Errorf("%s: want -, got +\n%s", tc.head.Path, diff)
		}
	}
	if s := content.OpenStream(head("POST", "", "web", "/", "Content-Type: application/json")); s != nil {
		t.Errorf("JSON is a stream: %+v", s)
	}
}

var audio = strings.Repeat("UklGRiQA", 30)

// TestMessages is what each format reads of a client's messages.
func TestMessages(t *testing.T) {
	realtime := socket("openai-*", "api", "/v1/realtime?model=gpt-realtime")
	copilot := socket("copilot-consumer", "web", "/c/api/chat")
	push := socket("chatgpt-web", "api", "/p1/ws/user/u")
	other := socket("character-ai", "api", "/ws/")
	for _, tc := range []struct {
		head   *content.Head
		text   string
		speaks bool
		want   string
	}{
		{realtime, `{"type":"session.update","session":{"type":"realtime","instructions":"Be brief.","tools":[{"type":"function","name":"look_up","description":"Looks up."}]}}`, true,
			"openai-realtime prompt model=gpt-realtime stream tools=[look_up]\nsystem: \"Be brief.\"\nsystem: \"look_up\"\nsystem: \"Looks up.\"\n"},
		{realtime, `{"type":"conversation.item.create","event_id":"e1","item":{"type":"message","role":"user","content":[{"type":"input_text","text":"Why?"},{"type":"input_audio","audio":"` + audio + `","transcript":"said"}]}}`, true,
			"openai-realtime prompt model=gpt-realtime stream opaque=[audio]\nother: \"e1\"\nprompt: \"Why?\"\nprompt: \"said\"\n"},
		{realtime, `{"type":"conversation.item.create","item":{"type":"function_call_output","call_id":"c 1","output":"{\"to\":\"jo\\u0040x.example\"}"}}`, true,
			"openai-realtime prompt model=gpt-realtime stream\nother: \"c 1\"\ntool_result: \"{\\\"to\\\":\\\"jo\\\\u0040x.example\\\"}\"\ntool_result: \"jo@x.example\"\n"},
		{realtime, `{"type":"response.create","response":{"instructions":"Say hi.","input":[{"type":"message","role":"user","content":[{"type":"input_text","text":"hi"}]}]}}`, true,
			"openai-realtime prompt model=gpt-realtime stream\nsystem: \"Say hi.\"\nprompt: \"hi\"\n"},
		{realtime, `{"type":"input_audio_buffer.append","audio":"AAAA"}`, false, "openai-realtime prompt model=gpt-realtime stream opaque=[audio]\n"},
		{realtime, `{"type":"response.cancel"}`, false, "openai-realtime other model=gpt-realtime stream\n"},
		{realtime, `{"type":"new.event","text":"unknown"}`, true, "openai-realtime prompt model=gpt-realtime stream\nprompt: \"unknown\"\n"},
		{copilot, `{"event":"send","conversationId":"SYNTHconv","content":[{"type":"text","text":"What is the capital?"},{"type":"image","url":"https://x.example/1"}],"mode":"chat"}`, true,
			"copilot-consumer prompt model=chat conversation=SYNTHconv stream anonymous\nprompt: \"What is the capital?\"\nother: \"https://x.example/1\"\n"},
		{copilot, `{"event":"challengeResponse","token":"0x4AAA secret"}`, false, "copilot-consumer other stream anonymous\nother: \"challengeResponse\"\nother: \"0x4AAA secret\"\n"},
		{copilot, `{"event":"dictate","words":"speak of this"}`, true, "copilot-consumer prompt stream anonymous\nprompt: \"speak of this\"\n"},
		{push, `[{"id":1,"command":{"type":"connect"}},{"id":2,"command":{"type":"subscribe","topic_id":"conversation-turn-1","offset":"0"}}]`, false,
			"chatgpt-ws other stream\nother: \"conversation-turn-1\"\nother: \"0\"\n"},
		{push, `[{"id":3,"command":{"type":"say","text":"write this"}}]`, true, "chatgpt-ws prompt stream\nprompt: \"write this\"\n"},
		{other, `{"command":"generate","payload":{"raw_content":"tell me"}}`, true, "generic prompt stream\nprompt: \"generate\"\nprompt: \"tell me\"\n"},
		{other, `{"event":"ping","id":"a1-b2"}`, false, "generic prompt stream\nprompt: \"ping\"\nprompt: \"a1-b2\"\n"},
		{other, "just text", true, "generic prompt stream\nprompt: \"just text\"\n"},
		{other, "", false, "generic other stream\n"},
	} {
		m, err := content.OpenStream(tc.head).ReadMessage(content.Raw{Payload: []byte(tc.text)}, content.Limits{})
		if err != nil {
			t.Errorf("%s: %v", tc.text, err)
			continue
		}
		if diff := cmp.Diff(tc.want, show(m)); diff != "" {
			t.Errorf("%s: want -, got +\n%s", tc.text, diff)
		}
		if m.Speaks() != tc.speaks {
			t.Errorf("%s: speaks is not %v", tc.text, tc.speaks)
		}
	}
}

// wired is a protobuf message with a string deep inside.
func wired(t *testing.T, text string) []byte {
	t.Helper()
	value, err := structpb.NewStruct(map[string]any{"chat": []any{map[string]any{"role": "user", "text": text}}, "n": 1.5})
	if err != nil {
		t.Fatal(err)
	}
	out, err := proto.MarshalOptions{Deterministic: true}.Marshal(value)
	if err != nil {
		t.Fatal(err)
	}
	return out
}

// TestProtobuf shows that strings of a message are read and rewritten wherever
// they come: unary, in envelopes, compressed, in a WebSocket.
func TestProtobuf(t *testing.T) {
	const text = "Call 4111 1111 1111 1111 at once"
	payload := wired(t, text)
	var packed bytes.Buffer
	w := gzip.NewWriter(&packed)
	w.Write(payload)
	w.Close()
	want := wired(t, "Call [CARD] at once")
	read := func(h *content.Head, raw content.Raw) (*content.Message, error) {
		if s := content.OpenStream(h); s != nil {
			return s.ReadMessage(raw, content.Limits{})
		}
		return content.Read(h, raw.Payload, content.Limits{})
	}
	for name, tc := range map[string]struct {
		head *content.Head
		raw  content.Raw
	}{
		"unary":         {head("POST", "cursor", "api", "/a.B/C", "Content-Type: application/proto"), content.Raw{Payload: payload}},
		"unary, packed": {head("POST", "cursor", "api", "/a.B/C", "Content-Type: application/proto", "Content-Encoding: gzip"), content.Raw{Payload: packed.Bytes()}},
		"grpc":          {head("POST", "", "api", "/a.B/C", "Content-Type: application/grpc"), content.Raw{Payload: payload}},
		"grpc, packed":  {head("POST", "", "api", "/a.B/C", "Content-Type: application/grpc", "Grpc-Encoding: gzip"), content.Raw{Payload: packed.Bytes(), Compressed: true}},
		"connect":       {head("POST", "", "api", "/a.B/C", "Content-Type: application/connect+proto"), content.Raw{Payload: payload}},
		"websocket":     {socket("", "web", "/"), content.Raw{Payload: payload, Binary: true}},
	} {
		m, err := read(tc.head, tc.raw)
		if err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		var edits []content.Edit
		for i, part := range m.Parts {
			if at := strings.Index(part.Text, "4111 1111 1111 1111"); at >= 0 && m.CanRewrite(i) {
				edits = append(edits, content.Edit{Part: i, Start: at, End: at + 19, Text: "[CARD]"})
			}
		}
		rewritten, err := m.Rewrite(edits)
		if err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		if !bytes.Equal(rewritten.Body, want) {
			t.Errorf("%s:\ngot  %q\nwant %q", name, rewritten.Body, want)
			continue
		}
		again, err := rewritten.Reread(content.Limits{})
		if err != nil || strings.Contains(show(again), "4111") || !strings.Contains(show(again), "[CARD]") {
			t.Errorf("%s: read again: %v, %s", name, err, show(again))
		}
	}
}

// TestUnreadableMessages shows what is opaque, and what is refused.
func TestUnreadableMessages(t *testing.T) {
	grpc := func(headers ...string) *content.Head {
		return head("POST", "", "api", "/a.B/C", append(headers, "Content-Type: application/grpc")...)
	}
	zeros := bytes.Repeat([]byte{0}, 8<<20)
	var bomb bytes.Buffer
	w := gzip.NewWriter(&bomb)
	w.Write(zeros)
	w.Close()
	for name, tc := range map[string]struct {
		head   *content.Head
		raw    content.Raw
		opaque string
		err    error
	}{
		"binary socket":    {socket("", "web", "/"), content.Raw{Payload: []byte("\x00\xff\xfe"), Binary: true}, "binary", nil},
		"unknown coding":   {grpc("Grpc-Encoding: snappy"), content.Raw{Payload: []byte("x"), Compressed: true}, "compressed", nil},
		"encrypted":        {grpc("X-Idempotent-Encryption-Key: k"), content.Raw{Payload: []byte("\xff\xff\xff")}, "encrypted", nil},
		"no coding":        {grpc(), content.Raw{Payload: []byte("x"), Compressed: true}, "", content.ErrMalformed},
		"no protobuf":      {grpc(), content.Raw{Payload: []byte("\x0a\x05abc")}, "", content.ErrMalformed},
		"bomb":             {grpc("Grpc-Encoding: gzip"), content.Raw{Payload: bomb.Bytes(), Compressed: true}, "", content.ErrBomb},
		"damaged gzip":     {grpc("Grpc-Encoding: gzip"), content.Raw{Payload: bomb.Bytes()[:9], Compressed: true}, "", content.ErrMalformed},
		"broken JSON":      {socket("openai-*", "api", "/v1/realtime"), content.Raw{Payload: []byte(`{"type"`)}, "", content.ErrMalformed},
		"bytes in a field": {grpc(), content.Raw{Payload: append([]byte("\x0a\x64"), bytes.Repeat([]byte{0xff}, 100)...)}, "binary", nil},
	} {
		m, err := content.OpenStream(tc.head).ReadMessage(tc.raw, content.Limits{})
		if !errors.Is(err, tc.err) || err != nil && tc.err == nil {
			t.Errorf("%s: got %v", name, err)
		}
		if err == nil && (len(m.Opaque) != 1 || m.Opaque[0] != tc.opaque) {
			t.Errorf("%s: opaque %q", name, m.Opaque)
		}
	}
}

func TestRefuseMessage(t *testing.T) {
	notice := content.Notice{ID: "id1", Title: "No cards", Text: "Remove it.", Rule: "pci.bulk"}
	for _, tc := range []struct {
		head *content.Head
		want []string
	}{
		{socket("openai-*", "api", "/v1/realtime"), []string{
			`{"type":"error","event_id":"event_id1","error":{"type":"invalid_request_error","code":"pci.bulk","message":"No cards. Remove it. (exchange id1)","param":null}}`}},
		{socket("openai-*", "api", "/v1/responses"), []string{
			`{"type":"response.failed","sequence_number":0,"response":{"id":"resp_id1","object":"response","status":"failed","error":{"code":"invalid_prompt","message":"No cards. Remove it. (exchange id1)"},"output":[]}}`}},
		{socket("copilot-consumer", "web", "/c/api/chat"), []string{
			`{"event":"startMessage","messageId":"id1"}`, `{"event":"appendText","messageId":"id1","partId":"0","text":"No cards. Remove it. (exchange id1)"}`,
			`{"event":"partCompleted","messageId":"id1","partId":"0"}`, `{"event":"done","messageId":"id1"}`}},
		{socket("character-ai", "api", "/ws/"), nil},
	} {
		var got []string
		for _, message := range content.OpenStream(tc.head).Refuse(nil, notice) {
			got = append(got, string(message))
		}
		if diff := cmp.Diff(tc.want, got); diff != "" {
			t.Errorf("%s: want -, got +\n%s", tc.head.Path, diff)
		}
	}
	notice.Status = 503 // passes
	want := `{"type":"error","status":503,"error":{"message":"No cards. Remove it. (exchange id1)","type":"server_error","param":null,"code":"pci.bulk"}}`
	if got := content.OpenStream(socket("openai-*", "api", "/v1/responses")).Refuse(nil, notice); len(got) != 1 || string(got[0]) != want {
		t.Errorf("got %s\nwant %s", got, want)
	}
}

func TestStreamEnd(t *testing.T) {
	notice := content.Notice{ID: "id1", Title: "No"}
	end := func(kind string) (string, string) {
		body, trailer := content.OpenStream(head("POST", "", "api", "/a.B/C", "Content-Type: "+kind)).End(notice)
		return string(body), trailer.Get("Grpc-Status") + " " + trailer.Get("Grpc-Message")
	}
	if body, trailer := end("application/grpc"); body != "" || trailer != "7 No. (exchange id1)" {
		t.Errorf("grpc: %q, %q", body, trailer)
	}
	if body, _ := end("application/grpc-web+proto"); !strings.HasPrefix(body, "\x80\x00\x00\x00") || !strings.Contains(body, "grpc-status: 7\r\n") {
		t.Errorf("grpc-web: %q", body)
	}
	if body, _ := end("application/connect+json"); !strings.HasPrefix(body, "\x02\x00\x00\x00") || !strings.Contains(body, `"permission_denied"`) {
		t.Errorf("connect: %q", body)
	}
}
