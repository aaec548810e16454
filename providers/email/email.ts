/** Sign-in by an emailed code or link: it proves access to the mailbox. */
import { createHash } from 'node:crypto'
import { z } from 'zod'
import { GatehouseError } from '../../src/errors.ts'
import { domainOf } from '../../src/profile/profile.ts'
import {
  type Answer,
  type ConnectionContext,
  defineProvider,
  type Identity,
  type Login,
} from '../../src/provider/provider.ts'

export const emailIssuer = 'urn:gatehouse:email'

/** Email has no options: the deployment configures the mailer. */
const config = z.strictObject({})

export const email = defineProvider<z.output<typeof config>>({
  kind: 'email',
  provesEmails: true,
  brand: {
    name: 'Email',
    logo: new URL('./logo.svg', import.meta.url),
    logoDark: new URL('./logo-dark.svg', import.meta.url),
  },
  config,
  open: (_, context) => ({
    begin: async () => ({ step: 'ask', fields: ['email', 'code'], memo: {} }),
    complete: (answer) => complete(answer, context),
    health: async () => ({ status: 'up', checks: [] }),
    mailbox: { identify: identityOf },
    traits: { issuers: [emailIssuer] },
  }),
})

async function complete({ parameters, record }: Answer, { mailedCodes, now }: ConnectionContext): Promise<Login> {
  const [challenge, code, link] = ['challenge', 'code', 'link'].map((name) => parameters.getAll(name))
  const proof = code?.[0] === undefined ? { link: link?.[0] ?? '' } : { code: code[0] }
  if (challenge?.length !== 1 || (code?.length ?? 0) + (link?.length ?? 0) !== 1)
    throw new GatehouseError('callback_malformed', 'expected one challenge, and one code or one link')
  const address = await mailedCodes.find(challenge[0] ?? '', proof)
  record.check({ name: 'emailed code or link', ok: address !== null })
  if (address === null) throw new GatehouseError('code_invalid', 'wrong or expired code or link')
  // `email` is in no registry (RFC 8176); `otp` would look like a second factor to apps
  return { identity: identityOf(address), evidence: { amr: ['email'], authenticatedAt: now() } }
}

/**
 * The identity of a mailbox that the user has proven. The subject is a hash, so traces and logs
 * show no address. The mailbox itself was proven, so this kind is authoritative for its domain.
 */
function identityOf(address: string): Identity {
  const subject = createHash('sha256').update(address).digest('base64url')
  const profile = { email: { address, verified: true } }
  return { issuer: emailIssuer, subject, profile, authoritativeDomains: [domainOf(address)] }
}
