package signin

import (
	"errors"
	"net/http"
	"slices"
	"strings"

	"github.com/sluice-proxy/sluice/proxy/identity"
)

// The pages of the portal that say why something does not go on, and what to do.
var (
	pageChoose = Page{
		Status: http.StatusOK, Title: "Sign in",
		Text: []string{"Choose where your account is."},
	}
	pageLink = Page{
		Status: http.StatusBadRequest, Title: "This link cannot be used",
		Text: []string{"It is not complete, or was not made here. Go back to the page that you wanted and open it again."},
	}
	pageState = Page{
		Status: http.StatusBadRequest, Title: "This sign-in cannot be finished here",
		Text: []string{"It was begun in another browser, is finished already, or took more than ten minutes. Go back to the page that you wanted and open it again."},
	}
	pageClient = Page{
		Status: http.StatusForbidden, Title: "Your network or browser has changed",
		Text: []string{"This was begun from another network or browser. Go back to the page that you wanted and open it again."},
	}
	pageSignOut = Page{
		Status: http.StatusOK, Title: "Sign out",
		Text:   []string{"You will be signed out of the company's proxy in this browser, for all AI services."},
		Button: &Button{"Sign out", SignOutPath},
	}
	pageOut = Page{
		Status: http.StatusOK, Title: "You are signed out",
		Text: []string{"Your browser may still be signed in at the company's sign-in service. On a computer that is not yours, sign out there too."},
	}
	pageForged = Page{
		Status: http.StatusForbidden, Title: "You were not signed out",
		Text:  []string{"The request came from another page. If you want to sign out, do so here."},
		Links: []Link{{"Sign out", SignOutPath}},
	}
	pageMethod       = Page{Status: http.StatusMethodNotAllowed, Title: "This cannot be done here"}
	pageNoNavigation = Page{Status: http.StatusForbidden, Title: "Open this in a window of its own"}
	pageLost         = Page{Status: http.StatusNotFound, Title: "There is no such page"}
	pageOtherPerson  = Page{
		Status: http.StatusForbidden, Title: "That was somebody else's account",
		Text: []string{"The stronger sign-in has to be done with the account that you are signed in with here. Sign out first to use another one."},
	}
)

func pageLate(host string) Page {
	p := Page{
		Status: http.StatusGone, Title: "This link is too old",
		Text: []string{"It was good for ten minutes. Open the page that you wanted again: if you are signed in already, you will not be asked again."},
	}
	return p.backTo(host)
}

func pageRound(host string) Page {
	p := Page{
		Status: http.StatusForbidden, Title: "Your browser does not keep you signed in",
		Text: []string{
			"You are signed in, but each time that you are sent back to " + host + " your browser does not show it there.",
			"Allow cookies for " + host + ", or delete those that it has of it, and open it again in a minute.",
		},
	}
	return p.backTo(host)
}

func (p Page) backTo(host string) Page {
	if host != "" {
		p.Links = append(slices.Clone(p.Links), Link{"Go to " + host, "https://" + host + "/"})
	}
	return p
}

func (p Page) retry(address string, err error) Page {
	p.Err = err
	if address != "" {
		p.Links = append(slices.Clone(p.Links), Link{"Try again", address})
	}
	return p
}

func pageBroken(err error) Page {
	return Page{
		Status: http.StatusInternalServerError, Title: "Something is wrong with the proxy",
		Text: []string{"Tell the people who run it; trying again will not help."}, Err: err,
	}
}

func pageStore(err error, again string) Page {
	return Page{
		Status: http.StatusServiceUnavailable, Title: "Sign-ins cannot be looked up just now",
		Text: []string{"The proxy does not reach the place where it keeps them. Nothing is wrong on your side: try again in a minute."},
	}.retry(again, err)
}

func pageProvider(err error, again string) Page {
	return Page{
		Status: http.StatusServiceUnavailable, Title: "The sign-in service does not answer",
		Text: []string{"The company's sign-in service could not be reached, or its answer made no sense. Nothing is wrong on your side: try again in a minute, and tell the people who run the proxy if it stays so."},
	}.retry(again, err)
}

// pageToken is for an answer of the provider that is good, but not for this sign-in.
func pageToken(err error, again string) Page {
	p := Page{Status: http.StatusForbidden, Title: "You could not be signed in"}
	var r *identity.RejectedError
	switch {
	case errors.As(err, &r) && r.Reason == identity.ReasonCode:
		p.Text = []string{"The sign-in service did not accept this sign-in a second time. Try again."}
	case errors.As(err, &r) && (r.Reason == identity.ReasonExpired || r.Reason == identity.ReasonNotYetValid):
		p.Text = []string{"The clocks of the proxy and of the sign-in service do not agree. Tell the people who run the proxy."}
	default:
		p.Text = []string{"The proxy does not accept what the sign-in service says about you. Tell the people who run the proxy."}
	}
	return p.retry(again, err)
}

// pageRefused says what a provider's error means to a person (RFC 6749 section 4.1.2.1,
// OpenID Connect Core 1.0 section 3.1.2.6). Nothing else of its answer is shown.
func pageRefused(code, again string) Page {
	p := Page{Status: http.StatusForbidden, Title: "The sign-in service refused"}
	switch code {
	case "access_denied":
		p.Text = []string{"You cancelled the sign-in, or your account may not use this proxy. If you did not cancel, ask for access where you ask for help with your account."}
	case "login_required", "interaction_required", "account_selection_required", "consent_required":
		p.Text = []string{"It needs something from you first: sign in there, or give your consent, and try again."}
	case "unmet_authentication_requirements":
		p.Text = []string{"It could not check what is asked for here, for example a second factor or a managed device."}
	case "server_error", "temporarily_unavailable":
		return pageProvider(errors.New("signin: the provider says "+code), again)
	case "invalid_request", "unauthorized_client", "unsupported_response_type", "invalid_scope", "invalid_target", "request_not_supported":
		p.Text = []string{"The proxy is not set up as the sign-in service wants it. Tell the people who run the proxy."}
	default:
		code = "an error without a known name"
		p.Text = []string{"It did not say why in a way that can be shown. Tell the people who run the proxy if it stays so."}
	}
	return p.retry(again, errors.New("signin: the provider says "+code))
}

func pageNotOut(err error) Page {
	return Page{
		Status: http.StatusServiceUnavailable, Title: "You are not signed out everywhere",
		Text:   []string{"The proxy does not reach the place where it keeps sign-ins. Try again in a minute, or close the browser and tell the people who run the proxy."},
		Button: &Button{"Sign out", SignOutPath}, Err: err,
	}
}

func pageStepUpDone(host string) Page {
	p := Page{
		Status: http.StatusOK, Title: "Done",
		Text: []string{"You have shown what was asked for. Go back to what you were doing and send it again."},
	}
	return p.backTo(host)
}

// pageStepUpFailed is for a sign-in that is not there any more or cannot be asked for.
func pageStepUpFailed(err error) Page {
	if errors.Is(err, identity.ErrUnavailable) {
		return pageStore(err, "")
	}
	return Page{
		Status: http.StatusForbidden, Title: "You are not signed in any more",
		Text: []string{"Open the page that you came from again, sign in, and send again what was refused."}, Err: err,
	}
}

func pageStepUpRefused(u ask) Page {
	p := Page{
		Status: http.StatusForbidden, Title: "That was not enough",
		Text: []string{
			"The sign-in service did not confirm what company policy asks for here (" + strings.Join(u.ACRS, ", ") + "), for example a second factor or a managed device.",
			"Use a device or a method that your company accepts. If you did, ask for help with your account.",
		},
	}
	return p.reference(u)
}

func pageStepUpAgain(u ask) Page {
	p := Page{
		Status: http.StatusTooManyRequests, Title: "This was tried a moment ago",
		Text: []string{
			"A stronger sign-in (" + strings.Join(u.ACRS, ", ") + ") was begun less than two minutes ago and is not finished. If it is still open in another window, finish it there.",
			"If the sign-in service sent you back without it, your account, device or method does not meet what is asked for: trying again will not help, so ask for help with your account.",
		},
	}
	return p.reference(u)
}

func (p Page) reference(u ask) Page {
	if u.Exchange != "" {
		p.Text = append(p.Text, "If you ask for help, name this: "+u.Exchange)
	}
	return p.backTo(u.Host)
}
