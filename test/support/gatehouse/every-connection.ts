/** A connection of every kind with its emulated upstream. */
import { generateKeyPairSync } from 'node:crypto'
import { startAppleEmulator } from '../../../providers/apple/emulator.ts'
import { startEntraEmulator } from '../../../providers/entra/emulator.ts'
import { startGitHubEmulator } from '../../../providers/github/emulator.ts'
import { startGitLabEmulator } from '../../../providers/gitlab/emulator.ts'
import { startGoogleEmulator } from '../../../providers/google/emulator.ts'
import { startLinkedInEmulator } from '../../../providers/linkedin/emulator.ts'
import { startOktaEmulator } from '../../../providers/okta/emulator.ts'
import { startSamlEmulator } from '../../../providers/saml/emulator/emulator.ts'
import { publicOrigin } from './tenants.ts'

export interface EmulatedConnection {
  /** As in YAML. */
  readonly config: Readonly<Record<string, unknown>>
  close(): Promise<void>
}

const at = (kind: string, last = 'callback') => `${publicOrigin}/t/acme/${kind}/${last}`
const person = { sub: 'ada', name: 'Ada', email: 'ada@mail.test', email_verified: true }
const clientOf = (kind: string) => ({
  clientId: 'gatehouse',
  clientSecret: 'canary-client-secret',
  redirectUris: [at(kind)],
})
const credentials = { clientId: 'gatehouse', clientSecret: 'canary-client-secret' }

async function openId(kind: string): Promise<EmulatedConnection> {
  const { issuer, close } = await startOktaEmulator({ clients: [clientOf(kind)], people: [person] })
  return { config: { ...credentials, issuer }, close }
}

async function brand(kind: string, start: typeof startGoogleEmulator): Promise<EmulatedConnection> {
  const { endpoints, close } = await start({ clients: [clientOf(kind)], people: [person] })
  return { config: { ...credentials, endpoints }, close }
}

async function github(kind: string): Promise<EmulatedConnection> {
  const user = { id: 1, login: 'ada', name: 'Ada' }
  const emails = [{ email: person.email, primary: true, verified: true }]
  const people = [{ ...person, user, emails, organizations: [] }]
  const { url: baseUrl, apiUrl, close } = await startGitHubEmulator({ clients: [clientOf(kind)], people })
  return { config: { ...credentials, baseUrl, apiUrl }, close }
}

async function gitlab(kind: string): Promise<EmulatedConnection> {
  const { issuer, close } = await startGitLabEmulator({ clients: [clientOf(kind)], people: [person] })
  return { config: { ...credentials, issuer }, close }
}

async function entra(kind: string): Promise<EmulatedConnection> {
  const ids = { oid: '11111111-2222-4333-8444-555555555555', tid: '9122040d-6c67-4c5b-b112-36a304b66dad' }
  const clients = [clientOf(kind)]
  const people = [{ ...person, ...ids }]
  const { issuer, close } = await startEntraEmulator({ directory: 'organizations', clients, people })
  return { config: { ...credentials, issuer }, close }
}

async function apple(kind: string): Promise<EmulatedConnection> {
  const { privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' })
  const key = String(privateKey.export({ format: 'pem', type: 'pkcs8' }))
  const ids = { clientId: 'com.acme.signin', teamId: 'TEAM123456', keyId: 'KEY1234567' }
  const clients = [{ ...ids, key, redirectUris: [at(kind)] }]
  const { endpoints, close } = await startAppleEmulator({ clients, people: [person] })
  return { config: { ...ids, privateKey: key, endpoints }, close }
}

async function saml(kind: string): Promise<EmulatedConnection> {
  const { metadataUrl, close } = await startSamlEmulator({
    services: [{ entityId: at(kind, 'metadata'), acs: at(kind) }],
    people: [{ nameId: 'ada', attributes: { displayName: ['Ada'], email: ['ada@mail.test'] } }],
  })
  return { config: { metadataUrl }, close }
}

/** By kind. Each upstream has one user, Ada. */
export const startEmulated: Readonly<Record<string, (kind: string) => Promise<EmulatedConnection>>> = {
  okta: openId,
  oidc: openId,
  github,
  gitlab,
  entra,
  google: (kind) => brand(kind, startGoogleEmulator),
  linkedin: (kind) => brand(kind, startLinkedInEmulator),
  apple,
  epam: saml,
  saml,
}
