package secrets

import (
	"strings"

	"github.com/sluice-proxy/sluice/classifiers/secrets/ascii"
)

// A login is a command that takes a password, and often the account it belongs to,
// from its line, as the command's manual has it.
type login struct {
	command           string // what its name begins with
	account, password string // the options that they follow, see optionOf
	part              byte   // what parts an account from its password in one argument: of the account's option, or without one of the first word that has it
	host              bool   // behind the two stands an at sign and a host
	place             int    // the password is this one of the words that are no options
	when              func(front, rest string) bool
}

var logins = []login{
	// Remote shells, desktops and management
	{command: "sshpass", password: "-p"},
	{command: "plink", password: "-pw "},
	{command: "pscp", password: "-pw "},
	{command: "psftp", password: "-pw "},
	{command: "putty", password: "-pw "},
	{command: "psexec", account: "-u ", password: "-p "},
	{command: "schtasks", account: "/ru ", password: "/rp "},
	{command: "cmdkey", account: "/user:", password: "/pass:"},
	{command: "wmic", account: "/user:", password: "/password:"},
	{command: "xfreerdp", account: "/u:", password: "/p:"},
	{command: "wlfreerdp", account: "/u:", password: "/p:"},
	{command: "rdesktop", account: "-u ", password: "-p "},
	{command: "net user ", place: 2},
	{command: "net use ", account: "/user:", place: 1, when: user},
	{command: "ipmitool", account: "-U ", password: "-P "},
	{command: "racadm", account: "-u ", password: "-p "},
	{command: "connect-viserver", account: "-user ", password: "-password "},
	{command: "nmcli", password: "password "},
	{command: "wpa_passphrase", place: 2},
	{command: "keymaterial=", place: 1}, // netsh wlan set profileparameter
	{command: "<keymaterial>", place: 1},
	{command: "key content", place: 1}, // netsh wlan show profile key=clear
	{command: ": eap ", place: 1},      // ipsec.secrets of strongSwan
	{command: ": xauth ", place: 1},
	{command: "snmp", account: "-u ", password: "-A |-X |-c "},
	// Directories and shares
	{command: "smbclient", account: "-U", part: '%'},
	{command: "rpcclient", account: "-U", part: '%'},
	{command: "net rpc", account: "-U", part: '%'},
	{command: "ldap", account: "-D ", password: "-w |-s "},
	{command: "bindpw ", place: 1},
	{command: "bind_pw ", place: 1},
	{command: "rootpw ", place: 1},
	{command: "kadmin", account: "-p ", password: "-w |-pw "},
	// Testers of networks
	{command: "evil-winrm", account: "-u ", password: "-p "},
	{command: "crackmapexec", account: "-u ", password: "-p "},
	{command: "netexec", account: "-u ", password: "-p "},
	{command: "nxc", account: "-u ", password: "-p "},
	{command: "smbmap", account: "-u ", password: "-p "},
	{command: "bloodhound-python", account: "-u ", password: "-p "},
	{command: "hydra", account: "-l ", password: "-p "},
	{command: "impacket-", part: ':', host: true},
	{command: "secretsdump", part: ':', host: true},
	{command: "wmiexec", part: ':', host: true},
	{command: "smbexec", part: ':', host: true},
	{command: "getuserspns", part: ':'},
	// Databases and queues
	{command: "mysql", account: "-u", password: "-p+"},
	{command: "mysqladmin", password: "password "},
	{command: "mongo", account: "-u |--username ", password: "-p "},
	{command: "sqlcmd", account: "-U", password: "-P"},
	{command: "osql", account: "-U", password: "-P"},
	{command: "isql", account: "-U", password: "-P"},
	{command: "bcp", account: "-U", password: "-P"},
	{command: "sqlplus", part: '/', host: true},
	{command: "sqlldr", part: '/', host: true},
	{command: "expdp", part: '/', host: true},
	{command: "impdp", part: '/', host: true},
	{command: "cqlsh", account: "-u ", password: "-p "},
	{command: "redis-cli", password: "-a "},
	{command: "add-user.sh", account: "-u ", password: "-p ", place: 2}, // of WildFly
	{command: "elasticsearch-users", password: "-p "},
	{command: "mosquitto_pub", account: "-u ", password: "-P "}, //nolint:misspell // the name of the program
	{command: "mosquitto_sub", account: "-u ", password: "-P "}, //nolint:misspell // and this
	{command: "rabbitmqctl add_user ", place: 2},
	{command: "rabbitmqctl change_password ", place: 2},
	{command: "rabbitmqadmin", account: "-u ", password: "-p "},
	{command: "curlopt_userpwd, ", part: ':'},
	{command: "mc alias set ", place: 4}, // of MinIO
	{command: "influx ", account: "-username ", password: "-password "},
	{command: "v1/devices/me/", password: "-u "}, // ThingsBoard's topics: a device's token is its account
	{command: "with password ", place: 1},
	{command: "with encrypted password ", place: 1},
	{command: "with password = ", place: 1},
	{command: "identified by ", place: 1, when: statement},
	{command: "identified with mysql_native_password by ", place: 1, when: statement},
	// Files that a password shuts
	{command: "openssl", password: "-k "},
	{command: "openssl passwd ", place: 1},
	{command: "mkpasswd", place: anyPlace},
	{command: "-passin pass:", place: 1},
	{command: "-passout pass:", place: 1},
	{command: "htpasswd", place: anyPlace, when: batch},
	{command: "zip ", password: "-P"},
	{command: "unzip ", password: "-P"},
	{command: "7z ", password: "-p+"},
	{command: "7za ", password: "-p+"},
	{command: "7zz ", password: "-p+"},
	{command: "unrar ", password: "-p+"},
	{command: "rar a ", password: "-p+|-hp+"},
	{command: "rar x ", password: "-p+"},
	{command: "qpdf", password: "--encrypt "},
	{command: "pdftk", password: "user_pw |owner_pw |input_pw "},
	{command: "pdfto", password: "-upw |-opw "},
	{command: "ssh-keygen", password: "-N|-P"},
	{command: "keytool", password: "-storepass |-keypass |-srcstorepass |-deststorepass |-srckeypass |-destkeypass |-new "},
	{command: "convertto-securestring ", place: 1},
	{command: ".protect ", place: 1, when: quotedNext}, // of Excel
	{command: ".unprotect ", place: 1, when: quotedNext},
	// Registries, clouds and transfers
	{command: "login ", account: "-u |--username ", password: "-p ", when: user}, // of docker, podman, helm, oc, cf, az
	{command: "twine upload", account: "-u ", password: "-p "},
	{command: "dotnet nuget", account: "-u ", password: "-p "},
	{command: "skopeo", account: "--creds |--src-creds |--dest-creds ", part: ':'},
	{command: "jenkins-cli", account: "-auth ", part: ':'},
	{command: "http -a", part: ':'},
	{command: "xh -a", part: ':'},
	{command: "ab -a", part: ':'},
	{command: "lftp", account: "-u ", part: ','},
	{command: "ncftp", account: "-u ", password: "-p "},
	{command: "az sql", account: "-u |--admin-user ", password: "-p "},
	{command: "gh secret set", password: "--body |-b"},
	{command: "secretsmanager", password: "--secret-string "},
	{command: "ssm put-parameter", password: "--value ", when: secured},
	{command: "keyvault secret set", password: "--value "},
	{command: "unlock-keychain", password: "-p "},
	{command: "create-keychain", password: "-p "},
	{command: "security import", password: "-P "},
	// Routers and switches; a number tells whether the password is scrambled, 0 that it is not
	{command: "password 0 ", place: 1},
	{command: "secret 0 ", place: 1},
	{command: "enable secret ", place: 1},
	{command: "enable password ", place: 1},
	{command: "privilege 15 secret ", place: 1},
	{command: "privilege 15 password ", place: 1},
	{command: "server-key ", place: 1},
	{command: "isakmp key ", place: 1},
	{command: "pre-shared-key ", place: 1},
	{command: "pre-shared-key=", place: 1},
	{command: "pre-shared-secret ", place: 1},
	{command: "authentication-key ", place: 1},
	{command: "message-digest-key ", place: 3},
	{command: "set passwd ", place: 1},
	{command: "set psksecret ", place: 1},
	{command: "tacacs-server", password: "key "},
	{command: "radius-server", password: "key "},
	{command: "snmp-server community ", place: 1},
	{command: "snmp community ", place: 1},
	{command: "snmp-server user ", password: "md5 |sha |sha-256 |priv |des |3des |aes |128 |192 |256 "},
	{command: "authentication-mode ", password: "cipher |simple |plain "},
	{command: "snmp-agent community ", password: "cipher |simple "},
	{command: "snmp-agent usm-user ", password: "cipher |simple "},
	{command: "createuser ", password: "MD5 |SHA |SHA-224 |SHA-256 |SHA-384 |SHA-512 |DES |AES "}, // of net-snmp
	{command: "operator unseal ", place: 1},
	{command: "masterauth ", place: 1},
	{command: ":6379> auth ", place: 1},        // what Redis asks with
	{command: "-password password ", place: 1}, // of debconf
	{command: "rocommunity ", place: 1},
	{command: "rwcommunity ", place: 1},
}

// commands are the logins by their name, and commandAnchors the names in their order.
var commands, commandAnchors = func() (map[string]*login, []string) {
	m, all := make(map[string]*login), make([]string, 0, len(logins))
	for i := range logins {
		m[logins[i].command] = &logins[i]
		all = append(all, logins[i].command)
	}
	return m, all
}()

// user reports whether an option names the account.
func user(_, rest string) bool {
	return strings.Contains(rest, "-u") || strings.Contains(rest, "/u") || strings.Contains(rest, "/U")
}

// secured reports whether a parameter of AWS is kept as a secret.
func secured(_, rest string) bool { return strings.Contains(rest, "SecureString") }

// statement reports whether a statement of SQL stands in front, one that gives an
// account a password: "users are identified by" is prose.
func statement(front, _ string) bool {
	front = strings.ToLower(front[strings.LastIndexByte(front, ';')+1:])
	for _, verb := range []string{"create user", "alter user", "create role", "alter role", "grant ", "connect to ", "exec sql connect", "set password"} {
		if strings.Contains(front, verb) {
			return true
		}
	}
	return false
}

// quotedNext reports whether a string follows, and it is no word.
func quotedNext(_, rest string) bool {
	at, _, ok := stringAt(rest, spaces.Run(rest, 0, 4))
	return ok && strings.ContainsAny(rest[at.start:at.end], ascii.Digits)
}

// batch reports whether htpasswd is told to take the password from its line.
func batch(_, rest string) bool {
	for i := 0; ; {
		n := strings.IndexByte(rest[i:], '-')
		if n < 0 {
			return false
		}
		i += n + 1
		if strings.IndexByte(rest[i:ascii.Letter.Run(rest, i, 8)], 'b') >= 0 {
			return true
		}
	}
}
