package portal

import (
	"cmp"
	"html/template"
	"net/http"
	"net/url"
	"strings"
	"time"

	"github.com/sluice-proxy/sluice/proxy/identity"
	"github.com/sluice-proxy/sluice/proxy/session/activity"
)

// A person is who looks at the portal.
type person struct {
	identity.Identity
	signedIn bool // here, with a browser; else the proxy was given credentials
}

func (p person) display() string { return cmp.Or(p.Name, p.Email, p.Sub) }

// page is what the pages without data of their own show.
type page struct {
	Style  template.CSS
	Who    string // empty: nobody
	SignIn bool   // somebody could sign in here
	Events []event
}

// who tells who is there: whom the connection's credentials name, else who signed in.
func (p *Portal) who(r *http.Request) (person, error) {
	if id, ok := identity.FromContext(r.Context()); ok && id.Authenticated {
		return person{Identity: id}, nil
	}
	if p.signedIn == nil {
		return person{}, nil
	}
	id, err := p.signedIn(r)
	return person{Identity: id, signedIn: id.Authenticated}, err
}

// person is who, for a page that is somebody's own. Nobody is sent to sign in.
func (p *Portal) person(w http.ResponseWriter, r *http.Request) (person, bool) {
	who, err := p.who(r)
	switch {
	case err != nil:
		p.show(w, http.StatusServiceUnavailable, "unavailable", page{})
	case who.Authenticated:
		return who, true
	case p.signIn != nil && r.Method != http.MethodPost:
		http.Redirect(w, r, "/sign-in?next="+url.QueryEscape(r.URL.EscapedPath()), http.StatusSeeOther)
	default:
		p.show(w, http.StatusForbidden, "nobody", page{SignIn: p.signIn != nil})
	}
	return person{}, false
}

// An event is one of activity as the page shows it.
type event struct {
	activity.Event
	When string
	Says string // what was done
	Link string // to a notice that may still be answered
}

// done says what was done.
var done = map[string]string{
	activity.Redacted:      "Sent with placeholders",
	activity.Blocked:       "Not sent",
	activity.Asked:         "Not sent: needed your answer",
	activity.SteppedUp:     "Not sent: needed a stronger sign-in",
	activity.Permitted:     "Sent after your answer",
	activity.Answered:      "You answered",
	activity.ReplyRedacted: "Reply shown with placeholders",
	activity.ReplyBlocked:  "Reply cut off",
}

// waits says what was done while it can still be answered.
var waits = map[string]string{
	activity.Asked:     "Not sent: waits for your answer",
	activity.SteppedUp: "Not sent: waits for a stronger sign-in",
}

// openFor is how long the page offers to answer: the notice itself says for how long
// it can be.
const openFor = time.Hour

// myActivity lists what was redacted, blocked and permitted.
func (p *Portal) myActivity(w http.ResponseWriter, r *http.Request) {
	who, ok := p.person(w, r)
	if !ok {
		return
	}
	events, err := p.activity.Events(r.Context(), who.Person())
	if err != nil {
		p.show(w, http.StatusServiceUnavailable, "unavailable", page{Who: who.display()})
		return
	}
	answered := map[string]bool{}
	for _, e := range events {
		if e.Done == activity.Answered {
			answered[e.Exchange] = true
		}
	}
	data := page{Who: who.display(), SignIn: who.signedIn}
	for _, e := range events {
		shown := event{Event: e, When: e.Time.UTC().Format("2 January 2006, 15:04 UTC"), Says: cmp.Or(done[e.Done], e.Done)}
		if e.Open && !answered[e.Exchange] && time.Since(e.Time) < openFor {
			shown.Link, shown.Says = noticePath+e.Exchange, cmp.Or(waits[e.Done], shown.Says)
		}
		data.Events = append(data.Events, shown)
	}
	p.show(w, http.StatusOK, "activity", data)
}

// show writes a page.
func (p *Portal) show(w http.ResponseWriter, status int, name string, data page) {
	data.Style = p.style
	body, err := p.render(name, data)
	if err != nil { // New has proved the templates
		http.Error(w, "the portal failed", http.StatusInternalServerError)
		return
	}
	if name == "activity" {
		allowForm(w.Header())
	}
	w.WriteHeader(status)
	_, _ = w.Write(body) // the client may have left
}

// allowForm lets a page send its form to the portal, and nowhere else.
func allowForm(h http.Header) {
	h.Set("Content-Security-Policy", strings.Replace(h.Get("Content-Security-Policy"), "form-action 'none'", "form-action 'self'", 1))
}
