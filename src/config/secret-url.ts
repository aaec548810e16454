/** A URL that may hold a password, and is kept like one: no message quotes it. */
import { Secret, secretText } from '../secret.ts'

export class SecretUrl extends Secret {
  /** As `user:password@` or as `?password=`, which the clients of Redis and PostgreSQL read too. */
  get holdsPassword(): boolean {
    const { password, searchParams } = new URL(this.reveal())
    return password !== '' || [...searchParams.keys()].some((key) => /pass/i.test(key))
  }
}

export function secretUrl(...schemes: readonly string[]) {
  const isUrl = (secret: Secret) => {
    const text = secret.reveal()
    return URL.canParse(text) && schemes.includes(new URL(text).protocol.slice(0, -1)) && new URL(text).hostname !== ''
  }
  return secretText
    .refine(isUrl, `must be a URL that begins with ${schemes.map((scheme) => `${scheme}://`).join(' or ')}`)
    .transform((secret) => new SecretUrl(secret.reveal()))
}
