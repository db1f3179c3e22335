package secrets

import (
	"strings"
	"testing"
)

// Each text has what is to be found between two marks; none without.
func checkMarked(t *testing.T, texts []string) {
	t.Helper()
	_, s := wholeSet(t)
	for _, marked := range texts {
		start := strings.Index(marked, "⟦")
		text := strings.NewReplacer("⟦", "", "⟧", "").Replace(marked)
		found := findAll(t, s, text)
		if start < 0 {
			if len(found) > 0 {
				t.Errorf("%q: found %q by %s", text, text[found[0].Start:found[0].End], found[0].Rule)
			}
			continue
		}
		end := strings.Index(marked, "⟧") - len("⟦")
		ok := false
		for _, f := range found {
			ok = ok || f.Start == start && f.End == end
		}
		if !ok {
			t.Errorf("%q: want %q, got %v", text, text[start:end], found)
		}
	}
}

func TestConnectionStrings(t *testing.T) {
	checkMarked(t, []string{
		`conn = "⟦Server=db1.corp;Database=shop;User Id=shop_app;Password=Kr7vq!x2;Encrypt=true⟧"`,
		`<add value="⟦Data Source=sql02,1433;Initial Catalog=B2B;Persist Security Info=True;User ID=b2b;Password=tuv9-xq⟧" />`,
		`"⟦Driver={ODBC Driver 18 for SQL Server};Server=tcp:x,1433;Uid=app;Pwd=zU8!kkq2⟧;"`,
		"⟦DefaultEndpointsProtocol=https;AccountName=acme7;AccountKey=q1W2e3R4t5Y6u7I8o9P0a1S2d3F4g5H6j7K8l9Z0x1C2v3B4n5M6q7W8e9R0t1Y2u3I4o5P6a7S8d9F0g1==;EndpointSuffix=core.windows.net⟧",
		`"⟦Endpoint=https://acme-cfg.azconfig.io;Id=x9-l0-s0:Yt6r;Secret=4Gq8vTzL1mPwXc7RkNd2JhUe5BsYo0Fi3Aa9QtKxWuE=⟧"`,
		"Endpoint=sb://acme.servicebus.windows.net/;SharedAccessKeyName=Root;SharedAccessKey=<your key>",
		`"Server=localhost;Database=test;User Id=sa;Password=password;"`,
		`"Server=x;User Id=myUsername;Password=myPassword;"`,
		`"server=" + host + ";uid=" + user + ";pwd=" + password + ";"`,
		`"driver={SQL Server};server=#{h};uid=#{u};pwd=#{p}"`,
		"jdbc:oracle:thin:⟦scott/t1g3rPaw⟧@db.corp:1521:orcl",
		"jdbc:oracle:thin:scott/password@db.corp:1521:orcl",
		"postgres://⟦shop:hk2vbd⟧@db.corp:5432/shop",
		"mongodb+srv://⟦svc:Vq8zT5kLpW2x⟧@c0.mongodb.net/?retryWrites=true",
		"amqp://user:password@mq.corp/queue",
		"postgres://${USER}:${PASSWORD}@db.corp/shop",
		"⟦machine api.corp.example\n  login deploy\n  password tq7-vvx2k⟧\n",
		"machine learning login page password field",
		"machine api.corp.example login deploy password $PASSWORD",
		`new NetworkCredential("⟦relay@corp.example", "vzqhlaqukn7i⟧")`,
		`new NetworkCredential(user, password)`,
		`$db = mysqli_connect('db.corp', '⟦shop', 'zq7vvx2k⟧', 'shop');`,
		`$db = new PDO("mysql:host=db;dbname=shop", "⟦shop", "zq7vvx2k⟧");`,
		`my $dbh = DBI->connect("dbi:Pg:dbname=x", "⟦shop", "zq7vvx2k⟧")`,
		`$db = mysqli_connect($host, $user, $password, $name);`,
		`$db = mysqli_connect("localhost", "root", "password", "test");`,
		"sshpass -p '⟦zq7-vvx2k⟧' ssh deploy@db.corp",
		"sshpass -p $PASS ssh deploy@db.corp",
		"CREATE USER shop IDENTIFIED BY '⟦zq7vvx2k⟧';",
		"CREATE USER shop IDENTIFIED BY 'password';",
		`$p = ConvertTo-SecureString "⟦zq7vvx2k⟧" -AsPlainText -Force`,
		"cmdkey /add:srv /user:ada /pass:⟦zq7vvx2k⟧",
		`psexec \\srv -u ada -p ⟦zq7vvx2k⟧ cmd`,
		`net use z: \\srv\share ⟦zq7vvx2k⟧ /user:ada`,
		"use redis-cli -a to give a password",
		`new NetworkCredential("user", "password")`,
	})
}

func TestKeysOfOtherForms(t *testing.T) {
	checkMarked(t, []string{
		`{"kty":"EC","crv":"P-256","x":"bonc3DRZe51NzuWetY336VmTYdUFvPK7DivSPHeu_CA","d":"⟦jv_VrhPomm6_WOzb74xF4eMI0hu9p0W1Zlxi0nz8AFs⟧"}`,
		`{"k":"⟦AyM1SysPpbyDfgZld3umj1qzKObwVMkoqQ-EstJQLr_T-1qS0gZH75aKtMN3Yj0iPS4hcgUuTwjAzZr1Z9CAow⟧","kty":"oct"}`,
		`{"kty":"RSA","n":"0vx7agoebGcQSuuPiLJXZptN9nndrQmbXEps2aiAFbWhM78LhWx","e":"AQAB"}`,
		`{"kty":"oct","k":"AAAAAAAAAAAAAAAAAAAAAAAAAAAA"}`,
		"⟦---- BEGIN SSH2 ENCRYPTED PRIVATE KEY ----\nComment: \"2048-bit RSA\"\nP2/56wAAA0kAAAA3aWYtbW9kbntzaWdue3JzYS1wa2NzMS1zaGExfSxlbmNyeXB0e3Jz\nYS1wa2NzMXYyLW9hZXB9fQAAAARub25lAAADCgAAAwYAAAARAQABAAAIAJ4uvlxgBpwK\n---- END SSH2 ENCRYPTED PRIVATE KEY ----⟧\n",
		"---- BEGIN SSH2 PUBLIC KEY ----\nAAAAB3NzaC1yc2EAAAADAQABAAABAQC7\n---- END SSH2 PUBLIC KEY ----",
		"nk -gen user\n⟦SUAMX3QVTVLCAXQMHIPZLCJ4HFCG2KK4JWNZTM7K4WKRNRIDD4J4R2BT4L⟧\n",
		"the nkey UAMX3QVTVLCAXQMHIPZLCJ4HFCG2KK4JWNZTM7K4WKRNRIDD4J4R2BTA is public",
		"bot: ⟦MTk4NjIyNDgzNDcxOTI1MjQ4.Cl2FMQ.ZnCjm1XVW7vRze4b7Cq4se7kKWs⟧",
		"MTk4NjIyNDgzNDcxOTI1MjQ4.example.com is a host",
		"⟦$krb5asrep$23$ada@corp.example:9f3c1a7be2d84650a1b2c3d4e5f60718$1b2c3d4e5f607189f3c1a7be2d84650a9f3c1a7be2d84650a1b2c3d4e5f60718⟧",
		"the prefix $krb5asrep$ marks such hashes",
	})
}

func TestPasswordsInSentences(t *testing.T) {
	checkMarked(t, []string{
		`The default password is "⟦blooberry⟧" and nobody changes it.`,
		`make sure that the password is "correct" before you go on`,
		`The password is "password", as always.`,
		"das Kennwort lautet ⟦Rose7Garten!⟧ bitte ändern",
		"Passwort: ⟦Xk9-tulpe⟧",
		"mot de passe : ⟦Tr0ub4dor&3⟧",
		"la contraseña es ⟦Luna2024!x⟧",
		"A senha é ⟦B4nana#frita⟧.",
		"пароль: ⟦Zima2024!q⟧",
		"Ваш новый пароль — это ⟦q8Wz!tt4⟧",
		"密码是⟦Gx7!pandaQ⟧",
		"密码：⟦Gx7!pandaQ⟧。",
		"パスワードは「⟦Sakura9!mn⟧」です",
		"비밀번호는 ⟦Hk4!busan7⟧ 입니다",
		"hasło to ⟦Wisla77!km⟧",
		"wachtwoord: ⟦Fiets88!ams⟧",
		"Das Passwort muss 8 Zeichen lang sein.",
		"La contraseña es obligatoria y debe tener 8 caracteres",
		"пароль должен содержать 8 символов",
		"密码不能为空，至少8位",
		"パスワードは8文字以上で入力してください",
		"le mot de passe est incorrect",
		"the password is ⟦BlueHeron77⟧",
		"the wifi password for the office is ⟦BlueHeron77⟧",
		"My password to the bank's portal is ⟦Kestrel!42⟧, can you make it stronger?",
		"user bob pass ⟦Kestrel42x⟧",
		"login: bob / pw: ⟦Kestrel!42⟧",
		"log in with bob and ⟦Kestrel!42⟧",
		"Zugangsdaten: bob / ⟦Kestrel!42⟧",
		"The creds are admin / ⟦Tr33house!⟧ for staging",
		"use the credentials bob / ⟦Tr33house!⟧",
		"I changed the password to ⟦Kestrel42x⟧ yesterday",
		"The password is:\n⟦Kestrel42x⟧",
		"password is ⟦kestrel4271⟧ for now",
		"mot de passe du compte de Luc : ⟦Soleil2024!⟧",
		"use credentials bob:⟦Kestrel42x⟧ to log in",
		"Credentials: admin / ⟦Tr33house!⟧",
		"# Pass uppercase method names to httplib2",
		"do not pass both to pod2html5",
		"credentials:\n  s3_signing4:\n    aws: x",
		"--allow-non-utf8: Pass non-UTF-8 input through the parser",
		"// @securitydefinitions.oauth2.password OAuth2Password",
		"the password is ⟦Welcome2024!⟧",
		"Your password must have 8 characters, such as A1b2c3d4",
		"the password is hashed with SHA-256 and stored in Vault2023x",
		"the password is base64 and the other is sha3-256",
		"password manager and a Yubikey5c",
		`{"login":"padima27","id":40371652,"node_id":"MDQ6VXNlcjQwMzcxNjUy"}`,
		"password: see https://wiki.example/Passwords2024",
		"Forgot your password? Call 555-0134x2. Kestrel42x is my street.",
		"nats://me:password@127.0.0.1:4222&#34;], name: &#34;my-connection1&#34;",
	})
}

// Passwords that people choose: a word with a number, a word in quotes.
func TestChosenPasswords(t *testing.T) {
	checkMarked(t, []string{
		"username=bob password=⟦Kestrel42x⟧",
		"PGADMIN_DEFAULT_PASSWORD: ⟦Kestrel42x⟧",
		"    password: ⟦heron92lake⟧",
		"PGPASSWORD=⟦Heron92lake⟧ psql -h db",
		"POST /login?user=bob&pass=⟦Heron92lake⟧ HTTP/1.1",
		"wget --user=bob --password=⟦Heron92lake⟧ https://files.example/x",
		"$dbpass = '⟦Heron92Lake⟧';",
		`conn = connect(dbname="crm", password="⟦heronlake⟧")`,
		"CREATE ROLE crm WITH PASSWORD '⟦heronlake⟧';",
		`storePassword "⟦heronlake9⟧"`,
		"password=heronlake",
		"password = getPassword1()",
		"password = this.password1",
		"password: password123",
		`"password": "Passwort"`,
		`"password": "Mot de passe"`,
		`password: "string"`,
		`if (typeof this.password === "function") {`,
		`renderPass: "geometry"`,
		"PPPIOCSPASS                      = 0x40087447",
		"tokens = append(tokens[:len(tokens)-1], \"or \"+tokens[len(tokens)-1])",
		"gpg --keyserver hkps://keys.example --recv-keys 5BE8A3F6C8A5C01D106C0AD820B1A390B168D356",
		"Key:     jws.JWKSetURLKey,",
		"\"Action\": [\"iam:ChangePassword\"],\n\"Resource\": \"*\"",
		`passwordField: "inputPassword"`,
		`password = "userPasswordInput"`,
		`PASSWORD: "changeme99"`,
		"password: ${DB_PASSWORD1}",
		"password_hash: sha256",
	})
}

func TestPasswordsInTables(t *testing.T) {
	checkMarked(t, []string{
		"| System | User | Password |\n|---|---|---|\n| Jenkins | admin | ⟦Heron92lake⟧ |\n| Nexus | deploy | ⟦Lake#92heron⟧ |\n\n| a | b | Lake92heron |",
		"Here they are:\n\nuser,password,email\nbob,⟦Heron92lake⟧,bob at corp\neva,\"⟦Lake#92,heron⟧\",eva at corp\n",
		"user\tinitial password\r\nbob\t⟦Heron92lake⟧\r\neva\t⟦Lake#92heron⟧\r\n",
		"name;passwort;ort\nbob;⟦Heron92lake⟧;Ulm",
		"service,api_key\nmaps,⟦q8Zk2Lm9Xw4Tn7Vb1Rj6Hc3Fd5Gs0Pa⟧\n",
		"INSERT INTO users (name, password) VALUES ('bob', '⟦Heron92lake⟧'), ('eva', '⟦Lake#92heron⟧');",
		"insert into users (id, password, note) values (7, '⟦Heron92lake⟧', 'x'), (8, NULL, 'Lake92heron')",
		"| Field | Type |\n|---|---|\n| password | string |\n| address2 | utf8mb4_bin9 |",
		"call(user, password,\n  host9, Heron92lake)",
		"a, password\nb",
		"INSERT INTO t (password) SELECT 'Heron92lake'",
		"INSERT INTO t (id, password) VALUES (1)",
		"insert into t (a, password) values (1, ",
	})
}

func TestScrambledPasswords(t *testing.T) {
	checkMarked(t, []string{
		`password = "⟦q{v!h(w)]x%t>e#r-_$z~k⟧"`,
		`if (password == "⟦q{v!h(w)]x%t>e#r-_$z~k⟧") {`,
		`if ("⟦q{v!h(w)]x%t>e#r-_$z~k⟧" === password) {`,
		`passwd := ⟦q{v!h(w)]x%t>e#r-_$z~k⟧,`,
		`password = "⟦super$ecret⟧"`,
		`SECRET_KEY = '⟦k3!v@z#q8$w^xt*(m-n_p=r+u)5y7b2d4f6g9h1j0l!c#e&s⟧'`,
		`os.environ.get("DJANGO_SECRET_KEY", '⟦k3!v@z#q8$w^xt*(m-n_p=r+u)5y7b2d4f6g9h1j0l!c#e&s⟧')`,
		`password = "{{ vault.lookup('db', 'main') }}"`,
		`password = getSecret(ctx, "db/main")[0]`,
		`if ("Enter password" == prompt) {`,
		`password = "Enter your password!"`,
	})
}
