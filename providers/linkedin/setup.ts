/** The brand, and what to do at LinkedIn Developers; setup.md explains it at length. */
import type { Brand, Setup } from '../../src/provider/provider.ts'

export const linkedinBrand: Brand = {
  name: 'LinkedIn',
  logo: new URL('./logo.svg', import.meta.url),
  logoDark: new URL('./logo.svg', import.meta.url),
  callbackPlace: 'My apps → your app → Auth → Authorized redirect URLs for your app',
  secretPlace: 'LinkedIn Developers → your app → Auth → Primary Client Secret',
}

export const linkedinScopes = ['openid', 'profile', 'email']

export const linkedinSetup: Setup = {
  needs: "an administrator of your organization's LinkedIn page",
  names: { callback: 'Authorized redirect URLs for your app' },
  steps: [
    { text: 'Open **LinkedIn Developers → Create app**. Enter a name, your LinkedIn page and a logo.' },
    { text: '**Settings → Verify**: an administrator of the LinkedIn page verifies the app.' },
    {
      text: '**Products → Sign In with LinkedIn using OpenID Connect → Request access**. LinkedIn grants it at once.',
    },
    {
      text: '**Auth → OAuth 2.0 scopes** must now list these scopes.',
      values: [{ name: 'Scopes', value: linkedinScopes.join(' ') }],
    },
    { text: '**Auth → Authorized redirect URLs for your app**: enter this address exactly.', address: 'callback' },
  ],
  sendBack: ['**Client ID**', '**Primary Client Secret**'],
}
