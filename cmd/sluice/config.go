package main

import (
	"fmt"
	"os"
	"path/filepath"
	"time"
)

// Config is the configuration file. Its keys are the yaml tags; decode.go reads
// it strictly, validate.go reports everything that is wrong with the values. It
// ends in cmd: constructors get only what they use. A key tagged reload:"no" was
// used up at the start; every other one is put in force by a reload.
type Config struct {
	Listen       ListenConfig      `yaml:"listen"`
	DataDir      string            `yaml:"data_dir" reload:"no"`
	SecretFile   string            `yaml:"secret_file" reload:"no"`
	PreviousFile string            `yaml:"previous_secret_file" reload:"no"`
	CA           CAConfig          `yaml:"ca"`
	Portal       PortalConfig      `yaml:"portal"`
	PAC          PACConfig         `yaml:"pac"`
	Destinations DestinationConfig `yaml:"destinations"`
	Upstream     UpstreamConfig    `yaml:"upstream"`
	Identity     IdentityConfig    `yaml:"identity"`
	Tenants      TenantsConfig     `yaml:"tenants"`
	Policy       PolicyConfig      `yaml:"policy"`
	Classifiers  ClassifiersConfig `yaml:"classifiers"`
	Response     ResponseConfig    `yaml:"response"`
	Sessions     SessionsConfig    `yaml:"sessions" reload:"no"`
	Audit        AuditConfig       `yaml:"audit"`
	Limits       LimitsConfig      `yaml:"limits"`
	Log          LogConfig         `yaml:"log"`
}

// ListenConfig says where the proxy and its admin listener stand, and whom the
// proxy serves.
type ListenConfig struct {
	Proxy          List            `yaml:"proxy" reload:"no"`
	Admin          string          `yaml:"admin" reload:"no"`
	AdminTokenFile string          `yaml:"admin_token_file" reload:"no"`
	AdminHosts     []string        `yaml:"admin_hosts" reload:"no"`
	Clients        []string        `yaml:"clients"`
	TLS            ListenTLSConfig `yaml:"tls" reload:"no"` // what the files hold is watched
	ProxyProtocol  []string        `yaml:"proxy_protocol"`
}

// ListenTLSConfig is what the https:// entries of listen.proxy show of themselves
// and want of their clients.
type ListenTLSConfig struct {
	CertFile     string `yaml:"cert_file"`
	KeyFile      string `yaml:"key_file"`
	ClientCAFile string `yaml:"client_ca_file"`
	ClientCRL    List   `yaml:"client_crl_file"`
}

// CAConfig names a given certificate authority.
type CAConfig struct {
	CertFile string `yaml:"cert_file"`
	KeyFile  string `yaml:"key_file"`
}

// PortalConfig names the host that employees reach through the proxy.
type PortalConfig struct {
	Host string `yaml:"host"`
}

// PACConfig shapes /proxy.pac.
type PACConfig struct {
	Mode     string   `yaml:"mode"`
	Proxies  []string `yaml:"proxies"`
	Direct   []string `yaml:"direct"`
	FailOpen bool     `yaml:"fail_open"`
}

// DestinationConfig changes the catalogue.
type DestinationConfig struct {
	CatalogueFiles []string `yaml:"catalogue_files"`
	Sanctioned     []string `yaml:"sanctioned"`
	Tolerated      []string `yaml:"tolerated"`
	Unsanctioned   []string `yaml:"unsanctioned"`
	Passthrough    []string `yaml:"passthrough"`
	InspectMixed   []string `yaml:"inspect_mixed"`
}

// UpstreamConfig says how origins are reached.
type UpstreamConfig struct {
	Resolve      map[string]string `yaml:"resolve"`
	AllowPrivate []string          `yaml:"allow_private"`
	CAFiles      []string          `yaml:"ca_files"`
	Parent       string            `yaml:"parent"`
	Ports        []string          `yaml:"ports"`
}

// IdentityConfig says how users are known.
type IdentityConfig struct {
	Required  bool         `yaml:"required"`
	Challenge string       `yaml:"challenge"`
	OIDC      Providers    `yaml:"oidc"`
	Bearer    BearerConfig `yaml:"bearer"`
	Claims    ClaimsConfig `yaml:"claims"`
	Session   Duration     `yaml:"session"`
	ACRSFresh Duration     `yaml:"acrs_fresh"`

	ClientCertificates CertificatesConfig `yaml:"client_certificates"`
	Groups             GroupsConfig       `yaml:"groups"`
}

// Providers are those at which people sign in with a browser: one, or a list.
type Providers []ProviderConfig

// ProviderConfig is one OpenID provider, and the client that the proxy is there.
type ProviderConfig struct {
	Name             string   `yaml:"name"`
	Issuer           string   `yaml:"issuer"`
	ClientID         string   `yaml:"client_id"`
	ClientSecretFile string   `yaml:"client_secret_file"`
	Scopes           []string `yaml:"scopes"`
}

// BearerConfig names the issuers of tokens and the file of static ones.
type BearerConfig struct {
	Issuers   []IssuerConfig `yaml:"issuers"`
	TokenFile string         `yaml:"token_file"`
}

// IssuerConfig is one OpenID Connect issuer.
type IssuerConfig struct {
	Issuer    string   `yaml:"issuer"`
	Audiences []string `yaml:"audiences"`
}

// PolicyConfig says where the rules are and what becomes of their verdicts.
type PolicyConfig struct {
	Dir       string   `yaml:"dir"`
	DataFiles []string `yaml:"data_files"`
	Mode      string   `yaml:"mode"`
	Timeout   Duration `yaml:"timeout"`
	OnError   string   `yaml:"on_error"`
}

// ClassifiersConfig names what the company tells of its own data, and what looks at
// texts besides the families that ship.
type ClassifiersConfig struct {
	File    string `yaml:"file"`
	KeyFile string `yaml:"key_file"`

	MinConfidence float64 `yaml:"min_confidence"`

	Presidio PresidioConfig `yaml:"presidio"`
}

// ResponseConfig says whether replies are read, and what becomes of one that
// cannot be.
type ResponseConfig struct {
	Inspect         bool   `yaml:"inspect"`
	OnUninspectable string `yaml:"on_uninspectable"`
}

// SessionsConfig says where sign-ins, permits and what was exposed are kept, and what
// happens while that cannot be reached.
type SessionsConfig struct {
	Store   string       `yaml:"store"`
	Memory  Size         `yaml:"memory"`
	OnError string       `yaml:"on_error"`
	Budget  BudgetConfig `yaml:"budget"`
	Redis   RedisConfig  `yaml:"redis"`
}

// BudgetConfig is what one person may send through one proxy while the store cannot be
// reached.
type BudgetConfig struct {
	Prompts int `yaml:"prompts"`
	Values  int `yaml:"values"`
	// Strangers is Values for people of whom the proxy knows nothing, as after a restart.
	Strangers int `yaml:"strangers"`
}

// RedisConfig is a Redis or Valkey server, or what Sentinel says is one.
type RedisConfig struct {
	URL          string         `yaml:"url"`
	Username     string         `yaml:"username"`
	PasswordFile string         `yaml:"password_file"`
	TLS          RedisTLSConfig `yaml:"tls"`
	Sentinel     SentinelConfig `yaml:"sentinel"`
	Prefix       string         `yaml:"prefix"`
	Timeout      Duration       `yaml:"timeout"`
	WaitReplicas int            `yaml:"wait_replicas"`
}

// RedisTLSConfig is for rediss:// URLs and for Sentinel.
type RedisTLSConfig struct {
	CAFile   string `yaml:"ca_file"`
	CertFile string `yaml:"cert_file"`
	KeyFile  string `yaml:"key_file"`
}

// SentinelConfig finds the server that url names.
type SentinelConfig struct {
	Addresses    []string `yaml:"addresses"`
	Username     string   `yaml:"username"`
	PasswordFile string   `yaml:"password_file"`
}

// AuditConfig says where the record goes.
type AuditConfig struct {
	File      string `yaml:"file" reload:"no"`
	OnFailure string `yaml:"on_failure" reload:"no"`
	Sync      string `yaml:"sync" reload:"no"`
}

// LimitsConfig bounds what an exchange may take.
type LimitsConfig struct {
	Body          Size     `yaml:"body"`
	Expanded      Size     `yaml:"expanded"`
	Ratio         int      `yaml:"ratio"`
	Inspecting    Size     `yaml:"inspecting" reload:"no"`
	Message       Size     `yaml:"message"`
	Header        Size     `yaml:"header" reload:"no"`
	Headers       int      `yaml:"headers"`
	HeaderTimeout Duration `yaml:"header_timeout" reload:"no"`
	Handshake     Duration `yaml:"handshake"`
	Idle          Duration `yaml:"idle" reload:"no"`
	TunnelIdle    Duration `yaml:"tunnel_idle"`
	Drain         Duration `yaml:"drain"`

	URL       Size     `yaml:"url"`
	BodyRate  Size     `yaml:"body_rate"`
	BodyGrace Duration `yaml:"body_grace"`

	Connections       int `yaml:"connections"`
	ClientConnections int `yaml:"client_connections"`
	ClientExchanges   int `yaml:"client_exchanges"`
	ClientTunnels     int `yaml:"client_tunnels"`
	ClientHandshakes  int `yaml:"client_handshakes"`

	Memory Size `yaml:"memory" reload:"no"`
}

// LogConfig shapes the log on standard error and the access log.
type LogConfig struct {
	Level      string `yaml:"level"`
	Format     string `yaml:"format" reload:"no"`
	Access     string `yaml:"access" reload:"no"`
	AccessFile string `yaml:"access_file" reload:"no"`
}

// defaultConfig is what holds without a file.
func defaultConfig() *Config {
	return &Config{
		Listen: ListenConfig{
			Proxy:   List{"127.0.0.1:8080"},
			Admin:   "127.0.0.1:9090",
			Clients: []string{"loopback", "private"},
		},
		Portal:      PortalConfig{Host: "sluice.internal"},
		PAC:         PACConfig{Mode: "genai"},
		Upstream:    UpstreamConfig{Ports: []string{"443", "80"}},
		Identity:    defaultIdentity(),
		Classifiers: ClassifiersConfig{MinConfidence: 0.5, Presidio: defaultPresidio()},
		Policy:      PolicyConfig{Mode: "enforce", Timeout: Duration(250 * time.Millisecond), OnError: "closed"},
		Response:    ResponseConfig{Inspect: true, OnUninspectable: "cut"},
		Sessions: SessionsConfig{
			Store: "memory", Memory: 1 << 30, OnError: "budget", Budget: BudgetConfig{Prompts: 50, Values: 5},
			Redis: RedisConfig{Prefix: "sluice:", Timeout: Duration(250 * time.Millisecond)},
		},
		Audit: AuditConfig{OnFailure: "refuse", Sync: "os"},
		Limits: LimitsConfig{
			Body: 16 << 20, Expanded: 64 << 20, Ratio: 100, Inspecting: 512 << 20, Message: 4 << 20,
			Header: 64 << 10, Headers: 200,
			HeaderTimeout: Duration(15 * time.Second), Handshake: Duration(10 * time.Second),
			Idle: Duration(5 * time.Minute), TunnelIdle: Duration(time.Hour), Drain: Duration(30 * time.Second),
			URL: 16 << 10, BodyRate: 500, BodyGrace: Duration(10 * time.Second),
			Connections: 16384, ClientConnections: 4096, ClientExchanges: 2048, ClientTunnels: 2048, ClientHandshakes: 512,
		},
		Log: LogConfig{Level: "info", Format: "json"},
	}
}

// fillPaths gives the files that were not named their place in the data
// directory.
func (c *Config) fillPaths() error {
	if c.DataDir == "" {
		dir, err := defaultDataDir()
		if err != nil {
			return err
		}
		c.DataDir = dir
	}
	at := func(path *string, name ...string) {
		if *path == "" {
			*path = filepath.Join(append([]string{c.DataDir}, name...)...)
		}
	}
	at(&c.SecretFile, "secret")
	at(&c.Listen.AdminTokenFile, "admin-token")
	at(&c.Audit.File, "audit", "audit.jsonl")
	return nil
}

// caFiles returns the files of the authority and whether it may be made.
func (c *Config) caFiles() (cert, key string, own bool) {
	if c.CA.CertFile != "" {
		return c.CA.CertFile, c.CA.KeyFile, false
	}
	return filepath.Join(c.DataDir, "ca.pem"), filepath.Join(c.DataDir, "ca-key.pem"), true
}

// defaultDataDir is the state directory of a service (systemd names it), else
// $XDG_DATA_HOME/sluice.
func defaultDataDir() (string, error) {
	if dir := os.Getenv("STATE_DIRECTORY"); dir != "" {
		return dir, nil
	}
	if dir := os.Getenv("XDG_DATA_HOME"); filepath.IsAbs(dir) {
		return filepath.Join(dir, "sluice"), nil
	}
	home, err := os.UserHomeDir()
	if err != nil {
		return "", fmt.Errorf("data_dir: not set, and there is no home directory: %w", err)
	}
	return filepath.Join(home, ".local", "share", "sluice"), nil
}
