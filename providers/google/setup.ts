/** The brand, and the setup steps in the Google Cloud console. setup.md has the details. */
import type { Brand, Setup } from '../../src/provider/provider.ts'

export const googleBrand: Brand = {
  name: 'Google',
  logo: new URL('./logo.svg', import.meta.url),
  logoDark: new URL('./logo.svg', import.meta.url),
  callbackPlace: 'Google Auth Platform → Clients → your client → Authorized redirect URIs',
  secretPlace: 'Google Auth Platform → Clients → your client → Client secrets',
  // https://developers.google.com/identity/branding-guidelines
  colors: {
    light: { fill: '#fff', border: '#747775', text: '#1f1f1f', hover: '#f2f5fa' },
    dark: { fill: '#131314', border: '#8e918f', text: '#e3e3e3', hover: '#26272a' },
  },
}

export const googleScopes = ['openid', 'email', 'profile']

export const googleSetup: Setup = {
  needs: 'a person who can administer a project in the Google Cloud console',
  names: { callback: 'Authorized redirect URIs' },
  steps: [
    { text: 'Open the **Google Cloud Console**, select or create a project, and open **Google Auth Platform**.' },
    { text: '**Branding**: enter the name of the app, a support email and your domains. Users see them.' },
    {
      text: '**Audience**: **Internal** allows only your Workspace, **External** every Google account. For an external app, select **Publish app**.',
    },
    {
      text: '**Data access**: add these scopes and no others.',
      values: [{ name: 'Scopes', value: googleScopes.join(' ') }],
    },
    { text: 'Open **Clients → Create client** and select **Web application**.' },
    {
      text: '**Authorized redirect URIs**: enter this address exactly, without a wildcard and without a slash at the end.',
      address: 'callback',
    },
  ],
  sendBack: ['**Client ID**', '**Client secret**, which Google shows once'],
}
