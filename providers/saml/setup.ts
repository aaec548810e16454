/** Setup steps at a SAML 2.0 identity provider. */
import type { Setup } from '../../src/provider/provider.ts'
import type { SamlConfig } from './config.ts'
import { nameIdFormats } from './xml/names.ts'

const signed = {
  either: 'the assertion or the response',
  assertion: 'the assertion',
  response: 'the response',
  both: 'the assertion and the response',
} as const satisfies Readonly<Record<SamlConfig['signed'], string>>

export function samlSetup({ nameIdFormat = 'persistent', signed: which }: SamlConfig): Setup {
  return {
    needs: 'an administrator of the identity provider',
    names: {
      callback: 'ACS URL',
      'entity-id': 'Entity ID',
      metadata: 'Metadata URL',
      logout: 'Single logout URL',
    },
    steps: [
      {
        text: 'Create a SAML 2.0 application. Most identity providers import everything from our metadata: enter its URL.',
        address: 'metadata',
      },
      {
        text: 'Without an import, enter the **Entity ID**. Its other names are Identifier, Audience URI and SP issuer.',
        address: 'entity-id',
      },
      {
        text: 'Enter the **ACS URL**, with the binding HTTP-POST. Its other names are Reply URL, Single sign-on URL, Recipient and Destination.',
        address: 'callback',
      },
      { text: 'For single logout, enter the **Single logout URL**, also called SLO URL.', address: 'logout' },
      { text: 'Leave the **Relay state** empty.' },
      {
        text: '**Name ID format**: select one that never changes for a user.',
        values: [{ name: 'Name ID format', value: nameIdFormats[nameIdFormat] }],
      },
      { text: `**Signature**: sign ${signed[which]} with RSA or ECDSA and SHA-256, SHA-384 or SHA-512.` },
      {
        text: 'Send these attributes. Other usual names work too.',
        values: [{ name: 'Attributes', value: 'email displayName givenName sn groups' }],
      },
      { text: 'Assign the users or groups who may sign in.' },
    ],
    sendBack: ['URL of your metadata, or the metadata as a file'],
  }
}
