import { password } from '../../../providers/password/password.ts'
import type { PasswordRecord } from '../../../src/provider/provider.ts'
import type { PromptFixture } from '../../contract/context.ts'
import { testContext } from '../../contract/context.ts'
import { providerContract } from '../../contract/provider.ts'

const email = 'ada@acme.test'
const right = { email, password: 'Blauwal 42 im Regen' }

providerContract('password', { challenge: 'ask', start })

async function start(): Promise<PromptFixture> {
  const { passwords } = password.open(password.config.parse({}), testContext())
  if (passwords === undefined) throw new Error('the password connection has no desk')
  const record: PasswordRecord = {
    subject: 'subject-ada',
    email,
    hash: await passwords.hash(right.password, { email }),
  }
  return {
    provider: password,
    config: {},
    typo: { key: 'minimumLength', value: 3 },
    person: { issuer: 'urn:gatehouse:password', subject: record.subject, email: { address: email, verified: true } },
    context: {
      passwords: {
        find: async (asked) => (asked === email ? record : null),
        rehash: async () => undefined,
        minimumLength: () => 15,
        isBreached: async () => false,
      },
    },
    right,
    wrong: { email, password: 'Blauwal 43 im Regen' },
    close: () => undefined,
  }
}
