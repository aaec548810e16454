/** The brand, and what to do at GitHub; setup.md explains it at length. */
import type { Brand, Setup } from '../../src/provider/provider.ts'

export const githubBrand: Brand = {
  name: 'GitHub',
  logo: new URL('./logo.svg', import.meta.url),
  logoDark: new URL('./logo-dark.svg', import.meta.url),
  callbackPlace: 'Settings → Developer settings → OAuth Apps → your app → Authorization callback URL',
  secretPlace: 'Settings → Developer settings → OAuth Apps → your app → Generate a new client secret',
}

export const githubSetup: Setup = {
  needs: 'an owner of the GitHub organization',
  names: { callback: 'Authorization callback URL' },
  steps: [
    {
      text: 'Open the **Settings** of your organization **→ Developer settings → OAuth Apps → New OAuth App**.',
    },
    { text: 'Enter **Application name** and **Homepage URL**. Users see them when they authorize the app.' },
    {
      text: '**Authorization callback URL**: enter this address exactly. Leave **Enable Device Flow** off.',
      address: 'callback',
    },
    { text: 'Select **Register application**, then **Generate a new client secret**.' },
    {
      text: 'An organization that restricts OAuth apps must approve this one: **Settings → Third-party Access → OAuth app policy**.',
    },
  ],
  sendBack: ['**Client ID**', 'Client secret, which GitHub shows once'],
}
