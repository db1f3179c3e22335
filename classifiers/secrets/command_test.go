package secrets

import "testing"

func TestCommands(t *testing.T) {
	checkMarked(t, []string{
		`psexec \\srv -u Administrator -p ⟦springbok⟧ cmd`,
		"mysql -u shop -p⟦zq7vvx2k⟧ orders",
		"mysql -u shop -p orders7",
		"docker login -u nadia -p ⟦springbok⟧ reg.example.net",
		`net use \\srv\share /user:corp\nadia ⟦springbok7⟧`,
		"Connect-VIServer -Server vc1 -User nadia -Password ⟦springbok⟧",
		"openssl rsa -in k.pem -passin pass:⟦springbok⟧",
		"sqlcmd -S db -U nadia -P ⟦springbok⟧",
		"ALTER USER shop WITH PASSWORD '⟦springbok⟧';",
		`publish -h mq -t "v1/devices/me/telemetry" -u "⟦u1M1p9unB569abdqK5Ft⟧" -m x`,
		"docker login -u nadia -p $TOKEN",
		"psexec takes -p and asks when it is not given",
		"sign in with password protection and a second factor",
		"users identified by names or numbers",
	})
}

func TestCallsOfLibraries(t *testing.T) {
	checkMarked(t, []string{
		`requests.get(url, auth=("⟦nadia", "springbok⟧"))`,
		`new DirectoryEntry("LDAP://10.0.0.1/OU=x", "⟦nadia", "springbok⟧")`,
		`new DirectoryEntry(path, "⟦nadia", "springbok⟧", AuthenticationTypes.Secure)`,
		`DriverManager.getConnection(url, "⟦nadia", "springbok⟧")`,
		`jwt.sign({ id: user.id }, '⟦rumpelstilts⟧', { expiresIn: '1h' })`,
		`jwt.decode(token, "⟦greenhouse77⟧", algorithms=["HS256"])`,
		`jwt.sign(payload, secret)`,
		`jwt.verify(token, "your-secret")`,
		`jwt.sign(payload, process.env.JWT_SECRET, "HS256")`,
		`client.login("user", "password")`,
		`jwt.sign(`,
		`auth=("nadia",`,
	})
}

func TestKeysOfMachines(t *testing.T) {
	checkMarked(t, []string{
		"Please use the following password to proceed to installation:\n\n⟦1f13dce20c4fd32f640d0032634f087e⟧\n\nThis may also be found at: x",
		"use the following password rules: at least twelve\nletters\n",
		"$ANSIBLE_VAULT;1.1",
		"enable password 7 ⟦0822455D0A16544541⟧",
		"enable password 7 times in a row",
		"password 7 99455D0A1654",
		"mnemonic: ⟦legal winner thank year wave sausage worth useful legal winner thank yellow⟧",
		"the seed phrase is 1. ⟦abandon 2. abandon 3. abandon 4. abandon 5. abandon 6. abandon 7. abandon 8. abandon 9. abandon 10. abandon 11. abandon 12. about⟧",
		"mnemonic: winner legal thank year wave sausage worth useful legal winner thank yellow", // the checksum does not hold
		"a mnemonic is a phrase that helps one to remember what one would forget otherwise",
	})
	_, s := wholeSet(t)
	text := "vars:\n  key: !vault |\n    $ANSIBLE_VAULT;1.1;AES256\n    " + vaultBody(80) + "\n    " + vaultBody(34) + "\nnext: 1\n"
	if found := findAll(t, s, text); len(found) != 1 || found[0].Entity != "ANSIBLE_VAULT" || text[found[0].End:] != "\nnext: 1\n" {
		t.Errorf("%v", found)
	}
}

func vaultBody(n int) string {
	b := make([]byte, n)
	for i := range b {
		b[i] = "36"[i%2]
		if i%7 == 0 {
			b[i] = '5'
		}
	}
	return string(b)
}
