/** Options that brands of OAuth 2.0 share. */
import { z } from 'zod'
import { fillable, plainText, secretText } from '../../src/crypto/secret.ts'
import { isSafeUrl } from '../oidc/discovery.ts'

export const clientOptions = {
  clientId: plainText.describe('Client ID of the app. Required.'),
  clientSecret: secretText.describe(
    'Client secret that belongs to it, as an environment variable or file: reference. Required.',
  ),
}

/** A server to whose address paths are appended. */
export function serverAddress(sentence: string, address: string) {
  return fillable(z.string())
    .refine(
      (url) => isSafeUrl(url) && !/\?|\/$/.test(url),
      'must be an https URL (http only on localhost), without query, fragment and slash at the end',
    )
    .default(address)
    .describe(`${sentence} Default ${address}.`)
}
