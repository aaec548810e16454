/** Setup steps at an OpenID Connect issuer without a brand of its own. */
import type { Setup, SetupValue } from '../../src/provider/provider.ts'
import type { OidcConfig } from './config.ts'

export const scopesValue = (scopes: readonly string[]): SetupValue => ({ name: 'Scopes', value: scopes.join(' ') })

/** Entry of `sendBack` for connections with a client secret. */
export const clientSecret = 'Client secret'

export function oidcSetup({ scopes, groupsClaim, clientKey }: OidcConfig): Setup {
  return {
    needs: 'an administrator of the identity provider',
    names: {
      callback: 'Redirect URI',
      initiate: 'Initiate login URI',
      'signed-out': 'Post logout redirect URI',
      'backchannel-logout': 'Back-channel logout URI',
    },
    steps: [
      {
        text: 'Register a confidential web application that uses the authorization code flow. Require PKCE with `S256` if you can.',
      },
      { text: 'Enter the redirect URI exactly: no wildcard, no slash at the end.', address: 'callback' },
      { text: 'If your users start from a dashboard, enter the address that starts a sign-in.', address: 'initiate' },
      { text: 'Enter the address to which users return after they sign out.', address: 'signed-out' },
      {
        text: 'Enter the back-channel logout URI, so that a sign-out at your side ends the session here. Include the session (`sid`) if you are asked.',
        address: 'backchannel-logout',
      },
      { text: 'Allow these scopes.', values: [scopesValue(scopes)] },
      {
        text: 'Send these claims in the ID token or from userinfo. The last one lists groups, if you want to send them.',
        values: [{ name: 'Claims', value: `email email_verified name given_name family_name ${groupsClaim}` }],
      },
      { text: 'Assign the users or groups who may sign in.' },
    ],
    sendBack: [
      'Issuer, exactly as in `/.well-known/openid-configuration`',
      'Client ID',
      ...(clientKey === undefined ? [clientSecret] : []),
    ],
  }
}
