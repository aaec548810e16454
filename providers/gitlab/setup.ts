/** The brand, and what to do at GitLab; setup.md explains it at length. */
import type { Brand, Setup } from '../../src/provider/provider.ts'
import type { OidcConfig } from '../oidc/config.ts'
import { scopesValue } from '../oidc/setup.ts'

export const gitlabBrand: Brand = {
  name: 'GitLab',
  logo: new URL('./logo.svg', import.meta.url),
  logoDark: new URL('./logo.svg', import.meta.url),
  callbackPlace: 'Applications → your application → Redirect URI',
  secretPlace: 'Settings → Applications → your application → Renew secret',
}

export function gitlabSetup({ scopes }: OidcConfig): Setup {
  return {
    needs: 'a person who may register an application for a group or for the whole instance',
    names: { callback: 'Redirect URI' },
    steps: [
      {
        text: "For a group: open the group's **Settings → Applications → Add new application**. For the instance: **Admin → Applications → New application**.",
      },
      { text: '**Name**: users see it on the consent page of GitLab.' },
      { text: '**Redirect URI**: enter this address exactly.', address: 'callback' },
      { text: 'Leave **Confidential** selected.' },
      { text: '**Scopes**: select these.', values: [scopesValue(scopes)] },
      { text: 'Select **Save application**.' },
    ],
    sendBack: ['**Application ID**', '**Secret**, which GitLab shows once', 'Address of GitLab, if it is your own'],
  }
}
