package signin

import (
	"crypto/rand"
	"crypto/sha256"
	"crypto/subtle"
	"encoding/hex"
	"errors"
	"net/http"
	"slices"
	"time"

	"github.com/sluice-proxy/sluice/proxy/identity"
	"github.com/sluice-proxy/sluice/proxy/session"
)

const (
	transactionFor  = 10 * time.Minute
	maxTransactions = 4                    // of one browser: tabs that sign in at once
	maxStored       = 4000                 // bytes of a cookie that browsers keep (RFC 6265 section 6.1), less its attributes
	browserFor      = 400 * 24 * time.Hour // browsers keep no cookie longer (RFC 6265bis section 5.5)
	maxBrowser      = 16                   // sign-ins of one browser
)

// A transaction is a sign-in under way at a provider. It is in a cookie of the browser
// that began it, so that another's answer is of no use to it (RFC 6749 section 10.12),
// and costs the proxy nothing.
type transaction struct {
	State    string    `json:"s"`
	Nonce    string    `json:"n"`
	Verifier string    `json:"v"`
	Issuer   string    `json:"i"`
	To       visit     `json:"t"`
	StepUp   *ask      `json:"u,omitempty"`
	Client   binding   `json:"c"`
	Expiry   time.Time `json:"e"`
}

const transactionName = "transaction" // of what is sealed

func txCookie(state, value string, maxAge int) *http.Cookie {
	return &http.Cookie{Name: txCookiePrefix + state[:8], Value: value, Path: "/", MaxAge: maxAge, HttpOnly: true, Secure: true, SameSite: http.SameSiteLaxMode}
}

// send sends a browser to a provider. Its error is ErrUnavailable; then nothing was
// answered.
func (s *SignIns) send(w http.ResponseWriter, r *http.Request, p *identity.Provider, tx transaction) error {
	var verifier [32]byte
	rand.Read(verifier[:]) // never fails: crypto/rand stops the process instead
	tx.State, tx.Nonce, tx.Verifier = newNonce(), newNonce(), encoding.EncodeToString(verifier[:])
	tx.Issuer, tx.Expiry = p.Issuer(), s.now().Add(transactionFor)
	var acrs []string
	var maxAge time.Duration
	if tx.StepUp != nil {
		acrs, maxAge = tx.StepUp.ACRS, tx.StepUp.MaxAge
	}
	location, err := p.AuthURL(r.Context(), tx.State, tx.Nonce, tx.Verifier, s.portalURL(CallbackPath), acrs, maxAge)
	if err != nil {
		return err
	}
	sealed := s.sealText(transactionName, tx)
	if len(sealed) > maxStored {
		tx.To.URI = "/" // a bookmark is worth less than a sign-in
		sealed = s.sealText(transactionName, tx)
	}
	under := 0
	for _, cookie := range slices.Backward(r.Cookies()) { // older ones come first (RFC 6265 section 5.4)
		if !isTransaction(cookie) {
			continue
		}
		if under++; under >= maxTransactions {
			http.SetCookie(w, &http.Cookie{Name: cookie.Name, Path: "/", MaxAge: -1, HttpOnly: true, Secure: true, SameSite: http.SameSiteLaxMode})
		}
	}
	http.SetCookie(w, txCookie(tx.State, sealed, int(transactionFor/time.Second)))
	s.knowBrowser(w, r)
	seeOther(w, location)
	return nil
}

// takeTransaction returns the transaction that a provider's answer belongs to and ends
// its cookie.
func (s *SignIns) takeTransaction(w http.ResponseWriter, r *http.Request, state string) (transaction, bool) {
	var tx transaction
	if !isNonce(state) {
		return tx, false
	}
	sent := r.CookiesNamed(txCookiePrefix + state[:8])
	if len(sent) != 1 || !s.openText(transactionName, sent[0].Value, &tx) || subtle.ConstantTimeCompare([]byte(tx.State), []byte(state)) != 1 {
		return tx, false
	}
	http.SetCookie(w, txCookie(state, "", -1))
	return tx, s.now().Before(tx.Expiry)
}

// knowBrowser gives the browser a cookie by which its sign-ins are ended together.
func (s *SignIns) knowBrowser(w http.ResponseWriter, r *http.Request) string {
	value := newNonce()
	if sent := r.CookiesNamed(browserCookieName); len(sent) == 1 && isNonce(sent[0].Value) {
		value = sent[0].Value
	}
	http.SetCookie(w, &http.Cookie{
		Name: browserCookieName, Value: value, Path: "/", MaxAge: int(browserFor / time.Second),
		HttpOnly: true, Secure: true, SameSite: http.SameSiteLaxMode,
	})
	return value
}

// A listed sign-in is one of a browser's.
type listed struct{ ID, Person string }

func browserKey(value string) string {
	sum := sha256.Sum256([]byte(value)) // of a random value
	return "browser:" + hex.EncodeToString(sum[:16])
}

// join adds a sign-in to those of its browser. Those of another person are ended, and
// the oldest when there are too many.
func (s *SignIns) join(w http.ResponseWriter, r *http.Request, e *entry) error {
	key := browserKey(s.knowBrowser(w, r))
	v, err := s.store.Get(r.Context(), key)
	for range 8 { // tabs that come back at once
		if err != nil && !errors.Is(err, session.ErrConflict) {
			return unavailable(err)
		}
		var all, kept []listed
		if v.Version != 0 && !s.openJSON(key, v.Data, &all) {
			all = nil
		}
		var ended []string
		mine := listed{e.id, s.box.Key("person", e.Identity.Person())}
		for i, other := range all {
			if other.Person != mine.Person || len(all)-i >= maxBrowser {
				ended = append(ended, other.ID)
			} else {
				kept = append(kept, other)
			}
		}
		if v, err = s.store.Put(r.Context(), key, v.Version, s.sealJSON(key, append(kept, mine)), s.session); err == nil {
			for _, id := range ended {
				err = errors.Join(err, s.end(r.Context(), id))
			}
			return err
		}
	}
	return unavailable(err)
}

// ofBrowser returns the sign-ins of a browser, and where that is kept.
func (s *SignIns) ofBrowser(r *http.Request) (ids []string, key string, err error) {
	sent := r.CookiesNamed(browserCookieName)
	if len(sent) != 1 || !isNonce(sent[0].Value) {
		return nil, "", nil
	}
	key = browserKey(sent[0].Value)
	v, err := s.store.Get(r.Context(), key)
	if err != nil {
		return nil, "", unavailable(err)
	}
	var all []listed
	if v.Version == 0 || !s.openJSON(key, v.Data, &all) {
		return nil, "", nil
	}
	for _, one := range all {
		ids = append(ids, one.ID)
	}
	return ids, key, nil
}
