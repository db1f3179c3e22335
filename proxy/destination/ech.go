package destination

// echFronts are the public names under which servers accept Encrypted Client
// Hello: a tunnel to one of them can lead to any site behind it. Data, not
// discovery: sites publish the name in their HTTPS records, which a proxy does
// not see.
var echFronts = []HostPattern{
	{Host: "cloudflare-ech.com", Subdomains: true}, // every site behind Cloudflare: developers.cloudflare.com/ssl/edge-certificates/ech
	{Host: "public.tls-ech.dev"},                   // the test site tls-ech.dev
	{Host: "cover.defo.ie"},                        // the test site of the DEfO project, defo.ie
}

// IsECHFront reports whether a normalised host is a known cover name of
// Encrypted Client Hello.
func IsECHFront(host string) bool { return anyPattern(echFronts, host) }
