package main

import (
	"cmp"
	"crypto/rand"
	"net/http"

	"github.com/alexedwards/scs/v2"
	"github.com/coreos/go-oidc/v3/oidc"
	"golang.org/x/oauth2"
)

type signIn struct {
	issuer   string
	client   oauth2.Config
	verifier *oidc.IDTokenVerifier
	sessions *scs.SessionManager
}

// start sends the browser to Gatehouse. State and PKCE verifier stay in the session.
func (s signIn) start(w http.ResponseWriter, r *http.Request) {
	state, verifier := rand.Text(), oauth2.GenerateVerifier()
	s.sessions.Put(r.Context(), "state", state)
	s.sessions.Put(r.Context(), "verifier", verifier)
	http.Redirect(w, r, s.client.AuthCodeURL(state, oauth2.S256ChallengeOption(verifier)), http.StatusFound)
}

// finish redeems the code and verifies the ID token.
func (s signIn) finish(w http.ResponseWriter, r *http.Request) {
	ctx, query := r.Context(), r.URL.Query()
	state, verifier := s.sessions.PopString(ctx, "state"), s.sessions.PopString(ctx, "verifier")
	if state == "" || query.Get("state") != state || query.Get("iss") != s.issuer {
		http.Error(w, "This sign-in did not start here.", http.StatusBadRequest)
		return
	}
	token, err := s.client.Exchange(ctx, query.Get("code"), oauth2.VerifierOption(verifier))
	if err != nil {
		http.Error(w, "Sign-in failed.", http.StatusBadRequest)
		return
	}
	rawIDToken, _ := token.Extra("id_token").(string)
	idToken, err := s.verifier.Verify(ctx, rawIDToken)
	var user struct{ Name, Email string }
	if err != nil || idToken.Claims(&user) != nil {
		http.Error(w, "The ID token is invalid.", http.StatusBadRequest)
		return
	}
	s.sessions.RenewToken(ctx) // a new session ID prevents session fixation
	s.sessions.Put(ctx, "name", cmp.Or(user.Name, user.Email))
	s.sessions.Put(ctx, "id_token", rawIDToken)
	http.Redirect(w, r, "/", http.StatusFound)
}
