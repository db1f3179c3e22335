package secrets

import (
	"slices"
	"strings"
	"testing"
)

// commandLines are commands as histories, manuals and pipelines have them, at least
// one for each login.
var commandLines = []string{
	`sshpass -p ⟦springbok⟧ ssh nadia@10.0.0.5`,
	`sshpass -p'⟦Kestrel!42walk⟧' scp a.txt nadia@10.0.0.5:`,
	`"C:\Program Files\PuTTY\plink.exe" -ssh nadia@gw7 -pw ⟦tR8vq2mLw9⟧ show run`,
	`pscp -pw ⟦Blauwal-77x⟧ a.txt nadia@gw7:`,
	`psftp -pw "⟦Blauwal-77x⟧" nadia@gw7`,
	`putty.exe -ssh nadia@gw7 -pw ⟦h4rvest_Moon⟧`,
	`psexec \\srv -u Administrator -p ⟦springbok⟧ cmd`,
	`PsExec64.exe \\srv1 -u CORP\nadia -p ⟦oliveGarden88⟧ -s cmd`,
	`schtasks /create /tn job /tr a.cmd /sc daily /ru CORP\nadia /rp ⟦9fQ2xLmT4b⟧`,
	`cmdkey /add:srv1 /user:CORP\nadia /pass:⟦Zk#91pvTq⟧`,
	`wmic /node:srv1 /user:nadia /password:⟦tR8vq2mLw9⟧ process list`,
	`xfreerdp3 /v:10.0.0.5 /u:nadia /p:'⟦W1nter$turm⟧' /cert:ignore`,
	`wlfreerdp /u:"CORP\nadia" /p:"⟦W1nter$turm⟧" /v:h`,
	`rdesktop -u nadia -p ⟦9fQ2xLmT4b⟧ 10.0.0.5`,
	`net user svc_backup ⟦W1nter$turm9⟧ /add`,
	`net use \\srv\share /user:corp\nadia ⟦springbok7⟧`,
	`net use Z: \\fs1\share ⟦springbok7⟧ /user:CORP\nadia /persistent:yes`,
	`ipmitool -I lanplus -H 10.0.0.7 -U ops -P ⟦springbok7⟧ power status`,
	`racadm -r 10.0.0.7 -u root -p ⟦tR8vq2mLw9⟧ getsysinfo`,
	"Connect-VIServer -Server vc1 -User nadia -Password ⟦springbok⟧",
	`nmcli dev wifi connect "Corp Guest" password "⟦oliveGarden88⟧"`,
	`wpa_passphrase HomeNet ⟦Blauwal-77x⟧ >> /etc/wpa_supplicant.conf`,
	`netsh wlan set profileparameter name=HomeNet keyMaterial=⟦Pq7vnHd3!k⟧`,
	`snmpwalk -v3 -l authPriv -u monitor -a SHA -A ⟦Kestrel!42walk⟧ -x AES -X Zt6wkq2rrL 10.0.0.1`,
	`snmpget -v3 -l authPriv -u monitor -a SHA -A Zt6wkq2rrL -x AES -X ⟦Kestrel!42walk⟧ 10.0.0.1 sysName.0`,
	`snmpbulkwalk -v2c -c ⟦h4rvest_Moon⟧ -Os 10.0.0.1 ifTable`,
	`smbclient //fs1/share -U 'CORP\nadia%⟦Zk#91pvTq⟧' -c ls`,
	`rpcclient -U "nadia%⟦Kestrel!42walk⟧" 10.0.0.5`,
	`net rpc user -U nadia%⟦9fQ2xLmT4b⟧ -S 10.0.0.5`,
	`ldapsearch -x -H ldap://dc1 -D "cn=app,dc=corp" -w ⟦springbok7⟧ -b dc=corp`,
	`ldappasswd -x -D cn=app,dc=corp -w Zt6wkq2rrL -s ⟦Pq7vnHd3!k⟧ uid=nadia,dc=corp`,
	`kadmin.local -q "addprinc -pw ⟦Zk#91pvTq⟧ nadia@CORP.EXAMPLE"`,
	`evil-winrm -i 10.0.0.5 -u nadia -p ⟦Kestrel!42walk⟧`,
	`crackmapexec smb 10.0.0.5 -u nadia -p ⟦Kestrel!42walk⟧`,
	`netexec smb 10.0.0.5 -u nadia -p ⟦Kestrel!42walk⟧ --shares`,
	`nxc smb 10.0.0.0/24 -u nadia -p '⟦Kestrel!42walk⟧'`,
	`smbmap -u nadia -p ⟦h4rvest_Moon⟧ -H 10.0.0.5`,
	`bloodhound-python -u nadia -p ⟦h4rvest_Moon⟧ -d corp.example`,
	`hydra -l nadia -p ⟦Zk#91pvTq⟧ ssh://10.0.0.5`,
	`impacket-psexec CORP/nadia:⟦Blauwal-77x⟧@10.0.0.5`,
	`secretsdump.py CORP/nadia:'⟦Pq7vnHd3!k⟧'@10.0.0.5`,
	`wmiexec.py CORP/nadia:⟦Pq7vnHd3!k⟧@10.0.0.5 whoami`,
	`smbexec.py CORP/nadia:⟦Pq7vnHd3!k⟧@10.0.0.5`,
	`GetUserSPNs.py corp.example/nadia:⟦oliveGarden88⟧ -dc-ip 10.0.0.5 -request`,
	"mysql -u shop -p⟦zq7vvx2k⟧ orders",
	"mysqldump --single-transaction \\\n  -u shop \\\n  -p⟦zq7vvx2k⟧ orders > orders.sql",
	`mysqladmin -u root password ⟦springbok7⟧`,
	`mongo -u shopadmin -p ⟦Kestrel!42walk⟧ --authenticationDatabase admin shop`,
	`mongodump --host db1 -u backup -p ⟦springbok7⟧ --out /backup`,
	"sqlcmd -S db -U nadia -P ⟦springbok⟧",
	`osql -S db1 -U nadia -P ⟦oliveGarden88⟧`,
	`isql -Unadia -P⟦Pq7vnHd3!k⟧ -Sdb1`,
	`bcp orders out a.csv -S db1 -U nadia -P ⟦Blauwal-77x⟧ -c`,
	`sqlplus -s scott/⟦Blauwal-77x⟧@//db1:1521/ORCL`,
	`sqlldr userid=scott/⟦W1nter$turm9⟧ control=a.ctl`,
	`expdp system/⟦tR8vq2mLw9⟧ directory=dp full=y`,
	`impdp scott/⟦h4rvest_Moon⟧@ORCL directory=dp`,
	`cqlsh -u cassandra -p ⟦Kestrel!42walk⟧ db1`,
	`redis-cli -h cache1 -a ⟦springbok7⟧ ping`,
	`add-user.sh nadia ⟦springbok7⟧`,
	`./add-user.sh -u nadia -p ⟦9fQ2xLmT4b⟧`,
	`elasticsearch-users useradd nadia -p ⟦W1nter$turm9⟧ -r superuser`,
	`mosquitto_pub -h mq -u nadia -P ⟦Zk#91pvTq⟧ -t a -m b`, //nolint:misspell // the name of the program
	`mosquitto_sub -h mq -u nadia -P ⟦Zk#91pvTq⟧ -t a`,      //nolint:misspell // and this
	`rabbitmqctl add_user nadia ⟦Blauwal-77x⟧`,
	`rabbitmqctl change_password nadia ⟦Pq7vnHd3!k⟧`,
	`rabbitmqadmin -u nadia -p ⟦oliveGarden88⟧ list queues`,
	`publish -h mq -t "v1/devices/me/telemetry" -u "⟦u1M1p9unB569abdqK5Ft⟧" -m x`,
	"ALTER USER shop WITH PASSWORD '⟦springbok⟧';",
	"CREATE ROLE shop WITH ENCRYPTED PASSWORD '⟦springbok⟧' LOGIN;",
	"CREATE LOGIN shop WITH PASSWORD = '⟦springbok⟧';",
	"CREATE USER 'shop'@'%' IDENTIFIED BY '⟦springbok⟧';",
	"CREATE USER shop IDENTIFIED WITH mysql_native_password BY '⟦springbok⟧';",
	`openssl aes-256-cbc -d -in site.enc -k ⟦springbok7⟧`,
	`openssl passwd -6 ⟦springbok7⟧`,
	"openssl rsa -in k.pem -passin pass:⟦springbok⟧",
	"openssl pkcs12 -export -out c.pfx -inkey k.pem -in c.pem -passout pass:⟦springbok⟧",
	`mkpasswd -m sha-512 ⟦springbok7⟧`,
	`htpasswd -b /etc/nginx/.htpasswd nadia ⟦W1nter$turm9⟧`,
	`htpasswd -bnBC 10 nadia ⟦Pq7vnHd3!k⟧`,
	`zip -er -P ⟦tR8vq2mLw9⟧ out.zip data`,
	`unzip -P ⟦oliveGarden88⟧ backup.zip`,
	`7z a -p⟦Zk#91pvTq⟧ -mhe backup.7z data`,
	`7za a -tzip -p⟦Pq7vnHd3!k⟧ backup.zip data`,
	`7zz x -p⟦Pq7vnHd3!k⟧ backup.7z`,
	`unrar x -p⟦h4rvest_Moon⟧ a.rar`,
	`rar a -hp⟦Kestrel!42walk⟧ a.rar data`,
	`rar x -p⟦Kestrel!42walk⟧ a.rar`,
	`qpdf --encrypt ⟦Zk#91pvTq⟧ "" 256 -- a.pdf b.pdf`,
	`pdftk a.pdf output b.pdf user_pw ⟦Blauwal-77x⟧`,
	`pdftotext -upw ⟦Pq7vnHd3!k⟧ a.pdf`,
	`ssh-keygen -t ed25519 -N "⟦Zk#91pvTq⟧" -f k`,
	`keytool -genkeypair -keystore k.jks -storepass ⟦springbok7⟧ -alias a`,
	`$p = ConvertTo-SecureString "⟦springbok⟧" -AsPlainText -Force`,
	`ConvertTo-SecureString -AsPlainText -Force -String '⟦springbok7⟧'`,
	"docker login -u nadia -p ⟦springbok⟧ reg.example.net",
	"docker login --username nadia -p ⟦springbok⟧ reg.example.net",
	`az login --service-principal -u 9f1f7f0e -p ⟦Kestrel!42walk⟧ --tenant corp.example`,
	`twine upload -u nadia -p ⟦tR8vq2mLw9⟧ dist/*`,
	`dotnet nuget add source https://nuget.corp.example -n corp -u nadia -p ⟦Zk#91pvTq⟧`,
	`skopeo copy --src-creds nadia:⟦W1nter$turm9⟧ docker://a docker://b`,
	`java -jar jenkins-cli.jar -s http://ci -auth nadia:⟦h4rvest_Moon⟧ who-am-i`,
	`http -a nadia:⟦9fQ2xLmT4b⟧ https://api.corp.example/v1`,
	`xh -a nadia:⟦9fQ2xLmT4b⟧ https://api.corp.example/v1`,
	`ab -A nadia:⟦tR8vq2mLw9⟧ https://api.corp.example/`,
	`lftp -u nadia,⟦Pq7vnHd3!k⟧ sftp://files.corp.example`,
	`ncftpput -u nadia -p ⟦h4rvest_Moon⟧ ftp.corp.example / a.txt`,
	`username nadia password 0 ⟦springbok7⟧`,
	`enable secret 0 ⟦9fQ2xLmT4b⟧`,
	`enable secret ⟦tR8vq2mLw9⟧`,
	`enable password ⟦springbok7⟧`,
	`username nadia privilege 15 secret ⟦Zk#91pvTq⟧`,
	`username nadia privilege 15 password ⟦Zk#91pvTq⟧`,
	`client 10.0.0.9 server-key ⟦h4rvest_Moon⟧`,
	`crypto isakmp key ⟦h4rvest_Moon⟧ address 10.0.0.1`,
	`tacacs-server key ⟦h4rvest_Moon⟧`,
	`radius-server host 10.0.0.9 key ⟦Kestrel!42walk⟧`,
	`snmp-server community ⟦Pq7vnHd3!k⟧ RO`,
	`set snmp community ⟦Pq7vnHd3!k⟧ authorization read-only`,
	`rocommunity ⟦h4rvest_Moon⟧ 10.0.0.0/24`,
	`rwcommunity ⟦h4rvest_Moon⟧`,
}

// pipedLines give a command its password by its input.
var pipedLines = []string{
	`echo 'nadia:⟦oliveGarden88⟧' | chpasswd`,
	`echo "root:⟦springbok⟧" | sudo chpasswd`,
	`echo ⟦9fQ2xLmT4b⟧ | sudo -S apt-get update`,
	`printf '%s\n' '⟦springbok7⟧' | sudo -kS systemctl restart nginx`,
	`echo ⟦tR8vq2mLw9⟧ | passwd --stdin nadia`,
	`echo -e "⟦W1nter$turm9⟧\nW1nter$turm9" | passwd nadia`,
	`echo -e "⟦Zk#91pvTq⟧\nZk#91pvTq" | smbpasswd -s -a nadia`,
	`echo ⟦springbok7⟧ | kinit nadia@CORP.EXAMPLE`,
	`kinit nadia@CORP.EXAMPLE <<< ⟦tR8vq2mLw9⟧`,
	`echo ⟦oliveGarden88⟧ | vncpasswd -f > ~/.vnc/passwd`,
	`echo -n ⟦W1nter$turm9⟧ | cryptsetup luksOpen /dev/sdb1 data -`,
	`echo "⟦W1nter$turm9⟧" | docker login -u nadia --password-stdin reg.corp.example`,
	`echo ⟦W1nter$turm9⟧ | gpg --batch --passphrase-fd 0 -d a.gpg`,
	`usermod --password $(echo ⟦9fQ2xLmT4b⟧ | openssl passwd -1 -stdin) nadia`,
	"chpasswd <<EOF\nnadia:⟦oliveGarden88⟧\nEOF",
	"#cloud-config\nchpasswd:\n  expire: false\n  list: |\n    root:RANDOM\n    nadia:⟦oliveGarden88⟧\n",
}

func TestCommands(t *testing.T) {
	checkMarked(t, commandLines)
	checkMarked(t, pipedLines)
	for _, front := range []string{"$ history\n  501  cd /srv\n  502  ", "FROM debian\nRUN ", "steps:\n  - run: ", "when I run `"} {
		behind := "\n"
		if strings.HasSuffix(front, "`") {
			behind = "` it fails"
		}
		var all []string
		for _, line := range slices.Concat(commandLines, pipedLines) {
			if !strings.Contains(line, "\n") {
				all = append(all, front+line+behind)
			}
		}
		checkMarked(t, all)
	}
	everything := strings.ToLower(strings.Join(commandLines, "\n"))
	for _, l := range logins {
		if !strings.Contains(everything, l.command) && !strings.Contains(strings.ReplaceAll(everything, "⟦", ""), l.command) {
			t.Errorf("no example of %q", l.command)
		}
	}
}

func TestCommandsWithoutPasswords(t *testing.T) {
	checkMarked(t, []string{
		"Run `mongo -u admin -p` and type the password when asked.",
		`mongo -u $MONGO_USER -p $MONGO_PASS --host db`,
		"htpasswd -c /etc/nginx/.htpasswd nadia\nNew password:",
		`Use htpasswd -b only in scripts, since it shows the password to everybody who lists processes.`,
		`openssl enc -aes-256-cbc -k "$KEY" -in a -out b`,
		`openssl rsa -in key.pem -passin env:KEYPASS`,
		`openssl pkcs12 -export -passout file:/run/secrets/pw -out c.pfx`,
		`openssl s_client -connect host:443 -servername host`,
		`zip -r backup2024.zip data/ -x "*.git*"`,
		`The zip -P option is insecure since other users can see it.`,
		`7z a -p backup.7z data`,
		`7z x archive.7z -oout -y`,
		`rdesktop -u nadia -p - 10.0.0.5`,
		`xfreerdp /v:10.0.0.5 /u:nadia /p:%PASSWORD%`,
		`net user nadia * /add`,
		`The net user growth in 2024 was 12%, net use of funds 30m2.`,
		`net user nadia /active:yes`,
		`net use Z: \\fs1\share /persistent:yes`,
		`net use * /delete`,
		`echo "$USER:$PASS" | chpasswd`,
		`echo "user:password" | chpasswd`,
		`printf '%s:%s\n' "$u" "$p" | chpasswd`,
		`echo "$SUDO_PASS" | sudo -S apt-get update`,
		`echo "deb http://x stable main" | sudo tee /etc/apt/sources.list.d/x.list; sudo -S true`,
		`echo done | sudo -E tee log1.txt`,
		`cat pw.txt | docker login -u nadia --password-stdin reg`,
		`echo ${{ secrets.GITHUB_TOKEN }} | docker login ghcr.io -u ${{ github.actor }} --password-stdin`,
		`echo $CR_PAT | docker login ghcr.io -u nadia --password-stdin`,
		`aws ecr get-login-password --region eu-west-1 | docker login --username AWS --password-stdin 123456789012.dkr.ecr.eu-west-1.amazonaws.com`,
		`snmpwalk -v2c -c public 10.0.0.1 system`,
		`snmpwalk -v 2c -c private 192.168.1.1 1.3.6.1.2.1.1`,
		`snmpwalk -v2c -c $COMMUNITY host`,
		`enable secret <your-secret>`,
		`enable secret 5 $1$mERr$hx5rVt7rPNoS4wqbXKX7m0`,
		`username admin privilege 15 secret 9 $9$2MJBozw/9R3UsU$2lFhcKvpghcyw8deP25GOfyZaagyUOGBymkryvOdfo6`,
		`You should enable secret scanning for all 24 repositories.`,
		`The team wants to enable password rotation every 90days.`,
		`snmp-server community public RO`,
		`snmp-server enable traps`,
		`ldapsearch -x -H ldap://dc1 -D "cn=admin" -W -b dc=corp`,
		`ldapsearch -x -w "$LDAP_PW" -b dc=corp`,
		`wget --password="$PW" https://x`,
		`sshpass -e ssh nadia@host`,
		`sshpass -p "$SSH_PASS" ssh nadia@host`,
		`sshpass -f pw.txt ssh host`,
		`smbclient -U nadia //fs1/share`,
		`smbclient -U 'nadia%$PW' //fs1/share`,
		`az login --service-principal -u $APP_ID -p $PASSWORD --tenant $TENANT`,
		`docker login -u "$DOCKER_USER" -p "$DOCKER_PASS"`,
		`docker run -p 8080:80 -p 5432:5432 postgres:16`,
		`redis-cli -h cache1 -p 6379 ping`,
		`redis-cli -a "$REDIS_PASSWORD" ping`,
		`mysqldump -u shop -p orders > orders2024.sql`,
		`mysql -u root -p < schema.sql`,
		`mysql -uroot -p${MYSQL_ROOT_PASSWORD} -e "select 1"`,
		`mysql -h 127.0.0.1 -P 3306 -u root -p`,
		`keytool -list -keystore k.jks -storepass changeit`,
		`keytool -genkeypair -storepass "${STORE_PASS}" -alias a`,
		`$p = ConvertTo-SecureString $env:PW -AsPlainText -Force`,
		`$p = ConvertTo-SecureString "$(Get-Content pw.txt)" -AsPlainText -Force`,
		`ConvertTo-SecureString -String $Password -AsPlainText -Force`,
		`$cred = Get-Credential -UserName nadia -Message "Password1 please"`,
		`psexec \\srv1 -u nadia -p %PW% cmd`,
		`users identified by names or numbers`,
		"Each record is identified by `customer_uuid1` in the table.",
		`The rows are identified by "order_id2" and grouped by "region1".`,
		`Nodes identified by 'node-17a' are removed.`,
		"In the config the section is identified by `path` and the parts by `name`.",
		`CREATE USER shop IDENTIFIED BY '<password>';`,
		`CREATE USER shop IDENTIFIED BY PASSWORD '*6BB4837EB74329105EE4568DDA7DC67ED2CA2AD9';`,
		`ALTER ROLE shop WITH PASSWORD :'pw';`,
		`git clone https://git.corp.example/team/app.git`,
		`git clone https://user:${TOKEN}@git.corp.example/team/app.git`,
		`sqlplus / as sysdba`,
		`sqlplus nadia@ORCL`,
		`sqlplus /nolog @script/run1.sql`,
		`expdp \"/ as sysdba\" directory=dp dumpfile=a/b1.dmp`,
		`bcp orders out a.csv -S db1 -T -c -P`,
		`rabbitmqctl add_user nadia`,
		`rabbitmqctl list_users; rabbitmqctl add_vhost v1`,
		`ssh-keygen -t ed25519 -N "" -f k1`,
		`ssh-keygen -t rsa -b 4096 -C "nadia@corp.example"`,
		`plink -ssh nadia@host -P 2222 ls`,
		`ipmitool -I lanplus -H 10.0.0.7 -U ADMIN -f pw1.txt power status`,
		`nmcli connection show --active | grep wlan0`,
		`nmcli dev wifi connect HomeNet --ask`,
		`wpa_passphrase HomeNet < pass1.txt`,
		`impacket-psexec CORP/nadia@10.0.0.5 -hashes :31d6`,
		`secretsdump.py -just-dc CORP/nadia@10.0.0.5`,
		`http -a nadia https://api.corp.example:8443/v1`,
		`http GET https://api.corp.example/v1 name:=3 Accept:application/json`,
		`lftp -u nadia sftp://files.corp.example`,
		`skopeo copy docker://reg/a:1.2 docker://reg/b:1.3`,
		`skopeo copy --src-creds "$U:$P" docker://a docker://b`,
		`jenkins-cli.jar -auth @/run/auth list-jobs`,
		`rar a backup1.rar data -v100m`,
		`pdftk a1.pdf b2.pdf cat output c.pdf`,
		`qpdf --encrypt "" "" 256 -- a1.pdf b.pdf`,
		`cryptsetup luksOpen /dev/sda3 data1`,
		`Login with your account and the -p flag, e.g. docker login -u name -p token`,
		`For login use -u followed by your name and -p followed by your password2.`,
		`docker login -u <username> -p <password>`,
		`curl -u "$USER:$PASS" https://api.corp.example`,
		`curl -u nadia https://api.corp.example`,
		`curl -sSLu user:pass https://x.example/api`,
		`curl -fsSL https://x.example/install.sh | sudo -E bash -`,
		`crypto isakmp key 6 BASDFoo^aZZ address 10.0.0.1`,
		`import mongoose from "mongoose"; mongoose.connect(uri, { user: u1, pass: p1 })`,
		`The rocommunity setting of snmpd takes one word.`,
		`add-user.sh creates a management user for version 26.`,
		`The service login took 3s -p 95th percentile is high.`,
		`kinit nadia@CORP.EXAMPLE`,
		`kinit -kt /etc/app1.keytab app/host1`,
		`passwd nadia; echo "Password for user1 set" | tee -a log`,
		"#cloud-config\nchpasswd:\n  expire: false\nusers:\n  - name: nadia",
		"#cloud-config\nchpasswd:\n  list: |\n    root:RANDOM\n    nadia:$6$rounds=4096$abc$Zt6wkq2rrLZt6wkq2rrLZt6wkq2rrL",
		`gpg --batch --passphrase-fd 0 -d a.gpg < pw.txt`,
		`gh auth login --with-token < token.txt`,
		`send "hello7world\r"`,
		`mysql -u shop -p orders7`,
		`docker login -u nadia -p $TOKEN`,
		`psexec takes -p and asks when it is not given`,
		`sign in with password protection and a second factor`,
		`users identified by names or numbers`,
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
