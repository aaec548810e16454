/** The brand, and the setup steps in the Microsoft Entra admin center. setup.md has the details. */
import type { Brand, Setup } from '../../src/provider/provider.ts'
import type { OidcConfig } from '../oidc/config.ts'
import { scopesValue } from '../oidc/setup.ts'

export const entraBrand: Brand = {
  name: 'Microsoft',
  logo: new URL('./logo.svg', import.meta.url),
  logoDark: new URL('./logo.svg', import.meta.url),
  callbackPlace: 'App registrations → your app → Authentication → Web → Redirect URIs',
  secretPlace: 'Entra ID → App registrations → your app → Certificates & secrets → Client secrets → New client secret',
  // https://learn.microsoft.com/entra/identity-platform/howto-add-branding-in-apps
  colors: {
    light: { fill: '#fff', border: '#8c8c8c', text: '#5e5e5e', hover: '#f3f3f3' },
    dark: { fill: '#2f2f2f', border: '#8c8c8c', text: '#fff', hover: '#3b3b3b' },
  },
}

export function entraSetup({ scopes }: OidcConfig): Setup {
  return {
    needs: 'a person with the role Application Developer or higher in the directory',
    names: { callback: 'Redirect URI' },
    steps: [
      {
        text: 'Open the **Microsoft Entra admin center → Entra ID → App registrations → New registration**.',
      },
      {
        text: '**Supported account types**: select **Single tenant only** for one directory, **Multiple Entra ID tenants** for many.',
      },
      { text: '**Redirect URI**: select the platform **Web** and enter this address exactly.', address: 'callback' },
      {
        text: '**Certificates & secrets → Client secrets → New client secret**: copy the **Value**, not the Secret ID. Note the day on which it expires.',
      },
      {
        text: '**Token configuration → Add optional claim → ID**: select `email` and `auth_time`. Allow the Microsoft Graph permissions if Entra asks.',
      },
      {
        text: '**Manifest**: add this to `optionalClaims.idToken`. It says whether the email address is verified.',
        values: [{ name: 'Optional claim', value: '{ "name": "xms_edov", "essential": false }' }],
      },
      {
        text: 'To send groups: **Token configuration → Add groups claim → Groups assigned to the application**. Assign the groups under **Enterprise applications → Users and groups**.',
      },
      { text: 'The application asks for these scopes.', values: [scopesValue(scopes)] },
    ],
    sendBack: [
      '**Application (client) ID**, on **Overview**',
      '**Directory (tenant) ID**, on **Overview**',
      'Client secret (the **Value**), with the day on which it expires',
    ],
  }
}
