/** Discovery, keys and logout of an emulated brand. */
import { type Call, redirect, sendJson, sendPage } from '../../emulator/http.ts'
import { messagePage } from '../../emulator/pages.ts'
import { isRegistered } from '../../emulator/registered-uris.ts'
import type { EmulatedClient } from './brand.ts'
import type { BrandContext } from './code-flow.ts'

export function publications<C extends EmulatedClient>({ brand, issuer, clients, faults, signer }: BrandContext<C>) {
  const signedOut: string[] = []

  function discovery({ response }: Call): void {
    const at = (path: string | undefined) => path && issuer + path
    const { authorize, token, keys, userinfo, logout } = brand.paths
    sendJson(response, {
      issuer: faults.has('otherIssuer') ? 'https://other.okta.example' : (brand.announcedIssuer ?? issuer),
      authorization_endpoint: at(authorize),
      token_endpoint: at(token),
      jwks_uri: at(keys),
      userinfo_endpoint: at(userinfo),
      end_session_endpoint: at(logout),
      response_types_supported: ['code'],
      code_challenge_methods_supported: ['S256'],
      subject_types_supported: ['public'],
      id_token_signing_alg_values_supported: ['RS256'],
      // discovery lists methods of all clients; the clients here use client_secret_post
      token_endpoint_auth_methods_supported: ['client_secret_basic', 'client_secret_post'],
      authorization_response_iss_parameter_supported: brand.issParameter,
      ...faults.values('discovery'),
    })
  }

  /** Redirects only with an ID token of its own, and to a registered URL. */
  function logout({ response, url: { searchParams } }: Call): void {
    const idToken = signer.verified(searchParams.get('id_token_hint') ?? '')
    const client = clients.find(({ clientId }) => clientId === idToken?.['aud'])
    const returnTo = searchParams.get('post_logout_redirect_uri') ?? ''
    if (client === undefined || !isRegistered(returnTo, client.postLogoutRedirectUris ?? [], client)) {
      const text = 'The post_logout_redirect_uri or the id_token_hint is wrong.'
      return sendPage(response, messagePage('Not signed out', text), 400)
    }
    const to = new URL(returnTo)
    const state = searchParams.get('state')
    if (state !== null) to.searchParams.set('state', state)
    signedOut.unshift(to.href)
    redirect(response, to.href)
  }

  return { signedOut, discovery, logout, keys: ({ response }: Call) => sendJson(response, signer.jwks()) }
}
