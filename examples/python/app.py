"""Sign-in with Gatehouse in Flask: Authlib."""

import os
import secrets
from urllib.parse import urlencode

from authlib.integrations.flask_client import OAuth, OAuthError
from flask import Flask, redirect, render_template_string, session

ISSUER = os.environ.get("ISSUER", "http://localhost:4000")
ORIGIN = os.environ.get("ORIGIN", f"http://localhost:{os.environ.get('PORT', '3000')}")

app = Flask(__name__)
app.secret_key = os.environ.get("SESSION_SECRET", secrets.token_hex(32))
app.config.update(SESSION_COOKIE_SAMESITE="Lax", SESSION_COOKIE_SECURE=ORIGIN.startswith("https:"))
gatehouse = OAuth(app).register(
    "gatehouse",
    client_id=os.environ["CLIENT_ID"],
    client_secret=os.environ["CLIENT_SECRET"],
    server_metadata_url=f"{ISSUER}/.well-known/openid-configuration",
    client_kwargs={"scope": "openid profile email", "code_challenge_method": "S256"},
)


@app.get("/sign-in")
def sign_in():
    # Authlib keeps state, nonce and the PKCE verifier in the session, and checks them in the callback.
    return gatehouse.authorize_redirect(f"{ORIGIN}/callback")


@app.get("/callback")
def callback():
    token = gatehouse.authorize_access_token()
    session.clear()
    session.update(user=token["userinfo"], id_token=token["id_token"])
    return redirect("/")


@app.post("/sign-out")
def sign_out():
    back = {"id_token_hint": session.get("id_token", ""), "post_logout_redirect_uri": f"{ORIGIN}/"}
    session.clear()
    return redirect(f"{gatehouse.load_server_metadata()['end_session_endpoint']}?{urlencode(back)}", 303)


PAGE = """{% if user %}<p>Hello, {{ user.name or user.email }}.</p>
<form method="post" action="/sign-out"><button>Sign out</button></form>
{% else %}<p>You are signed out. <a href="/sign-in">Sign in</a></p>{% endif %}"""


@app.get("/")
def home():
    return render_template_string(PAGE, user=session.get("user"))


@app.errorhandler(OAuthError)
def sign_in_failed(error):
    return render_template_string("<p>{{ text }} <a href='/sign-in'>Sign in</a></p>", text=error.description), 400
