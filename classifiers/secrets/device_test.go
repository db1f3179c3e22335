package secrets

import "testing"

func TestDevices(t *testing.T) {
	checkMarked(t, []string{
		// Cisco
		"enable secret 5 ⟦$1$mERr$hx5rVt7rPNoS4wqbXKX7m0⟧",
		"username admin privilege 15 secret 9 ⟦$9$2MJBozw/9R3UsU$2lFhcKvpghcyw8deP25GOfyZaagyUOGBymkryvOdfo6⟧",
		"sw1(config)# username nadia password ⟦springbok7⟧",
		"line vty 0 4\n password ⟦springbok7⟧\n login\n",
		"line con 0\n exec-timeout 5 0\n password ⟦h4rvest_Moon⟧\n",
		"neighbor 10.0.0.2 password ⟦springbok7⟧\n",
		"username nadia password 5 ⟦$5$b0zKHtSV$eWWeUQbNHkrGLcIs3M25VTczdWdmdJiRN5C233VuQKt⟧ role network-admin",
		"username nadia password ⟦QjNAiqAYUHmzSFgV⟧ encrypted privilege 15",
		" ikev1 pre-shared-key ⟦tR8vq2mLw9⟧\n",
		" ldap-login-password ⟦h4rvest_Moon⟧\n",
		// Juniper
		"root-authentication {\n    encrypted-password \"⟦$1$mERr$hx5rVt7rPNoS4wqbXKX7m0⟧\"; ## SECRET-DATA\n}",
		"set security ike policy p1 pre-shared-key ascii-text \"⟦$9$TFmLOCwDUdCxz2mtA25kNV2o⟧\"",
		// Fortinet
		"config user local\n    edit \"nadia\"\n        set type password\n        set passwd ⟦springbok7⟧\n    next",
		"        set password ENC ⟦SH2KNLVFrGtAxlaOhBGT2E9OoV5jvrgosLub9lP8ibBUwAAoQr8iPEXT4lU=⟧\n",
		"        set psksecret ENC ⟦MydGrTs4jgRCVuJ0kNbJFkvjGtZmxVti6B0uK+1Mk6L/374k⟧\n",
		// HPE, Aruba, Huawei
		`password manager user-name "nadia" plaintext ⟦springbok7⟧`,
		`password manager user-name "nadia" sha1 "⟦cd7364f34cd9a52588cf2bd2561aa021345c3afa⟧"`,
		"wpa-passphrase ⟦Ldv8p1e3I5BHkk⟧\n",
		"local-user nadia password cipher ⟦h4rvest_Moon⟧\n",
		"set authentication password cipher ⟦springbok7⟧\n",
		"local-user nadia password irreversible-cipher ⟦$1a$oNbyEgEGeKN=zRirL7&OR5v6%uvMPv-rikFSbevD⟧\n",

		"service password-encryption\nsecurity passwords min-length 10\n",
		"line vty 0 4\n password recovery2 disabled\n login local\n",
		"set system login password minimum-length 12\nset system login password format sha512\n",
		"config system password-policy\n    set minimum-length 12\nend\n",
		"authentication-mode password\ncipher suite aes256-sha\n",
		"username admin secret ?\nuser password prompt\n",
		"crypto isakmp key 6 BASDFoo^aZZ address 10.0.0.1",
		"set password <password>\n",
		"set password $PASSWORD1\n",
		"The user changes the password 30days before it expires",
		"primary key user_id2\nsecurity key yubikey5\ncrypto token erc721\ncrypto seed bip39\n",
		"set password rule1\nset password expire90\nwlan password length8\nset secret name1\n",
		"username and password field1\n",
		"server auth mode2\nenable auth plugin2\n",
		"security passwords for the line key shortcut1\n",
		"radius-server host 10.0.0.9 key ⟦springbok7⟧\n",
		"radius-server key ⟦springbok7⟧\n",
		"aaa authentication login default group tacacs+ local\n",
	})
}

func TestHashesOfAccounts(t *testing.T) {
	checkMarked(t, []string{
		"nadia:⟦$6$yr1KW6IZ70cM$SBPWV/X4i52MBaue/C29xFeLasbBI6Ijgz4irwU5iyn/2sqaRGMSoAFhjucVv4qdfbG8M1oTu9N54S31Oy3UyT⟧:19720:0:99999:7:::",
		"nadia:⟦$apr1$0EIm5aFd$gNS9jclwDxVk27jaoW5hmW⟧\n",
		`- "traefik.http.middlewares.auth.basicauth.users=ops:⟦$$apr1$$0EIm5aFd$$gNS9jclwDxVk27jaoW5hmW⟧"`,
		"nadia:⟦$2y$05$npUYcp8QP8wtzh1rjZc5P.WqPU9HRP.lRCbo2cV1nrHRjTAOQy9Ge⟧",
		"nadia:⟦$y$j9T$Yc1s3kQ9gq1bRr7pT0x2e/$5tGx7bY4nQ0uJ8wL2vK6sD9fH3mZ1cX5rP7oE4iA2yB⟧:19720:0:99999:7:::",
		"corp.example\\nadia:1105:⟦aad3b435b51404eeaad3b435b51404ee:638da7d7c091f124dd58593974dda976⟧:::",
		"INSERT INTO users (id, email, password) VALUES (1, 'n@corp.example', '⟦$2b$12$npUYcp8QP8wtzh1rjZc5P.WqPU9HRP.lRCbo2cV1nrHRjTAOQy9Ge⟧');",

		"daemon:*:19000:0:99999:7:::\nnobody:!:19000:0:99999:7:::\n",
		"Guest:501:aad3b435b51404eeaad3b435b51404ee:31d6cfe0d16ae931b73c59d7e0c089c0:::",
		"hashes begin with $2b$12$ and are 60 bytes long",
		"expect(hash).toBe('$2b$12$npUYcp8QP8wtzh1rjZc5P.WqPU9HRP.lRCbo2cV1nrHRjTAOQy9Ge')",
		"costs: $5$ and $6$ a month",
	})
}

func TestTokensInURLs(t *testing.T) {
	checkMarked(t, []string{
		"git remote set-url origin https://⟦48010291faa28507883694e0b78392d8cc30a65b⟧@git.corp.example/infra/core.git",
		"git clone https://⟦BWQtMDo8hI2zTsbr9Kc4⟧@git.corp.example/infra/core.git",
		"https://48010291faa28507883694e0b78392d8@o12345.ingest.sentry.io/4501234",
		"SENTRY_DSN=https://48010291faa28507883694e0b78392d8@sentry.corp.example/7",
		"https://nadia.petrova-meier@git.corp.example/infra/core.git",
		"https://${GITHUB_TOKEN_FOR_ALL}@github.com/acme/core.git",
		"nats://48010291faa28507883694e0b78392d8cc30a65b@nats.corp.example",

		"https://app.corp.example/auth/magic/⟦X8zESBgT4QCyHicyWLHUuFBZR4vLCiUr⟧",
		"https://app.corp.example/accounts/password/reset/⟦5f4FZdX8zESBgT4QCyHicyWLHUuFBZR4⟧/",
		"https://docs.corp.example/reset-password/how-to-change-your-password-2024",
		"https://app.corp.example/confirm/6fa459ea-ee8a-4ca4-894e-db77e160355e",
		"https://github.com/acme/auth/commit/48010291faa28507883694e0b78392d8cc30a65b",
		"https://github.com/acme/password-manager/commit/48010291faa28507883694e0b78392d8cc30a65b",
		"https://github.com/acme/reset-css/blob/48010291faa28507883694e0b78392d8cc30a65b/reset.css",
		"https://gitlab.com/acme/verify-action/-/commit/48010291faa28507883694e0b78392d8cc30a65b",
		"https://raw.corp.example/acme/auth/48010291faa28507883694e0b78392d8cc30a65b/README.md",
		"https://images.corp.example/magic-hour/photo-1518791841217-8f162f1e1131",
		"https://shop.corp.example/confirm-order/ORD-2024-0001834567-DE",
		"https://meet.corp.example/join/85012345678901284567890",
		"https://app.corp.example/invitations/⟦X8zESBgT4QCyHicyWLHUuFBZR4vLCiUr⟧/accept",
		"import x from './auth/X8zESBgT4QCyHicyWLHUuFBZR4vLCiUr'",
	})
}

func TestSessions(t *testing.T) {
	checkMarked(t, []string{
		"Cookie: lang=en; sessionid=⟦tnbx3mvah3yoe76hqxrty6hnsjp4q29z⟧; theme=dark",
		`{"name":"Cookie","value":"PHPSESSID=⟦tnbx3mvah3yoe76hqxrty6hn⟧"}`,
		"Set-Cookie: connect.sid=⟦s%3AzMNLH9U4TgtJL0hhvATJCtlYgzhVUZNZ.xxQaUNTKtMgHLO3⟧; Path=/; HttpOnly",
		"curl --cookie 'session=⟦zMNLH9U4TgtJL0hhvATJCtlYgzhVUZNZ⟧' https://x.example",
		"Cookie: csrftoken_session=1; _ga=GA1.2.1234567890.1700000000; lang=en",
		"Cookie: session=<your session>; theme=dark",
		"const cookie = session.cookie; cookie.session = readSession(request)",
		"The cookie session=abc is read by the server",
	})
}

func TestNumbersThatOpen(t *testing.T) {
	checkMarked(t, []string{
		"BitLocker recovery key: ⟦667557-538230-385143-199738-268378-009273-487795-668580⟧",
		"Numerical Password:\n  ID: {6FA459EA-EE8A-4CA4-894E-DB77E160355E}\n  Password:\n    ⟦667557-538230-385143-199738-268378-009273-487795-668580⟧\n",
		"BitLocker recovery key: 667558-538230-385143-199738-268378-009273-487795-668580",
		"BitLocker recovery key: 111111-111111-111111-111111-111111-111111-111111-111111",
		"The recovery key has 48 digits, like 111111-222222-333333",

		"The alarm code is ⟦739164⟧ since Monday.",
		"the PIN for the tablet is ⟦3866⟧",
		"Die PIN der Firmenkarte ist ⟦8696⟧.",
		"export ADMIN_PIN=⟦499684⟧",
		"PIN: 560001 Bangalore",
		"the pin for Berlin is 10115",
		"the pin is 1234",
		"The LED pin is 13, the PIN has 4 digits",
		"the pin is 4.75 mm long",
		"the pin: 2021 edition",
		"the PIN is valid for 3600 seconds; pin: 5432 is the port",
		"the reset pin is 1024 ohm away",
		"The combination for paint 7042 is sold out. Alarm code E4021 means low oil.",
		"door code review at 1530, alarm code list version 20240501",
		"WIFI: free in the lobby; S:large;P:parking;",
		`sheet.protect "Contents"`,
		"aaa authentication-server radius r1\n host 10.0.0.4\n key ⟦v0rt3x726⟧\n",
		"  - name: nadia\n    passwd: ⟦$6$yr1KW6IZ70cM$SBPWV/X4i52MBaue/C29xFeLasbBI6Ijgz4irwU5iyn/2sqaRGMSoAFhjucVv4qdfbG8M1oTu9N54S31Oy3UyT⟧\n",

		"WIFI:T:WPA;S:Guests;P:⟦h4rvest_Moon⟧;;",
		"WIFI:S:Guests;T:nopass;;",
		"[smtp.corp.example]:587 nadia@corp.example:⟦springbok7⟧\n",
		"[smtp.corp.example]:587 is the address of the relay",
	})
}
