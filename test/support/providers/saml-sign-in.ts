/** Sign-ins with one set of keys, made once for each test file. */
import type { ResponseFacts } from '../../../providers/saml/emulator/response.ts'
import type { Login } from '../../../src/provider/provider.ts'
import { beginLogin, type Config, configOf, sharedKeys } from './saml-forge.ts'

export const keys = await sharedKeys()

export const ourPrivateKey = keys.ours.privateKey.export({ format: 'pem', type: 'pkcs8' })

/** The config of a connection that signs its requests and can decrypt. */
export const withKey = (changes: Config = {}): Config =>
  configOf(keys, { privateKey: ourPrivateKey, certificate: keys.ours.certificate, ...changes })

export async function signIn(
  write: (facts: ResponseFacts) => string,
  config: Config = configOf(keys),
  changes: Partial<ResponseFacts> = {},
): Promise<Login> {
  const login = await beginLogin(config)
  return login.finish(write(login.facts(changes)))
}
