package secrets

import (
	"github.com/sluice-proxy/sluice/classifiers"
	"github.com/sluice-proxy/sluice/classifiers/secrets/privatekey"
)

// parserAnchors are the anchors of the hand parsers.
var parserAnchors = []struct {
	anchors []string
	parse   func(*scan, classifiers.Hit)
}{
	{[]string{"-----begin"}, (*scan).pem},
	{[]string{"---- begin ssh2 "}, (*scan).ssh2},
	{[]string{"putty-user-key-file-"}, (*scan).putty},
	{privatekey.DERAnchors, (*scan).der},
	{privatekey.PKCS12Anchors, (*scan).pfx},
	{[]string{"eyj", "eyi", "eya", "ewo", "ew0"}, (*scan).jwt},
	{[]string{"kind:"}, (*scan).kubernetes},
	{[]string{"curl"}, (*scan).curl},
	{[]string{"basic "}, (*scan).basic},
	{[]string{"bearer "}, (*scan).bearer},
	{[]string{"://"}, (*scan).url},
	{[]string{"://"}, (*scan).urlToken},
	{connectionAnchors, (*scan).connection},
	{[]string{"machine "}, (*scan).netrc},
	{[]string{"jdbc:oracle:thin:"}, (*scan).oracle},
	{[]string{"@tcp("}, (*scan).goSource},
	{[]string{"kty"}, (*scan).jwk},
	{[]string{"nkey", "nk -gen", "nsc ", "-pubout", "seed"}, (*scan).nkey},
	{discordAnchors, (*scan).discord},
	{toldAnchors, (*scan).told},
	{accountAnchors, (*scan).toldAccount},
	{loginAnchors, (*scan).login},
	{signingAnchors, (*scan).signing},
	{keyAnchors, (*scan).keyed},
	{linkAnchors, (*scan).link},
	{[]string{"use the following password"}, (*scan).generated},
	{[]string{"$ansible_vault;"}, (*scan).vault},
	{ciscoAnchors, (*scan).cisco},
	{privatekey.PhraseAnchors, (*scan).mnemonic},
	{commandAnchors, (*scan).command},
	{pipeAnchors, (*scan).piped},
	{answerAnchors, (*scan).answer},
	{pgpassAnchors, (*scan).pgpass},
	{[]string{"wifi:"}, (*scan).wifi},
	{relayAnchors, (*scan).relay},
	{[]string{"cookie"}, (*scan).cookie},
	{bitlockerAnchors, (*scan).bitlocker},
	{pinAnchors, (*scan).pin},
	{[]string{"<auth-user-pass>"}, (*scan).inlineAuth},
	{[]string{"insert into "}, (*scan).insert},
	{[]string{"$krb5"}, (*scan).kerberos},
	{hashAnchors, (*scan).hash},
	{[]string{":::"}, (*scan).pwdump},
	{nameAnchors, (*scan).assignment},
}

// parserRule is a rule that a hand parser implements.
type parserRule struct {
	id, entity string
	sure       classifiers.Sure // none: what the verdict says
}

// The rules of the parsers. Those of gitleaks stand in gitleaks.json too.
var (
	rulePEM        = parserRule{"private-key", "PRIVATE_KEY", sureFormat}
	ruleJWT        = parserRule{"jwt", "JWT", sureFormat}
	ruleKubernetes = parserRule{"kubernetes-secret-yaml", "KUBERNETES_SECRET_YAML", sureManifest}
	ruleCurlUser   = parserRule{"curl-auth-user", "CURL_AUTH_USER", sureHeader}
	ruleCurlHeader = parserRule{"curl-auth-header", "CURL_AUTH_HEADER", sureHeader}
	ruleBasic      = parserRule{"basic-auth", "BASIC_AUTH", sureHeader}
	ruleBearer     = parserRule{"bearer-token", "BEARER_TOKEN", sureHeader}
	ruleURL        = parserRule{"url-credentials", "URL_CREDENTIALS", sureURL}
	ruleNear       = parserRule{"near", "VENDOR_KEY", classifiers.Sure{}}
	ruleConnection = parserRule{"connection-string", "CONNECTION_STRING", sureURL}
	ruleNetrc      = parserRule{"netrc", "NETRC", sureURL}
	ruleJWK        = parserRule{"jwk", "JSON_WEB_KEY", sureMember}
	ruleNkey       = parserRule{"nats-nkey", "NATS_SEED", sureFormat}
	ruleDiscord    = parserRule{"discord-bot-token", "DISCORD_BOT_TOKEN", sureFormat}
	ruleKerberos   = parserRule{"kerberos-hash", "KERBEROS_HASH", sureFormat}
	ruleCommand    = parserRule{"command-password", "COMMAND_PASSWORD", sureURL}
	ruleSigning    = parserRule{"jwt-secret", "JWT_SECRET", sureChosen}
	ruleVault      = parserRule{"ansible-vault", "ANSIBLE_VAULT", sureFormat}
	ruleDevice     = parserRule{"device-password", "DEVICE_PASSWORD", sureURL}
	ruleHash       = parserRule{"password-hash", "PASSWORD_HASH", sureFormat}
	ruleCookie     = parserRule{"session-cookie", "SESSION_COOKIE", sureHeader}
	ruleBitLocker  = parserRule{"bitlocker-recovery", "RECOVERY_KEY", sureChecked}
	ruleMnemonic   = parserRule{"wallet-phrase", "WALLET_PHRASE", sureFormat}
	ruleCisco      = parserRule{"cisco-password", "CISCO_PASSWORD", sureFormat}
	ruleAccount    = parserRule{"credential-account", "CREDENTIAL_ACCOUNT", sureAccount}
	ruleGeneric    = parserRule{"generic-api-key", "GENERIC_API_KEY", classifiers.Sure{}}
)

// parserRules are those that gitleaks does not have.
var parserRules = []parserRule{
	ruleURL, ruleBasic, ruleBearer, ruleNear, ruleConnection, ruleNetrc, ruleJWK, ruleNkey, ruleDiscord, ruleKerberos, ruleCommand,
	ruleSigning, ruleVault, ruleCisco, ruleDevice, ruleHash, ruleCookie, ruleBitLocker, ruleMnemonic, ruleAccount,
}
