package destination

import (
	"errors"
	"net/netip"
	"strings"
	"testing"
)

func TestParseAuthority(t *testing.T) {
	long := strings.Repeat(strings.Repeat("a", 62)+".", 4) // 252 with its dot
	tests := []struct {
		in   string
		port uint16
		want string // Authority
	}{
		{"example.com", 443, "example.com:443"},
		{"EXAMPLE.Com:8443", 443, "example.com:8443"},
		{"example.com.", 443, "example.com:443"},
		{"example.com.:80", 443, "example.com:80"},
		{"example.com:1", 0, "example.com:1"},
		{"example.com:65535", 0, "example.com:65535"},
		{"localhost", 80, "localhost:80"},
		{"a_b._tcp.example.com", 80, "a_b._tcp.example.com:80"},
		{"r3---sn-ab5l6nzr.example.com", 80, "r3---sn-ab5l6nzr.example.com:80"},
		{"-a-.example.com", 80, "-a-.example.com:80"},
		{"bücher.example", 443, "xn--bcher-kva.example:443"},
		{"BÜCHER.example.", 443, "xn--bcher-kva.example:443"},
		{"XN--BCHER-KVA.example", 443, "xn--bcher-kva.example:443"},
		{"straße.example", 443, "xn--strae-oqa.example:443"},
		{"ｅｘａｍｐｌｅ。com", 443, "example.com:443"},
		{"ex\u00adample.com", 443, "example.com:443"},
		{"127.0.0.1", 80, "127.0.0.1:80"},
		{"127.0.0.1.:90", 80, "127.0.0.1:90"},
		{"１２７.0.0.1", 80, "127.0.0.1:80"},
		{"[::1]", 80, "[::1]:80"},
		{"[2001:DB8:0::1]:8080", 80, "[2001:db8::1]:8080"},
		{"[::ffff:10.1.2.3]", 80, "10.1.2.3:80"},
		{"[::ffff:a01:203]:81", 80, "10.1.2.3:81"},
		{"1.2.3.4.example", 80, "1.2.3.4.example:80"},
		{"0x7f.example", 80, "0x7f.example:80"},
		{"a.0xg", 80, "a.0xg:80"},
		{"a.1b", 80, "a.1b:80"},
		{long + "b", 80, long + "b:80"},
	}
	for _, tt := range tests {
		got, err := ParseAuthority(tt.in, tt.port)
		if err != nil || got.Authority() != tt.want || got.String() != tt.want {
			t.Errorf("ParseAuthority(%q) = %v, %v; want %s", tt.in, got, err, tt.want)
			continue
		}
		if again, err := ParseAuthority(got.Authority(), 0); err != nil || again != got {
			t.Errorf("ParseAuthority(%q) = %v, %v: not stable", got, again, err)
		}
	}
}

func TestParseAuthorityRefuses(t *testing.T) {
	hosts := []string{
		"", ".", "..", ".example.com", "example..com", "example.com..", ":80",
		"user@example.com", "user:pass@example.com", "@", "example.com/", "/example.com", `example.com\a`, "example.com?a", "example.com#a",
		" example.com", "example.com ", "exa mple.com", "example.com\t", "example.com\r\nHost: a", "example.com\x00", "exa\x7fmple.com",
		"example%2ecom", "%65xample.com", "ex%00", "exam,ple.com", "a;b.com", "a'b", `a"b`, "<a>", "a|b", "a^b", "a`b", "{a}", "a=b", "a&b", "a+b", "a*b", "*", "$a", "a!b", "(a)", "a~b",
		"[example.com]", "[127.0.0.1]", "[::1", "::1]", "::1", "[::1]a", "[::1]80", "[[::1]]", "[]", "[::1%eth0]", "[fe80::1%25eth0]", "[::g]", "a[::1]", "exa[m]ple.com", "[::1]]", "[ ::1]", "[1:2]",
		"2130706433", "0x7f000001", "0x7f.1", "127.1", "127.0.1", "0177.0.0.1", "127.0.0.01", "0x7f.0.0.1", "127.0.0.0x1", "256.1.1.1", "1.2.3.4.5", "a.1", "a.0x", "a.0x1f", "1", "0", "0x", "1.2.3", "1.2.3.4..", "999999999999",
		"http://example.com", "//example.com", "a:b:80", "example.com:80:80",
		"xn--a.example", "xn--.example", "xn--bcher-kva\u00fc.example", "a\u202eb.example", "\xff\xfe.example", "a\uff0fb.com", "a\uff05b.com", "a\uff20b.com", "a\u2488com", "\u00ad",
		strings.Repeat("a", 64) + ".com", strings.Repeat("a.", 127) + "a", strings.Repeat(strings.Repeat("a", 62)+".", 4) + "bb", strings.Repeat("a", 5000),
	}
	for _, in := range hosts {
		got, err := ParseAuthority(in, 443)
		if err == nil {
			t.Errorf("ParseAuthority(%q) = %v; want an error", in, got)
		} else if !errors.Is(err, ErrHost) && !errors.Is(err, ErrBadPort) {
			t.Errorf("ParseAuthority(%q): %v is neither ErrHost nor ErrBadPort", in, err)
		}
		if err != nil && len(in) > 3 && strings.Contains(err.Error(), in) {
			t.Errorf("ParseAuthority(%q): the error quotes its input: %v", in, err)
		}
	}
	for _, port := range []string{"", "0", "00", "080", "65536", "99999", "100000", "-1", "+80", " 80", "80 ", "8o", "0x50", "８０", "80\n"} {
		if got, err := ParseAuthority("example.com:"+port, 443); !errors.Is(err, ErrBadPort) {
			t.Errorf("port %q: %v, %v; want ErrBadPort", port, got, err)
		}
	}
	if _, err := ParseAuthority("example.com", 0); !errors.Is(err, ErrBadPort) {
		t.Errorf("no port: %v; want ErrBadPort", err)
	}
}

func TestParseHost(t *testing.T) {
	for in, want := range map[string]string{"::1": "::1", "[::1]": "::1", "::ffff:1.2.3.4": "1.2.3.4", "A.b.": "a.b", "10.0.0.1": "10.0.0.1"} {
		if got, err := ParseHost(in); err != nil || got.Host != want || got.Port != 0 {
			t.Errorf("ParseHost(%q) = %v, %v; want %s", in, got, err, want)
		}
	}
	for _, in := range []string{"", "a:80", "fe80::1%eth0", "[::1]:80", strings.Repeat("a", 2000)} {
		if got, err := ParseHost(in); err == nil {
			t.Errorf("ParseHost(%q) = %v; want an error", in, got)
		}
	}
}

func TestHostPattern(t *testing.T) {
	tests := []struct {
		pattern  string
		yes, no  []string
		spelling string
	}{
		{"Example.com.", []string{"example.com"}, []string{"a.example.com", "example.co", "xexample.com"}, "example.com"},
		{".example.com", []string{"example.com", "a.example.com", "a.b.example.com"}, []string{"xexample.com", "com", ".example.com", ""}, ".example.com"},
		{"10.0.0.1", []string{"10.0.0.1"}, []string{"10.0.0.10"}, "10.0.0.1"},
	}
	for _, tt := range tests {
		p, err := ParseHostPattern(tt.pattern)
		if err != nil || p.String() != tt.spelling {
			t.Fatalf("ParseHostPattern(%q) = %v, %v", tt.pattern, p, err)
		}
		for _, h := range tt.yes {
			if !p.Match(h) {
				t.Errorf("%q does not match %q", p, h)
			}
		}
		for _, h := range tt.no {
			if p.Match(h) {
				t.Errorf("%q matches %q", p, h)
			}
		}
	}
	for _, in := range []string{"", ".", "..a", ".10.0.0.1", "*.example.com", "a b"} {
		if p, err := ParseHostPattern(in); err == nil {
			t.Errorf("ParseHostPattern(%q) = %v; want an error", in, p)
		}
	}
}

func TestIsECHFront(t *testing.T) {
	for host, want := range map[string]bool{"cloudflare-ech.com": true, "a.cloudflare-ech.com": true, "cloudflare.com": false, "xcloudflare-ech.com": false} {
		if got := IsECHFront(host); got != want {
			t.Errorf("IsECHFront(%q) = %v", host, got)
		}
	}
}

// FuzzAuthority: what is accepted is in one spelling, which reads as itself and
// holds nothing that could end a line, a host or a label list.
func FuzzAuthority(f *testing.F) {
	for _, s := range []string{"example.com:443", "EXAMPLE.com.", "[::ffff:1.2.3.4]:80", "bücher.example", "xn--bcher-kva.de", "127.1", "ｅ。com", "user@a", "a%2eb", "0x7f.1", "[fe80::1%1]", "xn--a-.b", "a.xn--0"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		got, err := ParseAuthority(s, 443)
		if err != nil {
			return
		}
		again, err := ParseAuthority(got.Authority(), 0)
		if err != nil || again != got {
			t.Fatalf("%q: %v reads as %v, %v", s, got, again, err)
		}
		host, err := ParseHost(got.Host)
		if err != nil || host.Host != got.Host || host.IP != got.IP {
			t.Fatalf("%q: host %q reads as %v, %v", s, got.Host, host, err)
		}
		if got.Port == 0 || got.Host == "" || got.Host != strings.ToLower(got.Host) || strings.HasSuffix(got.Host, ".") {
			t.Fatalf("%q: %+v", s, got)
		}
		if !got.IP.IsValid() {
			if strings.Trim(got.Host, "abcdefghijklmnopqrstuvwxyz0123456789-_.") != "" {
				t.Fatalf("%q: host %q", s, got.Host)
			}
			if _, err := netip.ParseAddr(got.Host); err == nil {
				t.Fatalf("%q: %q is an address without IP", s, got.Host)
			}
		}
	})
}

func BenchmarkParseAuthority(b *testing.B) {
	for _, s := range []string{"api.example.com:443", "bücher.example:443", "[2001:db8::1]:443"} {
		b.Run(s, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				if _, err := ParseAuthority(s, 443); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}
