/** The brand, and what the team that runs EPAM SSO asks for. */
import type { Brand, Setup } from '../../src/provider/provider.ts'
import type { SamlConfig } from '../saml/config.ts'
import { nameIdFormats } from '../saml/xml/names.ts'

export const epamBrand: Brand = {
  name: 'EPAM SSO',
  logo: new URL('./logo.svg', import.meta.url),
  logoDark: new URL('./logo-dark.svg', import.meta.url),
}

export function epamSetup({ nameIdFormat = 'persistent' }: SamlConfig): Setup {
  return {
    needs: 'a member of the team that runs EPAM SSO',
    names: {
      callback: 'assertion consumer service',
      'entity-id': 'entity ID',
      metadata: 'metadata',
      logout: 'single logout URL',
    },
    steps: [
      { text: 'Register Gatehouse as a service provider by its metadata.', address: 'metadata' },
      { text: 'The entity ID is the same address.', address: 'entity-id' },
      { text: 'The assertion consumer service takes responses by HTTP-POST.', address: 'callback' },
      { text: 'Single logout takes messages by HTTP-Redirect.', address: 'logout' },
      {
        text: "Send the employee's permanent ID as the name ID, never the email address.",
        values: [{ name: 'Name ID format', value: nameIdFormats[nameIdFormat] }],
      },
      {
        text: 'Send these attributes.',
        values: [{ name: 'Attributes', value: 'email fullName firstName lastName memberOf' }],
      },
    ],
    sendBack: ['URL of the metadata of EPAM SSO'],
  }
}
