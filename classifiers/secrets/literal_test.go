package secrets

import "testing"

// Where no expression can stand, a word is a password; elsewhere it is none.
func TestLiteralLines(t *testing.T) {
	checkMarked(t, []string{
		"SHOP_PASS=⟦springbok⟧",
		"# SHOP_PASS=⟦springbok⟧\n",
		"    SHOP_PASSWORD=⟦springbok⟧    # of the shop",
		"export SHOP_PASSWORD=⟦springbok⟧",
		`export SHOP_PASSWORD="⟦springbok⟧"`,
		"  - SHOP_PASSWORD=⟦springbok⟧\n",
		"      SHOP_PASSWORD: ⟦springbok⟧\n",
		"docker run -e SHOP_PASSWORD=⟦springbok⟧ -d mysql",
		"HOST=x SHOP_PASSWORD=⟦springbok⟧ ./serve",
		"ENV SHOP_PASSWORD=⟦springbok⟧",
		"ENV SHOP_PASSWORD ⟦springbok⟧\n",
		"setenv SHOP_PASSWORD ⟦springbok⟧",
		`$env:SHOP_PASSWORD = "⟦springbok⟧"`,
		"SIGNING_SECRET=⟦greenhousewindow⟧",
		`JWT_SECRET_KEY="⟦bluewhale-42-ocean⟧"`,
		`char password[] = "⟦springbok⟧";`,
		`static char secret[25] = "⟦q{v!h(w)]x%t>e#r-_$z~k⟧";`,
		`secret "⟦q{v!h(w)]x%t>e#r-_$z~k⟧";`,
		"wget --user=nadia --password=⟦springbok⟧ https://x.example.net",
		"svn co --username nadia --password ⟦springbok⟧ https://x.example.net",
		"PGPASSWORD=⟦springbok⟧ psql -h db",
		"helm install x --set auth.password=⟦springbok⟧",
		"jdbc:mysql://db/shop?user=nadia&password=⟦springbok⟧",
		`connect("host=db user=nadia password=⟦springbok⟧")`,
		`<property name="connection.password">⟦springbok⟧</property>`,
		`token <- "⟦vT4qZr8LpX2w7sN6yKb9cHdE⟧"`,
		`sql.Open("mysql", "⟦nadia:springbok7⟧@tcp(db:3306)/shop")`,
		"give --password to be asked, or --password=string",
		"connect(user=account, password=springbok)",
		"PASSWORD=springbok was not accepted by them",
		"usage: tool --username NAME --password PASSWORD",
		`<p class="password">springbok or not`,
		`user:password@tcp(db:3306)/shop`,
		"[mail]\nhost = mx\npassword = ⟦springbok⟧\n",
		"db.host=x\ndb.password=⟦springbok⟧",
		"password=⟦springbok⟧\ntimeout=5\n",
		`<add key="SmtpPassword" value="⟦springbok⟧" />`,
		`{"name": "SHOP_PASSWORD", "value": "⟦springbok⟧"}`,
		"- name: SHOP_PASSWORD\n  value: ⟦springbok⟧\n",
		"<password>⟦springbok⟧</password>",
		"SHOP_PASSWORD=changeme",
		"SHOP_PASSWORD=your_password",
		"SHOP_PASSWORD=mypassword",
		"SHOP_PASSWORD=${PASS}",
		"SHOP_PASSWORD=$(cat pass.txt)",
		"SHOP_PASSWORD=undefined",
		"SHOP_PASSWORD=DB_SECRET_NAME",
		"SHOP_TOKEN=springbok",
		"MAX_PASS=dozens of them",
		"shop_password = springbok",
		"connect(\n    user=account,\n    password=springbok\n)",
		"password=springbok and so on",
		"<password>your password</password>",
		"<label>password</label> springbok",
		"- name: password\n  description: springbok\n",
		"In our tests PASSWORD means springbok.",
	})
}

func TestComparisons(t *testing.T) {
	checkMarked(t, []string{
		"if user == x and password == '⟦springbok⟧':",
		`if (form.Password != "⟦springbok⟧") {`,
		`if req.Secret != "⟦open-gates⟧" {`,
		`if ($pass === '⟦letmein⟧') {`,
		`if ($_POST["password"] == "⟦springbok⟧")`,
		`if (password.equals("⟦springbok⟧")) {`,
		`if ("⟦springbok⟧".equals(password)) {`,
		`if ("⟦springbok⟧" == password)`,
		`if (strcmp(password, "⟦springbok⟧") == 0)`,
		`subtle.ConstantTimeCompare([]byte(pass), []byte("⟦springbok⟧"))`,
		`hmac.compare_digest(password, "⟦springbok⟧")`,
		`if (!strcmp("⟦springbok⟧", pass))`,
		`if [ "$PASS" = "⟦springbok⟧" ]; then`,
		`print("springbok", password)`,
		`if (typeof password !== "string")`,
		`if (password === "undefined")`,
		`if token == "identifier" {`,
		`if (key === "password" || mode == "advanced") {`,
		`if (credentials == "same-origin")`,
		`if password == other {`,
		`assert.equal(subject.password, "springbok")`,
		`concat(password, "springbok")`,
	})
}

// A word is a password beside its account, or with a number behind it.
func TestPasswordsBesideAccounts(t *testing.T) {
	checkMarked(t, []string{
		"user = 'nadia'\npassword = '⟦open the gate⟧'",
		"user: nadia\npassword: ⟦springbok⟧\n",
		`login({username: "nadia", password: "⟦springbok⟧"})`,
		`password = "⟦rabbit1987⟧"`,
		"password = 'open the gate'",
		"user: nadia,\npassword: springbok\n",
		`{"username": "Your name", "password": "Please enter it"}`,
		`{"username": "Benutzer", "password": "Ihr Passwort"}`,
		`password = "password1987"`,
	})
}

// A value with a word in the middle is no placeholder when the rest is drawn.
func TestPlaceholdersInTokens(t *testing.T) {
	checkMarked(t, []string{
		"session ⟦00D5g0000EXAMPL!AQEAQKzT4vWn8uRpXc7YbQmExampleLd2Hs9Jf5Gk3TnVwZqEy6UiOa1SrDtFh0CxBvNm⟧",
		"session 00D5g0000EXAMPL!AQEAexampleexampleexampleexampleexampleexampleexample",
		`aws_secret_access_key = "⟦vT4qZr8LpX2wSECRETsN6yKb9cHdE1gJ7mQaR0uW⟧"`,
		`aws_secret_access_key = "mysecretaccesskeyforthistestsecretaccess1"`,
	})
}
