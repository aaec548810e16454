/** The world around Gatehouse, played on this machine: an Okta with three people in it, and a mailbox. */
import { startOktaEmulator } from '../providers/okta/emulator.ts'
import { startMailbox } from './mailbox.ts'

const gatehouse = process.env['GATEHOUSE_URL'] ?? 'http://localhost:4000'
const mailPort = Number(process.env['MAIL_PORT'] ?? 4011)

await startOktaEmulator({
  port: Number(process.env['OKTA_PORT'] ?? 4010),
  host: 'localhost',
  path: '/oauth2/default',
  clients: [
    {
      clientId: 'gatehouse-demo',
      clientSecret: process.env['OKTA_DEMO_SECRET'] ?? 'emulated',
      redirectUris: [`${gatehouse}/t/demo/okta/callback`],
      initiateLoginUri: `${gatehouse}/t/demo/okta/initiate`,
      postLogoutRedirectUris: [`${gatehouse}/t/demo/okta/signed-out`],
      globalTokenRevocationUri: `${gatehouse}/t/demo/okta/global-token-revocation`,
    },
  ],
  people: [
    {
      sub: 'ada',
      email: 'ada@okta.example',
      email_verified: true,
      name: 'Ada Lovelace',
      groups: ['Everyone', 'Analysts'],
    },
    { sub: 'grace', email: 'grace@okta.example', email_verified: false, name: 'Grace Hopper', groups: ['Everyone'] },
    { sub: 'alan', name: 'Alan Turing' },
  ],
})
startMailbox({ port: mailPort, directory: process.env['MAIL_DIRECTORY'] ?? 'var/mail' }) // last: who waits for it waits for both
for (const signal of ['SIGINT', 'SIGTERM']) process.once(signal, () => process.exit(0))
