/** The brand, and what to do in the Okta Admin Console; setup.md explains it at length. */
import type { Brand, Setup } from '../../src/provider/provider.ts'
import type { OidcConfig } from '../oidc/config.ts'
import { clientSecret, scopesValue } from '../oidc/setup.ts'

export const oktaBrand: Brand = {
  name: 'Okta',
  logo: new URL('./logo.svg', import.meta.url),
  logoDark: new URL('./logo-dark.svg', import.meta.url),
  callbackPlace: 'Applications → your app → General → Sign-in redirect URIs',
  secretPlace: 'Admin Console → Applications → Applications → your app integration → General → Client Credentials',
}

export function oktaSetup({ scopes, groupsClaim }: OidcConfig): Setup {
  return {
    needs: 'an administrator of the Okta organization',
    names: {
      callback: 'Sign-in redirect URIs',
      'signed-out': 'Sign-out redirect URIs',
      initiate: 'Initiate login URI',
      'global-token-revocation': 'Logout endpoint URL',
    },
    steps: [
      {
        text: 'Open **Admin Console → Applications → Applications → Create App Integration**. Select **OIDC - OpenID Connect**, then **Web Application**.',
      },
      {
        text: '**Grant type**: select only **Authorization Code**. Leave **Refresh Token**, **Implicit** and **Client Credentials** off.',
      },
      {
        text: '**Sign-in redirect URIs**: enter this address exactly, without a wildcard and without a slash at the end.',
        address: 'callback',
      },
      { text: '**Sign-out redirect URIs**: enter this address.', address: 'signed-out' },
      { text: '**Assignments**: select the users or groups who may sign in. Okta refuses all others.' },
      {
        text: 'For a tile on the dashboard, open **General → Login**. Set **Login initiated by** to **Either Okta or App** and **Login flow** to **Redirect to app to initiate login**, then enter the **Initiate login URI**.',
        address: 'initiate',
      },
      {
        text: 'To let Okta end sessions, open **General → Logout → Okta system or admin initiates logout**. Enter the **Logout endpoint URL** and set **Subject format** to **Issuer and Subject Identifier**.',
        address: 'global-token-revocation',
      },
      {
        text: 'The application asks for these scopes. The authorization server must have them: **Security → API → Authorization Servers**.',
        values: [scopesValue(scopes)],
      },
      {
        text: 'To send groups from a custom authorization server, open **Security → API → your server → Claims → Add Claim**. Use this name, include it in **ID Token → Userinfo / id_token request**, and set the value type to **Groups**.',
        values: [{ name: 'Groups claim', value: groupsClaim }],
      },
    ],
    sendBack: [
      '**Issuer URI**: **Security → API → Authorization Servers**, or the address of your organization if it has no API Access Management',
      '**Client ID**',
      clientSecret,
    ],
  }
}
