import { email } from '../../../providers/email/email.ts'
import { providerContract } from '../../contract/provider.ts'

const address = 'ada@acme.test'
const right = { challenge: 'the-challenge', code: '482913' }

providerContract('email', {
  challenge: 'ask',
  start: async () => ({
    provider: email,
    config: {},
    person: {
      issuer: 'urn:gatehouse:email',
      subject: email.open({}, {} as never).mailbox?.identify(address).subject ?? '',
      email: { address, verified: true },
    },
    context: {
      mailedCodes: {
        find: async (challenge, proof) =>
          challenge === right.challenge && 'code' in proof && proof.code === right.code ? address : null,
      },
    },
    right,
    wrong: { ...right, code: '482914' },
    close: () => undefined,
  }),
})
