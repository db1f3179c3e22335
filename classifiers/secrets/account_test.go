package secrets_test

import (
	"slices"
	"testing"

	"github.com/sluice-proxy/sluice/classifiers"
)

// The account of a found secret is found, and only that one.
func TestAccounts(t *testing.T) {
	s := newSet(t)
	for text, want := range map[string]string{
		"user = 'nadia.k'\n# the shop's database\npassword = 'vK7!qz2-Lw'":          "nadia.k",
		"DB_PASSWORD=vK7qz2-Lw9\nDB_USER=shopwriter":                                "shopwriter",
		"DB_USER=shopwriter\nMAIL_USER=postman\nDB_PASSWORD=vK7qz2-Lw9":             "shopwriter",
		"REACT_APP_AUTH_USERNAME=bramble\nREACT_APP_AUTH_PASSWORD=vK7qz2-Lw9":       "bramble",
		`{"userPassword": "vK7!qz2-Lw", "userName": "quentin", "role": "x"}`:        "quentin",
		"psexec \\\\db4 -u CORP\\nadia -p vK7qz2-Lw9 cmd":                           `CORP\nadia`,
		"Connect-VIServer esx4 -user nadia@brightfield.local -password vK7qz2-Lw9":  "nadia@brightfield.local",
		"credentials {\n\tusername \"publisher7\"\n\tpassword \"vK7!qz2-Lw\"\n}":    "publisher7",
		"$mail->Username = 'postman';\n$mail->Password = 'vK7!qz2-Lw';":             "postman",
		"[mirror]\nUsername=fetcher\nPassword=vK7qz2-Lw9":                           "fetcher",
		"<login>\n<username>quentin</username>\n<password>vK7qz2-Lw9</password>":    "quentin",
		"client_id: 8fk29x0qmz71\nclient_secret: 3vK9qz2Lw8Tn5Rb1Xc7Y":              "8fk29x0qmz71",
		`SHOP_ID: "8Fk29x0QmZ71", SHOP_SECRET: "3vK9qz2Lw8Tn5Rb1Xc7Y"`:              "8Fk29x0QmZ71",
		"POST /token?client_id=8fk29x0qmz71&client_secret=3vK9qz2Lw8Tn5Rb1Xc7Y&x=1": "8fk29x0qmz71",
		"user = 'nadia'":                                                                "", // alone
		"user = 'nadia'\npassword = 'changeme'":                                         "", // a placeholder for a password
		"user = 'nadia'\npassword = 'hjdqkx'":                                           "nadia",
		"{user: 'nadia', password: 'hjdqkx'}":                                           "", // a doubtful one
		"user = '${DB_USER}'\npassword = 'vK7!qz2-Lw'":                                  "",
		"user = username, password = 'vK7!qz2-Lw'":                                      "", // a variable
		"user = 'your_username'\npassword = 'vK7!qz2-Lw'":                               "",
		"user = 'root'\npassword = 'vK7!qz2-Lw'":                                        "",
		"user = 'A test'\npassword = 'vK7!qz2-Lw'":                                      "",
		"MAIL_USER=postman\nDB_PASSWORD=vK7qz2-Lw9":                                     "", // another pair's
		"{user: 'nadia', role: 'x'}, {password: 'vK7!qz2-Lw'}":                          "", // another object's
		"user = 'nadia'\n1\n2\n3\n4\n5\n6\npassword = 'vK7!qz2-Lw'":                     "", // far away
		"client_id: shop-frontend\nclient_secret: 3vK9qz2Lw8Tn5Rb1Xc7Y":                 "", // a name
		"client_id: 1\nclient_secret: 3vK9qz2Lw8Tn5Rb1Xc7Y":                             "",
		"ssid=\"Corp7Guests\"\npsk=\"vK7!qz2-Lw\"":                                      "", // the name of a network
		"user = load_user(x)\npassword = 'vK7!qz2-Lw'; user = getenv('SHOP_PRINCIPAL')": "",
	} {
		found := classify(t, s, text)
		i := slices.IndexFunc(found, func(f classifiers.Finding) bool { return f.Rule == "credential-account" })
		got := ""
		if i >= 0 {
			got = text[found[i].Start:found[i].End]
		}
		if got != want {
			t.Errorf("%q: account %q, want %q; found:%s", text, got, want, describe(text, found))
		}
	}
}
