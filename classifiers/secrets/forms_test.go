package secrets

import "testing"

// Forms that people paste: settings, tables, tickets, notes.
func TestFormsOfLife(t *testing.T) {
	checkMarked(t, []string{
		// values of people
		"password: ⟦Harbour*4711⟧\n",
		"the password for the staging box is ⟦Biscuit?1195⟧, user is ubuntu",
		"Zugangsdaten: Benutzer mueller, Kennwort ⟦anchor8268⟧",
		"logging: off\npassword: ⟦Timber1925$⟧",
		"spring.mail.password=⟦ntvb poiv veoq reoh⟧\n",
		`my master passphrase is "⟦orchid turbine harbor cobalt⟧", is that strong enough?`,
		`passphrase = "enter the passphrase of your key"`,
		`ActiveSheet.Unprotect Password:="⟦Ember65⟧"`,
		`secret_key: bytes = b"⟦fjBd79uZ5VhUV3@%EWRqeURk⟧"`,
		"x = password*length or key?16:24",

		// where they stand
		"auth:\n  password: |\n    ⟦Frost9085#⟧\n  api_key: >-\n    x\n",
		"password_policy: |\n  at least twelve characters\n",
		`"config": "{\\\"apiKey\\\": \\\"⟦pwuXJZeByaLRYEZD7EGi1BKUgGYTpTm2⟧\\\"}"`,
		"AWS Secret Access Key [None]: ⟦qjzqh8BFg4D0QFzeOn0IyIVlCywu/fb6+VootChO⟧\n",
		`Map("user" -> "spark", "password" -> "⟦piston8167⟧")`,
		"<AdministratorPassword><Value>⟦v0rt3x185⟧</Value><PlainText>true</PlainText>",
		"- **User:** nadia\n- **Password:** ⟦Marble-Drizzle99!⟧\n",
		"connect(host, password=** kwargs2)",
		"SUPERSET_SECRET_KEY=⟦/oD17/MrmvZlOEfM2jLjviMOsQ1b8OIeE+Cy19uY1fU=⟧\n",
		"env:\n  - {name: SMTP_PASSWORD, value: \"⟦nectar4181⟧\"}\n",
		"Host       User     Pass\n10.0.0.1   root     ⟦Mber!89wuu⟧\n10.0.0.2   admin    x\n",
		"\"Title\",\"Username\",\"Password\",\"URL\"\n\"db01\",\"root\",\"⟦1omnAwZ%H!A5Zp⟧\",\"ssh://db01\"\n",
		"API Key\n⟦2UYs1mmjezGO4vO9ydh51XOpIXe3di4Q⟧\nCopy\n",
		"API keys\nNo keys yet\nCreate key\n",
		"use this key when you test: ⟦372f9087f55cee72561d7fad941e5d53⟧",
		"the key of the cache is 372f9087f55cee72561d7fad941e5d53",
		"creds for the demo tenant - nadia@corp.example / ⟦Lagoon55⟧",
		`string sqlPw = "⟦jasmine5866⟧";`,
		`"2AKJRXFHXLUQPOXPTLSZN5PW4A", "IJWOOTI4N7RWXJIHAPXN6KEWEN"`,
		"WPA2 key: ⟦thunder7946⟧",
		`fernet = Fernet(b"⟦aTIlgTcWNYtb2NaheWGc0TkIgGqpvXthpasuEPjP4Yi=⟧")`,
		`pb.admins.authWithPassword('⟦nadia@corp.example', 'Thunder$70⟧')`,

		`{"host":"fw01","auth":{"user":"admin","secret":"⟦Cvft@16Fqa⟧"}}`,
		`<setting name="ApiToken" serializeAs="String"><value>⟦6tf15G57ArXFttpweWpjmJJdTr9JBYmEXcMtnf4Q⟧</value></setting>`,
		"Use secret key ⟦rNSTQu5IRMJgZdTLwxuc98xDat9YZSf1U4ds82Bj⟧ with the S3 browser.",
		"The new API token (⟦qwtxC1fuWNZgHfDeGgGTOuGwGW9xjSPDHjY9J9Iv⟧) does not work.",
		"I set my password as ⟦ripple7717⟧ but the form says too weak",

		// languages
		"सर्वर का पासवर्ड ⟦Xopx#71VMQ⟧ है",
		"Ο κωδικός πρόσβασης είναι ⟦Velvet!76⟧",
		"identifiant : jdupont, mdp : ⟦k3str3l873⟧",
		"WLAN-Schlüssel: ⟦rocket4561⟧",

		// what is none
		"STRIPE_PUBLISHABLE_KEY=pk_test_ZralPr75H8iPnvJ618CRmJB5",
		`{"siteKey":"6LepDYvMMvdPmtv67r8aQpFJfpBgdGSlnqsiMPVG"}`,
		`{"publicKey":"pk_live_VFqAiYQ6jZuxuOUcCIR1ep9h"}`,
		"System.Web.Mvc, Version=5.2.7.0, PublicKeyToken=00d3d8f4debb051e",
		"POSTGRES_PASSWORD=${PG_PASS:?missing}",
		"cache:\n  key: 8256631fa759f8b1a26817c82b1558bddbdc5466c094287595f6dac621b1d6c1\n",
		"Cache restored from key: linux-node-modules-8256631fa759f8b1a26817c82b1558bddbdc5466c094287595f6dac621b1d6c1",
		"checksum/secret: 8256631fa759f8b1a26817c82b1558bddbdc5466c094287595f6dac621b1d6c1\n",
		"[ValidateSet('Password','Certificate','Token')]",
		`'password' => 'required|string|min:8|confirmed'`,
		`<string name="wrong_password">Falsches Kennwort</string>`,
		"Our password manager is 1Password",
		"Our password manager is 1Password7",
		"Name      Role      Password policy\nAlice     admin     strict90days\n",
		"login: see wiki / how to log in: use Okta / Duo2FA",
		"Test     Password     Expected\nT1       short        reject\n",
	})
}
