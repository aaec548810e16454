// Sign-in with Gatehouse in Go: coreos/go-oidc, golang.org/x/oauth2, and sessions by alexedwards/scs.
package main

import (
	"cmp"
	"context"
	"html/template"
	"log"
	"net/http"
	"net/url"
	"os"
	"strings"

	"github.com/alexedwards/scs/v2"
	"github.com/coreos/go-oidc/v3/oidc"
	"golang.org/x/oauth2"
)

func main() {
	issuer, port := cmp.Or(os.Getenv("ISSUER"), "http://localhost:4000"), cmp.Or(os.Getenv("PORT"), "3000")
	origin := cmp.Or(os.Getenv("ORIGIN"), "http://localhost:"+port)
	provider, err := oidc.NewProvider(context.Background(), issuer)
	if err != nil {
		log.Fatal(err)
	}
	client := oauth2.Config{
		ClientID:     os.Getenv("CLIENT_ID"),
		ClientSecret: os.Getenv("CLIENT_SECRET"),
		Endpoint:     provider.Endpoint(),
		RedirectURL:  origin + "/callback",
		Scopes:       []string{oidc.ScopeOpenID, "profile", "email"},
	}
	sessions := scs.New() // in memory: scs has stores for Redis and SQL databases
	sessions.Cookie.Secure = strings.HasPrefix(origin, "https:")
	verifier := provider.Verifier(&oidc.Config{ClientID: client.ClientID})
	signIn := signIn{issuer, client, verifier, sessions}
	page := template.Must(template.ParseFiles("page.html"))

	http.HandleFunc("GET /{$}", func(w http.ResponseWriter, r *http.Request) {
		page.Execute(w, sessions.GetString(r.Context(), "name"))
	})
	http.HandleFunc("GET /sign-in", signIn.start)
	http.HandleFunc("GET /callback", signIn.finish)
	http.HandleFunc("POST /sign-out", func(w http.ResponseWriter, r *http.Request) {
		back := url.Values{"post_logout_redirect_uri": {origin + "/"}}
		back.Set("id_token_hint", sessions.GetString(r.Context(), "id_token"))
		sessions.Destroy(r.Context())
		http.Redirect(w, r, issuer+"/oauth2/logout?"+back.Encode(), http.StatusSeeOther)
	})

	log.Printf("Open %s", origin)
	handler := http.NewCrossOriginProtection().Handler(sessions.LoadAndSave(http.DefaultServeMux))
	log.Fatal(http.ListenAndServe("localhost:"+port, handler))
}
