package e2e

import "net/http"

// others are a site that the proxy does not read, one without TLS, and one whose
// page nobody should get.
func (o *Origin) others() {
	page := func(title string) http.HandlerFunc {
		return func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Content-Type", "text/html; charset=utf-8")
			_, _ = w.Write([]byte("<!doctype html><title>" + title + "</title><h1>" + title + "</h1>\n"))
		}
	}
	o.mux.HandleFunc(intranet+"/", page("The intranet"))
	o.mux.HandleFunc(plain+"/", page("The plain site"))
	o.mux.HandleFunc("chat.deepseek.com/", page("The refused service"))
}
