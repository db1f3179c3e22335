package secrets

import "testing"

func TestPasswordsThatStandAlone(t *testing.T) {
	checkMarked(t, []string{
		"expect \"*?assword:\"\nsend \"⟦Kestrel!42walk⟧\\r\"",
		"expect \"Enter passphrase for key\"\nsend -- \"⟦springbok⟧\\r\"",
		"child.expect('password:')\nchild.sendline('⟦springbok⟧')",
		"expect \"password:\"\nsend \"$PASSWORD\\r\"",
		"child.expect('login:')\nchild.sendline('nadia2')",
		"child.expect('password:')\nchild.sendline(password)",
		`send "hello7world\r"`,

		"db1:5432:shop:shop:⟦springbok7⟧",
		"*:*:*:postgres:⟦springbok7⟧\n",
		"localhost:5432:*:postgres:<password>",
		"ports:\n  - \"127.0.0.1:5432:5432\"\n  - 0.0.0.0:5432:5432",
		"arn:aws:logs:eu-west-1:123456789012:log-group:*:*:stream1",

		"<auth-user-pass>\nnadia\n⟦Kestrel!42walk⟧\n</auth-user-pass>\n",
		"<auth-user-pass>\nUSERNAME\nPASSWORD\n</auth-user-pass>\n",

		"bob: can you send me the admin password?\nalice: sure, ⟦Kestrel!42walk⟧\n",
		"bob: what is the password for db2?\nalice: it's ⟦Kestrel!42walk⟧.\n",
		"bob: what's the password?\nalice: see https://wiki.corp.example/x_1!2\n",
		"bob: forgot my password?\nalice: call IT_desk42\n",
		"bob: did you reset the password?\nalice: yes, ticket OPS-4412\n",

		"variable \"db_password\" {\n  type    = string\n  default = \"⟦h4rvest_Moon_22⟧\"\n}",
		"variable \"db_password\" {\n  type      = string\n  sensitive = true\n}\nvariable \"zone\" {\n  default = \"h4rvest_Moon_22\"\n}",
		"variable \"password_length\" {\n  default = 24\n}",

		"ssid=\"HomeNet\"\n    psk=\"⟦blue whale 1987⟧\"",
		"ssid=\"HomeNet\"\n    psk=\"your passphrase here\"",
		"ssid=\"HomeNet\"\n    psk=ext:wifi_home1",
		"ldap.bind.credentials=⟦oliveGarden88⟧",
		"ldap_default_authtok = ⟦oliveGarden88⟧",
		"EMAIL_HOST_PASSWORD = '⟦wxqz kvbn pdfm rtgh⟧'",
		`server.login("⟦nadia@corp.example", "wxqz kvbn pdfm rtgh⟧")`,
		"bindpw file:/etc/ldap.secret2",
		"password: vault:secret/data/db1#pw",
		"password: env:DB1_PASSWORD",
		"password: ⟦env:Kestrel42x⟧", // no name of a variable
		"rootpw {SSHA}x7Kq2vLw9mRt4ZbN8sHdPq3HdR8sWn1Y",
		"aws secretsmanager create-secret --name db --secret-string file://creds1.json",
		"aws ssm put-parameter --name /app/version --type String --value '2024.5.1-build7'",
		"aws ssm put-parameter --name /db/password --type SecureString --value \"$PW\"",
		"<code>mkpasswd</code>: protect passwords with bcrypt",
		"mkpasswd protects passwords with bcrypt",
	})
}
