package e2e

import "strings"

// What the scenarios send. Each is made up: the card number only has a right check
// digit, the token only the right shape. They are put together from pieces so that
// scanners of this repository's text do not take them for real ones.
var (
	Card        = strings.Join([]string{"5425", "2334", "3010", "9903"}, " ")
	ServiceCard = strings.Join([]string{"4929", "4212", "3460", "0821"}, " ") // of the service itself
	Token       = "ghp_" + "wR5tZ8kQ2mVx7LbN4cJd" + "9FhY3gSa6PeU1oTi"
	Email       = "mira.castellane" + "@employee.example"
	Password    = "Tulip-" + "harbour-77-Kestrel"
	Marker      = "quarterly umbrella orchestra" // in every prompt
	Key         = "sk-e2e-" + "client-key-of-the-sdk-00000000"
	Access      = "access-" + "token-of-the-chat-app-11111111"
	Cookie      = "session-" + "cookie-of-the-chat-app-22222222"
	Customers   = "@customer" + "-of-ours.example" // of addresses of others
	Pass        = "pass-" + "of-alice-for-the-proxy-33333333"
)

// sensitives may stand nowhere in what the proxy writes.
var sensitives = []string{
	Card, strings.ReplaceAll(Card, " ", ""), Card[10:], Token, Token[4:], Email, "mira.castellane", Password,
	Marker, "umbrella", Key, Access, Cookie, Pass,
	"mira.castellane%40employee.example", Customers,
}
