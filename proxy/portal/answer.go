package portal

import (
	"errors"
	"fmt"
	"html/template"
	"net/http"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/sluice-proxy/sluice/proxy/session/activity"
)

// Bounds of the form.
const (
	maxForm   = 16 << 10 // bytes
	maxReason = 500      // characters
)

type noticePage struct {
	Style          template.CSS
	Who            string
	Notice         activity.Notice
	Path           string   // where the form goes, and the page is
	StepUp         string   // where to sign in more strongly; empty when that is not wanted
	Missing        []string // what a stronger sign-in has to satisfy, where that cannot be done here
	Redacted, AsIs bool     // choices
	WantsReason    bool
	Waits          bool
	Holds          string
	MaxReason      int
	Wrong          string         // what is wrong with the form that was sent
	Harbour        *activity.Link // the app to use instead
	Script         template.JS
}

// notice shows a prompt that waits, and takes the answer.
func (p *Portal) notice(w http.ResponseWriter, r *http.Request, exchange string) {
	who, ok := p.person(w, r)
	if !ok {
		return
	}
	n, err := p.activity.Notice(r.Context(), exchange, who.Person())
	switch {
	case errors.Is(err, activity.ErrNotFound):
		p.show(w, http.StatusNotFound, "gone", page{Who: who.display()})
		return
	case err != nil:
		p.show(w, http.StatusServiceUnavailable, "unavailable", page{Who: who.display()})
		return
	}
	data := p.noticeOf(r, n, who)
	if r.Method != http.MethodPost {
		p.showForm(w, http.StatusOK, data)
		return
	}
	answer, wrong := readAnswer(w, r, n)
	if wrong != "" {
		data.Wrong = wrong
		p.showForm(w, http.StatusBadRequest, data)
		return
	}
	switch err := p.answer(r.Context(), answer, who.Identity); {
	case errors.Is(err, activity.ErrNotFound):
		p.show(w, http.StatusNotFound, "gone", page{Who: who.display()})
	case err != nil:
		p.show(w, http.StatusServiceUnavailable, "unavailable", page{Who: who.display()})
	default:
		http.Redirect(w, r, "/answered", http.StatusSeeOther)
	}
}

func (p *Portal) noticeOf(r *http.Request, n activity.Notice, who person) noticePage {
	data := noticePage{
		Style: p.style, Who: who.display(), Notice: n, Path: noticePath + n.Exchange,
		WantsReason: n.WantsReason(), Waits: n.Waits(), MaxReason: maxReason,
	}
	data.Redacted, data.AsIs = n.Offers()
	if acrs := n.WantsStepUp(); len(acrs) > 0 {
		data.Missing = acrs
		if p.stepUp != nil && who.signedIn {
			if link, err := p.stepUp(r, acrs, n.Exchange, n.Host); err == nil {
				data.StepUp = link
			}
		}
	}
	longest := time.Duration(0)
	for _, a := range n.Asks {
		longest = max(longest, a.Holds)
		if data.Harbour == nil && a.SafeHarbour != nil {
			data.Harbour, data.Script = a.SafeHarbour, template.JS(takeScript)
		}
	}
	if longest > 0 {
		data.Holds = inWords(longest)
	}
	return data
}

// inWords writes a time as people say it.
func inWords(d time.Duration) string {
	for _, unit := range []struct {
		size time.Duration
		name string
	}{{24 * time.Hour, "day"}, {time.Hour, "hour"}, {time.Minute, "minute"}} {
		if n := d / unit.size; n > 0 && d%unit.size == 0 {
			if n == 1 {
				return "1 " + unit.name
			}
			return fmt.Sprintf("%d %ss", n, unit.name)
		}
	}
	return d.String()
}

// readAnswer reads the form, or tells what is wrong with it.
func readAnswer(w http.ResponseWriter, r *http.Request, n activity.Notice) (activity.Answer, string) {
	r.Body = http.MaxBytesReader(w, r.Body, maxForm)
	if err := r.ParseForm(); err != nil {
		return activity.Answer{}, "The form could not be read. Please try again."
	}
	answer := activity.Answer{Notice: n, Reason: strings.TrimSpace(r.PostForm.Get("reason"))}
	redacted, asIs := n.Offers()
	switch choice := r.PostForm.Get("choice"); {
	case !n.Waits():
		return answer, "There is nothing to choose here."
	case choice == "as_is" && asIs:
		answer.AsIs = true
	case choice == "redacted" && redacted:
	case choice == "send" && !redacted && !asIs:
	default:
		return answer, "Please choose how to send it."
	}
	switch {
	case !n.WantsReason():
		answer.Reason = ""
	case answer.Reason == "":
		return answer, "Please give a reason."
	case utf8.RuneCountInString(answer.Reason) > maxReason || !utf8.ValidString(answer.Reason):
		return answer, fmt.Sprintf("Please give a reason of at most %d characters.", maxReason)
	}
	return answer, ""
}

func (p *Portal) showForm(w http.ResponseWriter, status int, data noticePage) {
	body, err := p.render("notice", data)
	if err != nil {
		p.show(w, http.StatusInternalServerError, "unavailable", page{})
		return
	}
	allowForm(w.Header())
	if data.Harbour != nil {
		w.Header().Set("Content-Security-Policy", p.script+w.Header().Get("Content-Security-Policy"))
	}
	w.WriteHeader(status)
	_, _ = w.Write(body) // the client may have left
}
