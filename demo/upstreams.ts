/** Nine emulated upstreams with a few users each, and a mailbox. */
import { readFileSync } from 'node:fs'
import { startAppleEmulator } from '../providers/apple/emulator.ts'
import { startEntraEmulator } from '../providers/entra/emulator.ts'
import { startGitHubEmulator } from '../providers/github/emulator.ts'
import { startGitLabEmulator } from '../providers/gitlab/emulator.ts'
import { startGoogleEmulator } from '../providers/google/emulator.ts'
import { startLinkedInEmulator } from '../providers/linkedin/emulator.ts'
import { startOktaEmulator } from '../providers/okta/emulator.ts'
import { startSamlEmulator } from '../providers/saml/emulator/emulator.ts'
import { startMailbox } from './mailbox.ts'
import {
  applePeople,
  entraPeople,
  epamPeople,
  gitHubPeople,
  gitLabPeople,
  googlePeople,
  linkedInPeople,
  oktaPeople,
} from './people.ts'
import { keptKey } from './stored-key.ts'

const { env } = process
const gatehouse = env['GATEHOUSE_URL'] ?? 'http://localhost:4000'
const portOf = (name: string, usual: number) => Number(env[name] ?? usual)
/** Not localhost, so that cookies are cross-site, as in production. */
const elsewhere = '127.0.0.1'
const at = (connection: string, last: string) => `${gatehouse}/t/demo/${connection}/${last}`
const clientOf = (connection: string) => ({
  clientId: 'gatehouse-demo',
  name: 'Gatehouse',
  clientSecret: 'emulated',
  redirectUris: [at(connection, 'callback')],
  acceptsLocalUris: true,
})

await Promise.all([
  startOktaEmulator({
    port: portOf('OKTA_PORT', 4010),
    clients: [
      {
        ...clientOf('okta'),
        clientSecret: env['DEMO_OKTA_CLIENT_SECRET'] ?? 'emulated',
        initiateLoginUri: at('okta', 'initiate'),
        postLogoutRedirectUris: [at('okta', 'signed-out')],
        globalTokenRevocationUri: at('okta', 'global-token-revocation'),
      },
    ],
    people: oktaPeople,
  }),
  startGoogleEmulator({ port: portOf('GOOGLE_PORT', 4012), clients: [clientOf('google')], people: googlePeople }),
  startLinkedInEmulator({
    port: portOf('LINKEDIN_PORT', 4013),
    clients: [clientOf('linkedin')],
    people: linkedInPeople,
  }),
  startEntraEmulator({
    port: portOf('ENTRA_PORT', 4016),
    directory: 'organizations',
    clients: [clientOf('entra')],
    people: entraPeople,
  }),
  startGitHubEmulator({ port: portOf('GITHUB_PORT', 4017), clients: [clientOf('github')], people: gitHubPeople }),
  startGitLabEmulator({ port: portOf('GITLAB_PORT', 4018), clients: [clientOf('gitlab')], people: gitLabPeople }),
  startApple(),
  startEpam(),
])
// last: the quickstart waits for this one
startMailbox({ port: portOf('MAIL_PORT', 4011), directory: env['MAIL_DIRECTORY'] ?? 'var/mail' })
for (const signal of ['SIGINT', 'SIGTERM']) process.once(signal, () => process.exit(0))

/** The public half of the client key at the emulated Apple; the quickstart creates it. */
async function startApple(): Promise<void> {
  const keyFile = env['APPLE_DEMO_KEY_FILE']
  if (keyFile === undefined) return
  const key = readFileSync(keyFile, 'utf8')
  await startAppleEmulator({
    port: portOf('APPLE_PORT', 4014),
    host: elsewhere,
    clients: [{ ...clientOf('apple'), teamId: 'DEMOTEAM01', keyId: 'DEMOKEY001', key }],
    people: applePeople,
  })
}

async function startEpam(): Promise<void> {
  const keyFile = env['EPAM_DEMO_KEY_FILE']
  await startSamlEmulator({
    port: portOf('EPAM_PORT', 4015),
    host: elsewhere,
    name: 'EPAM SSO',
    services: [{ name: 'Gatehouse', entityId: at('epam', 'metadata'), acs: at('epam', 'callback') }],
    acceptsLocalUris: true,
    people: epamPeople,
    ...(keyFile !== undefined && { key: await keptKey(keyFile, 'EPAM SSO') }),
  })
}
